"""`jobgraph ontology check`, `ontology docs` and `format`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Triple
from tests.commands import Outcome, one_line, run
from tests.small_source import small_tables, write_tables

import jobgraph.reasoning
from jobgraph.reasoning import Finding, OntologyReport
from jobgraph.vocabulary import JG, RDF, RDFS

CANONICAL = "<ex:a>\n    <ex:b> <ex:c> ;\n    .\n"


@pytest.fixture
def turtle(tmp_path: Path) -> Path:
    path = tmp_path / "terms.ttl"
    path.write_text("<ex:a> <ex:b>\n <ex:c> .", encoding="utf-8")
    return path


def check_with(monkeypatch: pytest.MonkeyPatch, *findings: Finding, options: tuple[str, ...] = ()) -> Outcome:
    """The command on a report that is made up: a real one takes seconds and has tests of its own."""
    report = OntologyReport(("labels_present",), {"reasoner": "There is no Java."}, findings)
    monkeypatch.setattr(jobgraph.reasoning, "check_ontology", lambda *_paths, **_data: report)
    return run("ontology", "check", *options)


def test_check_without_findings_ends_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = check_with(monkeypatch)
    assert (outcome.code, "found no problems" in outcome.out) == (0, True)


def test_check_with_findings_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = check_with(monkeypatch, Finding("labels_present", "ex:a", "There is no label."))
    assert (outcome.code, "<ex:a> There is no label." in outcome.out) == (1, True)


def test_check_is_json_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = check_with(monkeypatch, Finding("labels_present", "ex:a", "No."), options=("--json",))
    assert outcome.json["findings"] == [{"check": "labels_present", "term": "ex:a", "problem": "No."}]


def test_check_shows_the_reasoner_what_the_data_states(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Triple] = []

    def check_ontology(*_paths: Path, data: Iterable[Triple]) -> OntologyReport:
        seen.extend(data)
        return OntologyReport(("reasoner",), {}, ())

    monkeypatch.setattr(jobgraph.reasoning, "check_ontology", check_ontology)
    run("ontology", "check", "--data", write_tables(tmp_path, small_tables()))
    classes = {str(triple.object) for triple in seen if triple.predicate.value == f"{RDF}type"}
    assert {f"<{JG}Tenant>", f"<{JG}Job>"} <= classes


def test_check_shows_the_reasoner_what_a_file_holds(monkeypatch: pytest.MonkeyPatch, turtle: Path) -> None:
    seen: list[Triple] = []

    def check_ontology(*_paths: Path, data: Iterable[Triple]) -> OntologyReport:
        seen.extend(data)
        return OntologyReport(("reasoner",), {}, ())

    monkeypatch.setattr(jobgraph.reasoning, "check_ontology", check_ontology)
    run("ontology", "check", "--data", turtle)
    assert [str(triple) for triple in seen] == ["<ex:a> <ex:b> <ex:c>"]


def test_check_names_file_and_line_of_a_syntax_error(turtle: Path) -> None:
    turtle.write_text("<ex:a> <ex:b> <ex:c> .\n<ex:a> <ex:b> oops .\n", encoding="utf-8")
    outcome = run("ontology", "check", turtle)
    assert (outcome.code, one_line(outcome).startswith(f"{turtle}, line 2: ")) == (65, True)


def test_format_mends_a_file(turtle: Path) -> None:
    outcome = run("format", turtle)
    assert (outcome.code, outcome.out) == (0, f"changed {turtle}\n")
    assert turtle.read_text(encoding="utf-8") == CANONICAL


def test_format_check_changes_nothing_and_ends_with_1(turtle: Path) -> None:
    outcome = run("format", "--check", turtle)
    assert (outcome.code, outcome.out) == (1, f"would change {turtle}\n")
    assert turtle.read_text(encoding="utf-8") != CANONICAL


def test_format_of_a_canonical_file_is_silent(turtle: Path) -> None:
    turtle.write_text(CANONICAL, encoding="utf-8")
    outcome = run("format", "--check", turtle)
    assert (outcome.code, outcome.out) == (0, "")


def test_format_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    outcome = run("format", tmp_path / "none.ttl")
    assert (outcome.code, "none.ttl" in one_line(outcome)) == (65, True)


def test_docs_are_written_with_the_codes_of_a_tenant(tmp_path: Path) -> None:
    codes = tmp_path / "codes.ttl"
    concept = "a <http://www.w3.org/2004/02/skos/core#Concept>"
    codes.write_text(f'<https://t.example/c> {concept} ; <{RDFS}label> "zebra crossing"@en .', encoding="utf-8")
    outcome = run("ontology", "docs", "--out", tmp_path / "docs", "--codes", codes)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{tmp_path / 'docs' / 'index.html'} and ")
    assert "zebra crossing" in tmp_path.joinpath("docs", "a-z.html").read_text(encoding="utf-8")


def test_docs_do_not_replace_something_else(turtle: Path) -> None:
    outcome = run("ontology", "docs", "--out", turtle.parent)
    assert (outcome.code, "holds something else" in one_line(outcome)) == (2, True)
    assert turtle.exists()
