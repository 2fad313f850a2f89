"""`jobgraph validate` on a published graph, and `jobgraph repair`: what they print, and with which code they end."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from tests.commands import one_line, run
from tests.small_source import small_tables, write_tables

from jobgraph.store.generations import WORK

SHAPES = """
@prefix jg: <https://w3id.org/jobgraph/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:NameShape> a sh:NodeShape ; rdfs:label "short name" ; sh:targetClass jg:Job ; sh:property <urn:NameShape-label> .
<urn:NameShape-label> sh:path rdfs:label ; sh:maxLength 3 ; sh:severity sh:Warning ; sh:message "Shorten the name." .
"""
RESULT = "<http://www.w3.org/ns/shacl#ValidationResult>"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tenant acme has a score of 11 and a code in capitals, bolt nothing that is wrong."""
    folder, tables = tmp_path_factory.mktemp("published"), small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "11"
    tables["jobs_to_be_done"][0]["status"] = "ACTIVE"
    assert run("build", write_tables(folder / "source", tables), "--home", folder / "home").code == 0
    return folder / "home"


def validate(home: Path, *options: object, tenant: str = "acme") -> list[object]:
    return ["validate", "--home", home, "--tenant", tenant, *options]


def test_table_says_what_where_and_what_to_do(home: Path) -> None:
    outcome = run(*validate(home))
    assert (outcome.code, outcome.err) == (0, "")
    assert "outcome shape: importance_score" in outcome.out
    assert "'Minimize the time of a1', jtbd_outcomes outcome-a1 (row 1): 11" in outcome.out
    assert "'Do a1', jobs_to_be_done a1 (row 1): ACTIVE, should be active" in outcome.out
    assert "Results: violation 2" in outcome.out


def test_json_has_items_and_repairs(home: Path) -> None:
    answer = run(*validate(home, "--format", "json")).json
    assert (answer["conforms"], answer["counts"]["violation"]) == (False, 2)
    assert {"shape", "rules", "columns", "count", "message", "owners", "examples"} <= set(answer["items"][0])
    assert [repair["new_value"] for repair in answer["repairs"]] == ["active"]


def test_items_are_those_that_pages_show(home: Path) -> None:
    (kept,) = home.glob(f"tenants/acme/generations/*/{WORK}")
    assert run(*validate(home, "--format", "json")).json["items"] == json.loads(kept.read_bytes())["items"]


def test_csv_has_a_row_for_each_example(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(*validate(home, "--format", "csv")).out)))
    assert {(row["table"], row["key"], row["value"]) for row in rows} >= {("jtbd_outcomes", "outcome-a1", "11")}


def test_turtle_is_a_report_with_every_result(home: Path) -> None:
    answer = run(*validate(home, "--format", "json")).json
    triples = parse(run(*validate(home, "--format", "turtle")).out, RdfFormat.TURTLE)
    assert sum(str(quad.object) == RESULT for quad in triples) == sum(answer["counts"].values())


def test_engines_agree(home: Path) -> None:
    answers = [run(*validate(home, "--format", "json", "--engine", engine)).json for engine in ("compiled", "pyshacl")]
    assert answers[0]["counts"] == answers[1]["counts"]


@pytest.mark.parametrize(
    ("tenant", "fail_on", "code"),
    [("acme", "violation", 1), ("acme", "warning", 1), ("bolt", "violation", 0), ("bolt", "warning", 1)],
)
def test_fail_on_ends_with_1(home: Path, tmp_path: Path, tenant: str, fail_on: str, code: int) -> None:
    more = tmp_path / "more.ttl"
    more.write_text(SHAPES, encoding="utf-8")
    outcome = run(*validate(home, "--fail-on", fail_on, "--shapes", more, tenant=tenant))
    assert outcome.code == code
    assert "Shorten the name." in outcome.out


def test_strict_build_with_a_violation_across_the_graph_publishes_no_tenant(tmp_path: Path) -> None:
    tables = small_tables()
    tables["jtbd_outcomes"][0]["opportunity_score"] = "3.0"
    for row in tables["jtbd_outcomes"][1:]:
        row["opportunity_score"] = ""
    outcome = run("build", write_tables(tmp_path / "source", tables), "--home", tmp_path / "home", "--strict")
    assert (outcome.code, "nothing is published" in one_line(outcome)) == (1, True)
    assert not list(tmp_path.glob("home/tenants/*/generations/*"))


def test_build_says_how_many_results_of_each_severity(tmp_path: Path) -> None:
    tables = small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "11"
    report = run("build", write_tables(tmp_path / "source", tables), "--home", tmp_path / "home", "--json").json
    severities = {tenant["slug"]: tenant["severities"]["violation"] for tenant in report["tenants"]}
    assert severities == {"acme": 1, "bolt": 0}


def test_repair_writes_a_patch_and_leaves_the_source(home: Path, tmp_path: Path) -> None:
    patch = tmp_path / "patch.csv"
    before = {path: path.read_bytes() for path in (home.parent / "source").iterdir()}
    outcome = run("repair", "--home", home, "--tenant", "acme", "--dry-run", "--out", patch)
    assert (outcome.code, outcome.out) == (0, f"{patch}: 1 repairs.\n")
    (row,) = csv.DictReader(io.StringIO(patch.read_text(encoding="utf-8")))
    assert (row["table"], row["key"], row["column"], row["old_value"], row["new_value"]) == (
        "jobs_to_be_done", "a1", "status", "ACTIVE", "active",
    )  # fmt: skip
    assert {path: path.read_bytes() for path in (home.parent / "source").iterdir()} == before


def test_repair_without_dry_run_is_refused(home: Path) -> None:
    outcome = run("repair", "--home", home, "--tenant", "acme")
    assert (outcome.code, "--dry-run" in one_line(outcome)) == (2, True)


def test_applied_patch_leaves_nothing_to_repair(home: Path, tmp_path: Path) -> None:
    patch = csv.DictReader(io.StringIO(run("repair", "--home", home, "--tenant", "acme", "--dry-run").out))
    tables = small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "11"
    for change in patch:
        next(r for r in tables[change["table"]] if r["id"] == change["key"])[change["column"]] = change["new_value"]
    run("build", write_tables(tmp_path / "source", tables), "--home", tmp_path / "home")
    left = run("repair", "--home", tmp_path / "home", "--tenant", "acme", "--dry-run").out
    assert left == "table,key,column,old_value,new_value,rule,reason\n"
