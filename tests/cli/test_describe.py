"""`jobgraph describe`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import one_line, run
from tests.small_source import BASE


def test_term_has_its_definition_and_its_columns() -> None:
    outcome = run("describe", "jg:importanceScore")
    assert outcome.code == 0
    assert all(text in outcome.out for text in ("skos:definition", "Comes from jtbd_outcomes.importance_score."))


def test_class_names_its_table() -> None:
    assert "Comes from jobs_to_be_done." in run("describe", "jg:Job").out


def test_unknown_term_is_a_slip() -> None:
    outcome = run("describe", "jg:Jobb")
    assert (outcome.code, "is no term of the ontology" in one_line(outcome)) == (2, True)


def test_entity_has_its_row_and_what_leads_to_it(built_home: Path) -> None:
    outcome = run("describe", f"<{BASE}outcome/outcome-a1>", "--home", built_home, "-t", "acme")
    assert outcome.code == 0
    assert all(text in outcome.out for text in ("OUTCOME-A1", f"{BASE}job/a1", "jg:hasOutcome"))
    assert "Row: table jtbd_outcomes, id outcome-a1, source " in outcome.out


def test_entity_of_another_tenant_is_not_there(built_home: Path) -> None:
    outcome = run("describe", f"{BASE}job/b1", "--home", built_home, "-t", "acme")
    assert (outcome.code, "is not in the graph of acme" in one_line(outcome)) == (2, True)


def test_text_that_is_no_iri_is_a_slip(built_home: Path) -> None:
    outcome = run("describe", "not an iri", "--home", built_home, "-t", "acme")
    assert (outcome.code, "is no IRI" in one_line(outcome)) == (2, True)


def test_long_description_says_that_it_is_cut(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobgraph.cli.describe._LIMIT", 3)
    outcome = run("describe", f"{BASE}outcome/outcome-a1", "--home", built_home, "-t", "acme")
    assert "Only the first 3 statements are shown" in outcome.out
