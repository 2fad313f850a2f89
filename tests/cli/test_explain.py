"""`jobgraph explain`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import Outcome, one_line, run
from tests.small_source import BASE, MOMENT, job, outcome, tenant, write_tables


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two jobs of a tenant, one of which depends on the other, and two outcomes of one name."""
    folder = tmp_path_factory.mktemp("explain")
    tables = {
        "tenants": [tenant("acme")],
        "jobs_to_be_done": [job("a1", "acme"), job("a2", "acme")],
        "jtbd_outcomes": [outcome(key, "acme", "a1", outcome_statement="Minimize waste") for key in ("o1", "o2")],
        "jtbd_dependencies": [
            {
                "id": "d1",
                "tenant_id": "key-of-acme",
                "source_jtbd_id": "a1",
                "dependent_jtbd_id": "a2",
                "dependency_type": "prerequisite",
                "created_at": MOMENT,
            }
        ],
    }
    assert run("build", write_tables(folder / "source", tables), "--home", folder / "home", "--quiet").code == 0
    return folder / "home"


def explain(home: Path, *terms: str, options: tuple[str, ...] = ()) -> Outcome:
    return run("explain", *terms, "--home", home, *options)


@pytest.mark.parametrize(
    ("subject", "predicate", "obj"),
    [
        pytest.param(f"{BASE}job/a2", "jg:dependsOn", f"<{BASE}job/a1>", id="iris"),
        pytest.param("job/a2", "dependsOn", "job/a1", id="short_iris"),
        pytest.param("A2", "dependsOn", "A1", id="codes"),
        pytest.param("Do a2", "dependsOn", "Do a1", id="names"),
    ],
)
def test_rule_statements_and_rows_are_named(subject: str, predicate: str, obj: str, home: Path) -> None:
    outcome = explain(home, subject, predicate, obj)
    assert outcome.code == 0
    assert "rule 05_depends_on: The dependent job of a dependency" in outcome.out
    assert "job-dependency/d1 jg:hasSourceJob job/a1" in outcome.out
    assert "table jtbd_dependencies, id d1" in outcome.out


def test_value_is_explained_down_to_its_rows(home: Path) -> None:
    value = explain(home, "job/a1", "demand", "0.55", options=("--format", "json")).json
    (way,) = value["because"]
    scores = [p for p in way["premises"] if p["predicate"].endswith("computedOpportunityScore")]
    rows = {p["row"]["key"] for score in scores for p in score["because"][0]["premises"]}
    assert (way["rule"], rows) == ("31_demand", {"o1", "o2"})


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        pytest.param(("job/a1", "skos:notation", "A1"), "is stated by table jobs_to_be_done, id a1", id="stated"),
        pytest.param(("job/a1", "dependsOn", "job/a2"), "is not in the graph of acme", id="not_there"),
        pytest.param(("nobody", "dependsOn", "job/a2"), "No entity of acme has the IRI, code or name", id="unknown"),
        pytest.param(("job/a1", "demand", "0.7"), "has no demand '0.7'", id="other_value"),
        pytest.param(("Minimize waste", "demand", "1"), "2 entities of acme are called", id="ambiguous"),
        pytest.param(("job/a1", "no iri", "1"), "is no IRI", id="no_property"),
    ],
)
def test_what_cannot_be_explained_is_a_slip(terms: tuple[str, ...], problem: str, home: Path) -> None:
    outcome = explain(home, *terms)
    assert (outcome.code, problem in one_line(outcome)) == (2, True)


def test_unknown_format_is_a_slip(home: Path) -> None:
    outcome = explain(home, "A2", "dependsOn", "A1", options=("--format", "xml"))
    assert (outcome.code, "choose one of table, json" in one_line(outcome)) == (2, True)
