"""The map of jobs agrees with networkx on any graph, and with SQL on the sample."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import cast

import duckdb
import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.graphs import Pairs, networkx_of, small_graphs

from jobgraph.analysis import Choices, Source, analyze
from jobgraph.analysis.job_map import JobMap
from jobgraph.analysis.map_answers import map_links, map_nodes
from jobgraph.analysis.map_focus import MOST, Focus
from jobgraph.analysis.views import DECIMAL, Views
from jobgraph.errors import UsageError

_TEXT = pl.String()
_TABLES: Mapping[str, Mapping[str, pl.DataType]] = {
    "jobs": dict.fromkeys(("iri", "code", "name", "function", "effort", "duration"), _TEXT),
    "job_dependencies": dict.fromkeys(("iri", "first", "next", "type", "strength"), _TEXT),
    "functions": dict.fromkeys(("iri", "code", "name"), _TEXT),
    "departments": dict.fromkeys(("iri", "code", "name"), _TEXT),
    "outcomes": {"job": _TEXT, "opportunity": DECIMAL},
    "role_jobs": {"role": _TEXT, "job": _TEXT},
    "roles": {"iri": _TEXT, "department": _TEXT},
}


def map_of(size: int, pairs: Pairs, functions: str = "") -> JobMap:
    """Jobs `n0`, `n1` and so on of the functions that a letter each names, `-` for none; each pair a dependency."""
    letters = [None if letter == "-" else letter for letter in functions.ljust(size, "-")[:size]]
    rows: dict[str, list[dict[str, object]]] = {
        "jobs": [
            {"iri": f"n{at}", "code": f"N{at}", "name": f"Node {at}", "function": letter}
            for at, letter in enumerate(letters)
        ],
        "job_dependencies": [
            {"iri": f"e{at}", "first": f"n{a}", "next": f"n{b}", "type": "related"} for at, (a, b) in enumerate(pairs)
        ],
        "functions": [
            {"iri": letter, "code": letter, "name": f"Function {letter}"}
            for letter in sorted(filter(None, set(letters)))
        ],
    }
    views = {name: pl.DataFrame(rows.get(name, []), schema=schema) for name, schema in _TABLES.items()}
    return JobMap(cast("Views", views))


def ids(found: JobMap, focus: Focus, kind: str = "") -> set[str]:
    table = map_nodes(found, focus).table
    return set(table.filter(pl.col("kind") == kind)["id"] if kind else table["id"])


def links(found: JobMap, focus: Focus, *columns: str) -> list[tuple[object, ...]]:
    return sorted(map_links(found, focus).table.select("first_id", "next_id", *columns).rows())


@given(small_graphs(), st.text("AB-", min_size=9, max_size=9))
def test_functions_stand_for_all_their_jobs_and_dependencies(graph: tuple[int, Pairs], functions: str) -> None:
    size, pairs = graph
    found = map_of(size, pairs, functions)
    nodes, edges = map_nodes(found, Focus()).table, map_links(found, Focus()).table
    assert nodes["jobs"].sum() == size
    assert edges["dependencies"].sum() == sum(functions[a] != functions[b] for a, b in pairs)
    known = [p for p in pairs if "-" not in (functions[p[0]], functions[p[1]])]
    assert edges["crosses_function"].sum() == sum(functions[a] != functions[b] for a, b in known)


@given(small_graphs(), st.integers(0, 8), st.sampled_from(["1", "2", "3", "all"]))
def test_around_a_job_stands_what_networkx_reaches(graph: tuple[int, Pairs], at: int, depth: str) -> None:
    size, pairs = graph
    job, found, oracle = at % size, map_of(*graph), networkx_of(size, pairs)
    cutoff = None if depth == "all" else int(depth)
    after = nx.single_source_shortest_path_length(oracle, job, cutoff=cutoff)
    before = nx.single_source_shortest_path_length(oracle.reverse(), job, cutoff=cutoff)
    focus = Focus(job=f"N{job}", depth=depth)
    table = map_nodes(found, focus).table
    near = {f"n{node}" for node in {*before, *after}}
    assert set(table["id"]) == near
    assert {
        int(i[1:]): s for i, s in table.select("id", "steps_after").rows() if s is not None
    }.items() >= after.items()
    shown = {(f"n{a}", f"n{b}") for a, b in pairs}
    assert {link[:2] for link in links(found, focus)} == {(a, b) for a, b in shown if a in near and b in near}


@given(small_graphs())
def test_cuts_on_the_map_leave_no_cycle(graph: tuple[int, Pairs]) -> None:
    found, focus = map_of(*graph), Focus(within="all")
    oracle = networkx_of(*graph)
    groups = list(nx.strongly_connected_components(oracle))
    inside = {(a, b) for a, b in oracle.edges if any({a, b} <= group for group in groups if len(group) > 1) or a == b}
    marked = links(found, focus, "in_cycles", "to_cut")
    assert {(int(str(a)[1:]), int(str(b)[1:])) for a, b, count, _ in marked if count} == inside
    oracle.remove_edges_from([(int(str(a)[1:]), int(str(b)[1:])) for a, b, _, cut in marked if cut])
    assert nx.is_directed_acyclic_graph(oracle)


@given(small_graphs(acyclic=True))
def test_chain_on_the_map_is_the_longest_path(graph: tuple[int, Pairs]) -> None:
    found = map_of(*graph)
    longest = nx.dag_longest_path_length(networkx_of(*graph))
    marked = links(found, Focus(within="all"), "on_chain")
    assert len({link[:2] for link in marked if link[2]}) == longest
    jobs = found.jobs.filter("on_chain")
    assert sorted(jobs["level"]) == list(range(longest + 1))


def test_function_opens_into_its_jobs_beside_what_they_have_to_do_with() -> None:
    found = map_of(7, [(0, 1), (1, 2), (3, 4), (2, 3)], "AABBCC")
    focus = Focus(within="Function A")
    assert ids(found, focus, "job") == {"n0", "n1"}
    assert ids(found, focus, "function") == {"B"}
    assert links(found, focus, "dependencies") == [("n0", "n1", 1), ("n1", "B", 1)]
    assert ids(found, Focus(within="none"), "rest") == {"none#rest"}  # a job alone, without a dependency


def test_map_shows_no_more_jobs_than_can_be_told_apart() -> None:
    size = MOST + 30
    pairs = [*pairwise(range(100)), *((0, other) for other in range(100, size - 1))]
    found = map_of(size, pairs, "A" * size)
    answer = map_nodes(found, Focus(within="A"))
    assert sorted(answer.table["kind"].value_counts().rows()) == [("job", MOST), ("rest", 1)]
    assert answer.table.filter(pl.col("kind") == "rest")["node"].item() == "30 more of Function A"
    assert answer.table["on_chain"].sum() == 100
    assert map_nodes(found, Focus(job="N0", depth="all")).notes[1] == "The nearest 120 of 149 jobs are shown."
    assert ids(found, Focus(job="N98", also=("N149", "n105"))) == {"n97", "n98", "n99", "n149", "n105", "n0"}


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize("within", [None, "all"])
def test_map_without_dependencies_says_so(size: int, within: str | None) -> None:
    answer = map_nodes(map_of(size, []), Focus(within=within))
    assert answer.table["jobs"].sum() == size
    assert "there are no dependencies" in answer.notes[-1]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        pytest.param(Choices(entity="Nobody"), "There is no job 'Nobody'", id="job"),
        pytest.param(Choices(within="Nobody"), "There is no function 'Nobody'", id="function"),
        pytest.param(Choices(depth="9"), "choose one of 1, 2, 3, all", id="depth"),
        pytest.param(Choices(by="cost"), "choose one of count, effort, duration", id="measure"),
        pytest.param(Choices(entity="PHARMA_MX_HTA_001", within="all"), "only one of both", id="both"),
        pytest.param(Choices(also="PHARMA_MX_HTA_001"), "name that one, too", id="also_without_job"),
    ],
)
@pytest.mark.parametrize("name", ["map", "map-links"])
def test_choices_that_do_not_fit_are_refused(sample: Source, name: str, choices: Choices, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        analyze(sample, name, choices)


def test_map_of_the_sample_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = """
        SELECT s.name, t.name, count(*) FROM jtbd_dependencies d
        JOIN jobs_to_be_done a ON a.id = source_jtbd_id JOIN jobs_to_be_done b ON b.id = dependent_jtbd_id
        JOIN org_functions s ON s.id = a.org_function_id JOIN org_functions t ON t.id = b.org_function_id
        WHERE s.id <> t.id GROUP BY ALL ORDER BY ALL
    """
    table = analyze(sample, "map-links", Choices()).table
    assert table.select("first", "next", "dependencies").rows() == tables.execute(text).fetchall()
    job = analyze(sample, "map", Choices(entity="PHARMA_MX_HTA_001")).table.filter(pl.col("steps_before") == 0)
    assert job.select("level", "held_up", "opportunity").row(0) == (7.0, 5, Decimal("14.9"))
