"""Answers about dependencies: what they show, say and prove."""

from __future__ import annotations

from decimal import Decimal

import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from tests.analysis.graphs import Pairs, graph_of, networkx_of, small_graphs

from jobgraph.analysis import dependencies
from jobgraph.analysis.graph import DependencyGraph
from jobgraph.analysis.views import DECIMAL
from jobgraph.errors import UsageError

DIAMOND: Pairs = [(0, 1), (0, 2), (1, 3), (2, 3)]
LOOP: Pairs = [(0, 1), (1, 2), (2, 1), (2, 3)]


def with_facts(graph: DependencyGraph) -> DependencyGraph:
    facts = graph.nodes.with_columns(
        pl.Series("opportunity", [Decimal(10), None, Decimal("12.5"), Decimal(8)][: graph.size], dtype=DECIMAL),
        pl.Series("function", ["f", "g", "f", None][: graph.size]),
        pl.Series("effort", [60, None, 600, 30][: graph.size], dtype=pl.Int64),
    )
    return DependencyGraph(facts, graph.edges)


def test_order_names_the_cycle_and_orders_the_rest() -> None:
    answer = dependencies.order(graph_of(4, LOOP))
    assert answer.table.select("node", "level", "cycle").rows() == [
        ("N0", 0, None),
        ("N1", 1, 1),
        ("N2", 1, 1),
        ("N3", 2, None),
    ]
    assert "2 wait for each other in 1 cycle, which no order can keep." in answer.notes
    assert "Cycle 1 (2 members): N1 -> N2 -> N1." in answer.notes


def test_graph_without_dependencies_says_so() -> None:
    for answer in (dependencies.order, dependencies.chain, dependencies.blast_radius, dependencies.bottlenecks):
        assert "there are no dependencies" in answer(graph_of(3, [])).notes[-1]
    assert dependencies.cycles(graph_of(3, [])).notes == ("There are no cycles.",)


def test_empty_graph_has_empty_answers() -> None:
    for answer in (dependencies.order, dependencies.chain, dependencies.blast_radius, dependencies.bottlenecks):
        assert answer(graph_of(0, [])).table.is_empty()


def test_waits_for_shows_the_path_and_its_evidence() -> None:
    answer = dependencies.waits_for(graph_of(4, DIAMOND), 3)
    assert answer.table.select("node", "steps", "path").rows() == [
        ("N1", 1, ["N3", "N1"]),
        ("N2", 1, ["N3", "N2"]),
        ("N0", 2, ["N3", "N1", "N0"]),
    ]
    assert sorted(answer.table["evidence"][2]) == ["e0", "e2", "n0", "n1", "n3"]
    assert answer.notes == ("N3 waits for 3 of 3 others.",)


def test_unlocks_adds_opportunities_up_and_counts_the_unscored() -> None:
    answer = dependencies.unlocks(with_facts(graph_of(4, DIAMOND)), 0, limit=1)
    assert (answer.table["node"].to_list(), answer.notes[0]) == (["N1"], "N0 is waited for by 3 of 3 others.")
    assert answer.notes[1] == "Their opportunities add up to 20.5; unscored: 1 of 3 (33 %)."


def test_waiting_for_itself_is_said() -> None:
    assert "It waits for itself: it is on a cycle with N2." in dependencies.unlocks(graph_of(4, LOOP), 1).notes


def test_chain_counts_what_is_missing() -> None:
    answer = dependencies.chain(with_facts(graph_of(4, [(0, 1), (1, 2)])), by="effort")
    assert answer.table.select("node", "effort").rows() == [("N0", Decimal(1)), ("N1", None), ("N2", Decimal(10))]
    assert answer.notes == (
        "The chain has 3 steps and takes 11 working hours.",
        "No effort is stated for 1 of 3 (33 %) of its steps; they count as 0.",
    )


@pytest.mark.parametrize("by", ["weight", "effort"])
def test_chain_refuses_an_unknown_measure(by: str) -> None:
    with pytest.raises(UsageError, match="choose one of count"):
        dependencies.chain(graph_of(1, []), by=by)


def test_blast_radius_adds_up_what_is_held_up() -> None:
    answer = dependencies.blast_radius(with_facts(graph_of(4, DIAMOND)), limit=2)
    assert answer.table.select("node", "held_up", "directly", "opportunity", "functions").rows() == [
        ("N0", 3, 2, Decimal("30.5"), 2),
        ("N1", 1, 1, Decimal(8), 1),
    ]
    assert sorted(answer.table["evidence"][0]) == ["e0", "e1", "n0"]


def test_cycles_show_what_to_cut() -> None:
    answer = dependencies.cycles(graph_of(4, LOOP))
    assert answer.shown.rows() == [(1, 2, ["N1", "N2"], ["N1 -> N2"])] or answer.shown.rows() == [
        (1, 2, ["N1", "N2"], ["N2 -> N1"])
    ]
    assert {"n1", "n2"} < set(answer.table["evidence"][0])


@given(small_graphs())
def test_blast_radius_is_that_of_networkx(case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case)
    table = dependencies.blast_radius(graph_of(*case), limit=None).table
    expected = {f"N{node}": (len(nx.descendants(other, node)), other.out_degree(node)) for node in other}
    assert {
        node: (all_, direct) for node, all_, direct in table.select("node", "held_up", "directly").rows()
    } == expected
    assert table["held_up"].is_sorted(descending=True)


@given(small_graphs())
def test_waits_for_is_all_ancestors(case: tuple[int, Pairs]) -> None:
    found = dependencies.waits_for(graph_of(*case), 0).table["node"].to_list()
    assert set(found) == {f"N{node}" for node in nx.ancestors(networkx_of(*case), 0)}
