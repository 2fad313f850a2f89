"""A graph in Python: opened, asked, analysed, shown, and closed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.small_source import BASE, small_tables, write_tables

import jobgraph
from jobgraph.api import KnowledgeGraph, build, open_graph
from jobgraph.errors import RefusedError, UsageError
from jobgraph.store import Home

WREN = "Wren the Curious Liaison"
JOB = "PHARMA_MA_PUB_001"


@pytest.fixture
def small(tmp_path: Path) -> KnowledgeGraph:
    build(write_tables(tmp_path / "source", small_tables()), home=tmp_path / "home")
    return open_graph("acme", home=tmp_path / "home")


@pytest.fixture
def empty(tmp_path: Path) -> KnowledgeGraph:
    """A tenant without a single row."""
    Home(tmp_path).create_tenant("acme", base=BASE)
    return open_graph("acme", home=tmp_path)


def test_package_names_are_there() -> None:
    assert [name for name in jobgraph.__all__ if not hasattr(jobgraph, name)] == []
    assert set(jobgraph.__all__) <= set(dir(jobgraph))


def test_package_has_no_other_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'opn'"):
        jobgraph.opn  # noqa: B018


def test_values_are_bound_not_written_into_the_query(kg: KnowledgeGraph) -> None:
    text = "SELECT ?job ?name { ?job rdfs:label ?name }"
    assert kg.query(text, name='" } UNION { ?s ?p ?name').height == 0
    assert kg.query(text, job=kg.entity(JOB))["name"].to_list() == ["Publish study results in peer-reviewed journals"]


@pytest.mark.parametrize(
    ("text", "columns", "height"),
    [
        ("ASK { ?job a jg:Job }", {"answer": pl.Boolean}, 1),
        ("DESCRIBE jg:none", {"subject": pl.String, "predicate": pl.String, "object": pl.String}, 0),
    ],
)
def test_other_queries_are_tables_too(
    kg: KnowledgeGraph, text: str, columns: dict[str, pl.DataType], height: int
) -> None:
    table = kg.query(text)
    assert (dict(table.schema), table.height) == (columns, height)


def test_tables_go_to_pandas_and_arrow(kg: KnowledgeGraph) -> None:
    answer = kg.opportunities(limit=3)
    assert answer.to_pandas()["opportunity"].tolist() == answer.table["opportunity"].to_list()
    assert (answer.to_arrow().num_rows, kg.query("ASK {}").to_pandas().shape) == (3, (1, 1))


def test_question_takes_an_entity_or_its_name(kg: KnowledgeGraph) -> None:
    by_name, by_entity = (kg.ask("jobs_of_persona", persona=who) for who in (WREN, kg.persona(WREN)))
    assert by_name.table.equals(by_entity.table)
    assert by_name.table["inheritedRelevance"].dtype.is_decimal()


def test_every_question_is_listed_and_answered(kg: KnowledgeGraph) -> None:
    assert "jobs_of_persona" in kg.questions["question"].to_list()
    assert len(kg.questions) > 40


def test_analysis_takes_an_entity_and_levels(kg: KnowledgeGraph) -> None:
    by_entity, by_code = (kg.dependencies(of) for of in (kg.job(JOB), JOB))
    assert by_entity.table.equals(by_code.table)
    changed = kg.gaps(levels={"Insight Synthesis": "expert"})
    assert changed.table["change"].max() < 0  # type: ignore[operator]


def test_rows_behind_an_answer_are_named(kg: KnowledgeGraph) -> None:
    tables = {row.split()[0] for row in kg.opportunities().source_rows(0)}
    assert tables == {"jtbd_outcomes", "jobs_to_be_done"}


def test_source_of_scores_is_shown(kg: KnowledgeGraph) -> None:
    answer = kg.ask("highest_opportunities")
    assert "evidence" in answer.shown.columns
    assert {row.split()[0] for row in answer.source_rows(0)} <= {"jtbd_outcomes", "jobs_to_be_done"} != set()


def test_network_has_the_jobs_as_nodes(kg: KnowledgeGraph) -> None:
    assert set(kg.network("dependencies")) == {job.iri for job in kg.jobs}


def test_answer_is_shown_without_evidence_and_with_notes(kg: KnowledgeGraph) -> None:
    answer = kg.opportunities()
    html = answer._repr_html_()
    assert ("evidence</th>" in html, all(note.replace("'", "&#x27;")[:20] in html for note in answer.notes)) == (
        False,
        True,
    )


def test_graph_is_shown_with_tenant_counts_and_top(kg: KnowledgeGraph) -> None:
    html = kg._repr_html_()
    assert [part for part in ("northwind-bio", "000001", "outcomes", "15.8") if part not in html] == []


def test_completion_has_classes_and_methods(kg: KnowledgeGraph) -> None:
    assert {"personas", "persona", "jobs", "key_performance_indicators", "ask", "plot"} <= set(dir(kg))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        pytest.param(lambda kg: kg.ask("job_of_persona"), "There is no question .* did you mean", id="question"),
        pytest.param(lambda kg: kg.ask("jobs_of_persona"), "needs persona", id="no parameter"),
        pytest.param(lambda kg: kg.ask("jobs_of_persona", person=WREN), "no parameter person", id="parameter"),
        pytest.param(lambda kg: kg.ask("jobs_of_persona", persona="Ren"), "There is no jg:Persona 'Ren'", id="value"),
        pytest.param(lambda kg: kg.analyze("gap"), "There is no analysis 'gap'; did you mean", id="analysis"),
        pytest.param(lambda kg: kg.analyze("gaps", bye="x"), "There is no choice bye", id="choice"),
        pytest.param(lambda kg: kg.analyze("gaps", by="role"), "does not take (--)?by", id="choice of another"),
        pytest.param(lambda kg: kg.analyze("opportunities", margin="wide"), "margin 'wide' is no number", id="number"),
        pytest.param(lambda kg: kg.analyze("opportunities", margin=-1), "is negative", id="negative"),
        pytest.param(lambda kg: kg.opportunities(scheme="ulwic"), "did you mean ulwick", id="scheme"),
        pytest.param(lambda kg: kg.plot("landscap"), "did you mean landscape", id="plot"),
        pytest.param(lambda kg: kg.network("dependency"), "There is no network", id="network"),
        pytest.param(lambda kg: kg.persona("Nobody"), "There is no jg:Persona", id="entity"),
        pytest.param(lambda kg: kg.query("SELECT"), "does not parse", id="query"),
        pytest.param(lambda kg: kg.query("SELECT ?x { ?x a ?y }", y="z"), "SELECT must name .y", id="not selected"),
        pytest.param(lambda kg: kg.query("SELECT ?x {}", x=[1]), "is no value of a graph", id="list as value"),
        pytest.param(lambda kg: kg.query("SELECT ?x {}", x=Decimal("NaN")), "is no value", id="no number"),
        pytest.param(lambda kg: kg.at(7), "has no generation 7; choose one of 000001", id="generation"),
    ],
)
def test_bad_input_is_one_clear_error(kg: KnowledgeGraph, call: object, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        call(kg)  # type: ignore[operator]


def test_threads_may_ask_at_once(kg: KnowledgeGraph) -> None:
    text = "SELECT ?job ?name { ?job a jg:Job ; rdfs:label ?name } ORDER BY ?name"
    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(kg.query, [text] * 12))
    assert all(table.equals(kg.query(text)) for table in tables)


def test_unknown_attribute_has_near_names(kg: KnowledgeGraph) -> None:
    with pytest.raises(AttributeError, match="has no persones; did you mean persona"):
        kg.persones  # noqa: B018


def test_query_cannot_call_out(kg: KnowledgeGraph) -> None:
    with pytest.raises(RefusedError, match="SERVICE"):
        kg.query("SELECT * { SERVICE <http://example.org> { ?s ?p ?o } }")


def test_unknown_tenant_is_refused(sample_home: Path) -> None:
    with pytest.raises(UsageError, match="did you mean northwind-bio"):
        open_graph("northwind", home=sample_home)


def test_home_without_tenants_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="build or create one"):
        open_graph("acme", home=tmp_path)


def test_closed_graph_says_so(small: KnowledgeGraph) -> None:
    with small:
        assert len(small.jobs) == 2
    with pytest.raises(UsageError, match="is closed; open it again"):
        small.query("ASK {}")


def test_older_generation_stays_until_it_is_pruned(small: KnowledgeGraph, tmp_path: Path) -> None:
    tables = small_tables()
    tables["jobs_to_be_done"][0]["name"] = "Do a1 better"
    build(write_tables(tmp_path / "source", tables), home=tmp_path / "home")
    newer = open_graph("acme", home=tmp_path / "home")
    assert (small.job("A1").name, newer.job("A1").name, newer.at(1).job("A1").name) == (
        "Do a1",
        "Do a1 better",
        "Do a1",
    )
    small.close()
    Home(tmp_path / "home").tenant("acme").prune(1)
    with pytest.raises(UsageError, match="has no generation 1"):
        newer.at(1)


@pytest.mark.parametrize("name", ["opportunities", "gaps", "inheritance", "dependencies", "coverage"])
def test_analysis_of_an_empty_tenant_is_empty(empty: KnowledgeGraph, name: str) -> None:
    answer = getattr(empty, name)()
    assert [row for row in answer.shown.to_dicts() if row.get("done")] == []


@pytest.mark.parametrize("name", ["landscape", "ranking", "dependencies", "gaps", "inheritance", "coverage"])
def test_plot_of_an_empty_tenant_says_what_is_missing(empty: KnowledgeGraph, name: str) -> None:
    with pytest.raises(UsageError, match=r"^(No|Nothing|There is no) .*\.$"):
        empty.plot(name)


def test_empty_tenant_is_shown(empty: KnowledgeGraph) -> None:
    assert (empty.jobs, "0 entities" in empty._repr_html_()) == ([], True)
