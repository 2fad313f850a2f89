"""What is answered over HTTP is what `jobgraph.open` and the files of a generation say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.server.live import ALPINE, NORTHWIND, Client, LiveServer
from tests.server.rest.tables_of import all_rows, as_csv, csv_of, get, page_of

from jobgraph.analysis import ANALYSES, EVIDENCE, to_plain
from jobgraph.api import KnowledgeGraph, open_graph
from jobgraph.pipeline.review import read_results
from jobgraph.questions import Question, read_questions
from jobgraph.server.views.reports import path_text
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

QUESTIONS = list(read_questions(Vocabulary()).values())
_NEEDED: Mapping[str, Mapping[str, Any]] = {
    "waits-for": {"entity": "PHARMA_MX_HTA_001"},
    "unlocks": {"entity": "PHARMA_MA_EVD_001"},
    "what-if": {"levels": {"Data Product Governance": "advanced"}},
}


@pytest.fixture(scope="module")
def kg(live: LiveServer) -> Iterator[KnowledgeGraph]:
    with open_graph(NORTHWIND, home=live.home) as found:
        yield found


def target_of(question: Question) -> str:
    values = {name: text for name, text in question.examples.items() if name != "limit"}
    return f"/questions/{question.name}?{urlencode({**values, 'limit': 1000})}"


def plain(cell: object) -> object:
    """A cell of a table as text, numbers without zeros at the end."""
    if isinstance(cell, dict):
        return cell.get("iri", cell)
    if isinstance(cell, list):
        return [plain(item) for item in cell]
    if isinstance(cell, bool) or cell is None:
        return cell
    return to_plain(Decimal(str(cell))) if isinstance(cell, int | float | Decimal) else str(cell)


@pytest.mark.parametrize("question", [pytest.param(question, id=question.name) for question in QUESTIONS])
def test_a_question_has_the_answer_of_the_library(reader: Client, kg: KnowledgeGraph, question: Question) -> None:
    page = page_of(reader, target_of(question))
    limit = {"limit": 1000} if question.limit else {}
    expected = kg.ask(question.name, **{**question.examples, **limit})
    assert page["columns"] == expected.table.columns
    assert set(question.notes) <= set(page["notes"])
    shown = [[plain(cell) for cell in row.values()] for row in page["rows"]]
    assert shown == [
        [same_kind(cell, mine) for cell, mine in zip(row, of_page, strict=True)]
        for row, of_page in zip(expected.table.iter_rows(), shown, strict=True)
    ]


def same_kind(cell: object, mine: object) -> object:
    """A cell of polars as the graph writes it; for a moment the text of the page where that is the same moment."""
    if isinstance(cell, datetime):
        return mine if datetime.fromisoformat(str(mine)) == cell else cell
    return plain(cell)


@pytest.mark.parametrize("question", [pytest.param(question, id=question.name) for question in QUESTIONS])
def test_csv_and_sparql_results_have_the_same_rows(reader: Client, question: Question) -> None:
    target = target_of(question)
    page = page_of(reader, target)
    assert csv_of(reader, target) == [page["columns"], *([as_csv(c) for c in row.values()] for row in page["rows"])]
    results = get(reader, target, "application/sparql-results+json").json
    assert results["head"]["vars"] == page["columns"]
    bound = [{name for name, cell in row.items() if cell is not None} for row in page["rows"]]
    assert [set(binding) for binding in results["results"]["bindings"]] == bound


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_has_the_answer_and_the_evidence_of_the_library(
    reader: Client, kg: KnowledgeGraph, name: str
) -> None:
    choices = dict(_NEEDED.get(name, {}))
    fields = {f"levels[{key}]": level for key, level in choices.get("levels", {}).items()} or choices
    page = page_of(reader, f"/analysis/{name}?{urlencode({**fields, 'limit': 1000})}")
    expected = kg.analyze(name, **choices, limit=1001)
    assert page["units"] == expected.units
    assert page["columns"] == expected.table.columns
    shown = [[plain(cell) for key, cell in row.items() if key != EVIDENCE] for row in page["rows"]]
    assert shown == [[plain(cell) for cell in row] for row in expected.shown.iter_rows()]
    sources = [sorted({f"{e['table']} {e['key']}" for e in row[EVIDENCE] if "table" in e}) for row in page["rows"]]
    assert sources == [expected.source_rows(index) for index in range(len(expected))]


def test_validation_has_the_results_of_the_library(reader: Client, kg: KnowledgeGraph) -> None:
    rows = [[as_csv(cell) for cell in row.values()] for row in all_rows(reader, "/validation?limit=7")]
    expected = kg.findings()
    assert sorted([*row[:2], *row[3:]] for row in rows) == sorted(
        [cell or "" for cell in (*row[:2], *row[3:])] for row in expected.iter_rows()
    )
    page = page_of(reader, "/validation")
    assert sum(page["counts"].values()) == sum(kind["count"] for kind in page["kinds"]) == expected.height
    assert page["conforms"] is False


def test_validation_names_the_path_of_each_result(reader: Client, live: LiveServer) -> None:
    current = Home(live.home).tenant(NORTHWIND).current()
    assert current
    paths = Counter(path_text(result.path) if result.path else None for result in read_results(current))
    assert Counter(row["path"] for row in all_rows(reader, "/validation")) == paths


def test_validation_is_filtered_by_each_kind(reader: Client) -> None:
    kinds = page_of(reader, "/validation")["kinds"]
    for kind in kinds:
        fields = urlencode({name: kind[name] for name in ("severity", "shape", "component")})
        assert page_of(reader, f"/validation?{fields}")["total"] == kind["count"]


def test_validation_as_turtle_is_the_report(reader: Client, live: LiveServer) -> None:
    current = Home(live.home).tenant(NORTHWIND).current()
    assert current
    assert get(reader, "/validation", "text/turtle").body == (current.path / "report.ttl").read_bytes()


@pytest.mark.parametrize(("tenant", "other"), [(NORTHWIND, ALPINE), (ALPINE, NORTHWIND)])
def test_coverage_has_the_figures_of_one_tenant(live: LiveServer, tenant: str, other: str) -> None:
    own, foreign = (Home(live.home).tenant(slug).current() for slug in (tenant, other))
    assert own
    assert foreign
    rows = all_rows(live.client(tenant), "/coverage?limit=50")
    stated = {row["table"]: row["stated"] for row in rows if row["stated"]}
    assert stated == own.manifest["rows"] != foreign.manifest["rows"]
    assert {row["table"] for row in rows} == set(Vocabulary().tables)


def test_coverage_of_a_table_has_the_states_of_the_build(reader: Client, live: LiveServer) -> None:
    built = json.loads((live.home / "build.json").read_text(encoding="utf-8"))["coverage"]["columns"]["personas"]
    rows = all_rows(reader, "/coverage/personas?limit=20")
    waived = {row["column"]: f"waived: {row['reason']}" for row in rows if row["state"] == "waived"}
    assert {row["column"]: waived.get(row["column"], row["state"]) for row in rows} == built


def test_generations_are_those_of_the_tenant(reader: Client, live: LiveServer) -> None:
    folder = Home(live.home).tenant(NORTHWIND)
    page = page_of(reader, "/generations")
    assert [row["name"] for row in page["rows"]] == [each.name for each in folder.generations()[::-1]]
    current = next(row for row in page["rows"] if row["isCurrent"])
    assert page["current"] == current["name"]
    assert page_of(reader, f"/generations/{current['number']}") == current


def test_quarantine_of_a_clean_build_is_empty(reader: Client, kg: KnowledgeGraph) -> None:
    assert page_of(reader, "/quarantine")["total"] == kg.quarantined().height == 0


def test_lists_name_all_questions_and_analyses(reader: Client) -> None:
    assert [row["name"] for row in all_rows(reader, "/questions")] == [question.name for question in QUESTIONS]
    assert [row["name"] for row in all_rows(reader, "/analysis")] == list(ANALYSES)
