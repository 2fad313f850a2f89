"""`jobgraph build` and `mapping`: what they print, make and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import ask, finish, one_line, run, start
from tests.small_source import BASE, MOMENT, small_tables, write_tables

CODES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://acme.example/paused> a skos:Concept ;
    skos:inScheme <https://w3id.org/jobgraph/code/job-status> ;
    skos:notation "paused" ; skos:hiddenLabel "On hold" .
"""
STATUS = "SELECT ?status {{ <{base}job/a1> jg:hasStatus ?status }}"


def generations(home: Path, tenant: str) -> list[str]:
    return sorted(path.name for path in home.glob(f"tenants/{tenant}/generations/*"))


def test_says_what_was_built(source: Path, tmp_path: Path) -> None:
    outcome = run("build", source, "--home", tmp_path / "home")
    assert (outcome.code, outcome.err) == (0, "")
    assert "acme" in outcome.out
    assert "Rows: read 8, stated 8, quarantined 0, deleted 0" in outcome.out


def test_quarantine_ends_with_3(source: Path, tmp_path: Path) -> None:
    tables = small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "7,5"
    outcome = run("build", write_tables(source, tables), "--home", tmp_path / "home")
    assert (outcome.code, "1 entries are in quarantine" in outcome.out) == (3, True)


def test_quiet_prints_nothing(source: Path, tmp_path: Path) -> None:
    outcome = run("build", source, "--home", tmp_path / "home", "--quiet")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_json_has_tenants_and_coverage(source: Path, tmp_path: Path) -> None:
    report = run("build", source, "--home", tmp_path / "home", "--json").json
    assert [tenant["slug"] for tenant in report["tenants"]] == ["acme", "bolt"]
    assert {table["table"]: table["read"] for table in report["coverage"]["tables"]}["jobs_to_be_done"] == 3


def test_build_after_a_build_is_the_next_generation(source: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("build", source, "--home", tmp_path / "home").code == 0
    assert generations(tmp_path / "home", "acme") == ["000001", "000002"]


def test_old_generations_are_pruned(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_KEEP_GENERATIONS", "1")
    for _ in range(2):
        run("build", source, "--home", tmp_path / "home")
    assert generations(tmp_path / "home", "acme") == ["000002"]


def test_changes_are_built_once_there_is_a_record(source: Path, tmp_path: Path) -> None:
    outcomes = [run("build", source, "--home", tmp_path / "home", "--changes") for _ in range(2)]
    assert ["Everything was built" in outcome.out for outcome in outcomes] == [True, False]
    assert [outcome.code for outcome in outcomes] == [0, 0]


def test_trust_in_moments_without_changes_is_refused(source: Path, tmp_path: Path) -> None:
    outcome = run("build", source, "--home", tmp_path / "home", "--trust-updated")
    assert (outcome.code, "--changes" in one_line(outcome)) == (2, True)


def test_changes_at_an_endpoint_are_refused(source: Path, tmp_path: Path) -> None:
    store = "sparql+https://endpoint.example/store"
    outcome = run("build", source, "--home", tmp_path / "home", "--store", store, "--changes")
    assert (outcome.code, "--changes" in one_line(outcome)) == (2, True)


def test_tenant_option_builds_that_one_alone(source: Path, tmp_path: Path) -> None:
    assert run("build", source, "--home", tmp_path / "home", "--tenant", "bolt").code == 0
    assert [path.name for path in tmp_path.glob("home/tenants/*")] == ["bolt"]


def test_tenant_option_names_the_tenant_of_a_source_without_tenants(source: Path, tmp_path: Path) -> None:
    tables = small_tables()
    for name in ("jobs_to_be_done", "jtbd_outcomes"):
        tables[name] = [row for row in tables[name] if row["tenant_id"] == "key-of-acme"]
    source.joinpath("tenants.csv").unlink()
    tables.pop("tenants")
    write_tables(source, tables)
    assert run("build", source, "--home", tmp_path / "home", "--tenant", "only").code == 0
    assert ask(tmp_path / "home", "only", "SELECT (COUNT(*) AS ?n) { ?job a jg:Job }") == [["2"]]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        pytest.param("jtbd_outcomes", "importance_score", "7,5", id="quarantined_cell"),
        pytest.param("jtbd_outcomes", "importance_score", "11", id="wrong_value"),
        pytest.param("jobs_to_be_done", "tenant_id", "", id="row_without_tenant"),
    ],
)
def test_strict_publishes_nothing_with_a_flaw(
    source: Path, tmp_path: Path, table: str, column: str, value: str
) -> None:
    home = tmp_path / "home"
    assert run("build", source, "--home", home, "--strict").code == 0
    tables = small_tables()
    tables[table][0][column] = value
    outcome = run("build", write_tables(source, tables), "--home", home, "--strict")
    assert (outcome.code, outcome.out) == (1, "")
    assert "nothing is published" in one_line(outcome)
    assert generations(home, "acme") == generations(home, "bolt") == ["000001"]


def test_strict_looks_at_the_named_tenant_alone(source: Path, tmp_path: Path) -> None:
    tables = small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "7,5"
    write_tables(source, tables)
    codes = {t: run("build", source, "--home", tmp_path / t, "--strict", "-t", t).code for t in ("acme", "bolt")}
    assert codes == {"acme": 1, "bolt": 0}


@pytest.mark.parametrize(("options", "counts"), [([], (7, 1)), (["--include-deleted"], (8, 0))])
def test_soft_deleted_rows_are_stated_on_request(
    source: Path, tmp_path: Path, options: list[str], counts: tuple[int, int]
) -> None:
    tables = small_tables()
    del tables["jtbd_outcomes"][2]
    tables["jtbd_outcomes"].append({**tables["jtbd_outcomes"][0], "id": "outcome-more"})
    tables["jobs_to_be_done"][2]["deleted_at"] = MOMENT
    write_tables(source, tables)
    report = run("build", source, "--home", tmp_path / "home", "--json", *options).json
    tables_found = report["coverage"]["tables"]
    assert (sum(t["stated"] for t in tables_found), sum(t["deleted"] for t in tables_found)) == counts
    found = ask(tmp_path / "home", "bolt", f"SELECT ?when {{ <{BASE}job/b1> jg:deletedAt ?when }}")
    assert found == ([[MOMENT]] if options else [])


def test_links_to_soft_deleted_rows_hold_on_request(source: Path, tmp_path: Path) -> None:
    tables = small_tables()
    tables["jobs_to_be_done"][2]["deleted_at"] = MOMENT
    write_tables(source, tables)
    codes = [run("build", source, "--home", tmp_path / "home", *o).code for o in ([], ["--include-deleted"])]
    assert codes == [3, 0]


@pytest.mark.parametrize("spelling", ["paused", "On hold"])
def test_codes_of_the_tenant_are_known(source: Path, tmp_path: Path, spelling: str) -> None:
    home, codes = tmp_path / "home", tmp_path / "codes.ttl"
    codes.write_text(CODES, encoding="utf-8")
    tables = small_tables()
    tables["jobs_to_be_done"][0]["status"] = spelling
    write_tables(source, tables)
    question = STATUS.format(base=BASE)
    assert run("build", source, "--home", home, "--strict").code == 1
    assert run("build", source, "--home", home).code == 0
    assert ask(home, "acme", question) == [[spelling]]
    assert run("build", source, "--home", home, "--strict", "--codes", codes).code == 0
    assert ask(home, "acme", question) == [["https://acme.example/paused"]]


def test_builds_at_the_same_time_wait_for_each_other(source: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    outcomes = [finish(process) for process in [start("build", source, "--home", home) for _ in range(3)]]
    assert [outcome.code for outcome in outcomes] == [0, 0, 0], outcomes
    assert generations(home, "acme") == generations(home, "bolt") == ["000001", "000002", "000003"]
    assert not list(home.rglob(".*"))


def test_mapping_writes_quads_by_tenant(source: Path, tmp_path: Path) -> None:
    outcome = run("mapping", source, "--out", tmp_path / "quads")
    assert (outcome.code, "acme.nq" in outcome.out) == (0, True)
    assert sorted(path.name for path in tmp_path.glob("quads/*")) == ["_shared.nq", "acme.nq", "bolt.nq"]
    assert f"<{BASE}job/a1>" in (tmp_path / "quads" / "acme.nq").read_text(encoding="utf-8")


def test_mapping_quietly_prints_nothing(source: Path, tmp_path: Path) -> None:
    assert run("mapping", source, "--out", tmp_path / "quads", "--quiet").out == ""


@pytest.mark.parametrize(("with_source", "known"), [(False, True), (True, False)])
def test_r2rml_has_the_tables_of_the_source(source: Path, with_source: bool, known: bool) -> None:  # noqa: FBT001
    document = run("mapping", "--r2rml", *([source] if with_source else []))
    assert (document.code, "jobs_to_be_done" in document.out) == (0, True)
    assert ("persona_values" in document.out) is known


def test_mapping_needs_a_source_and_a_folder() -> None:
    outcome = run("mapping")
    assert (outcome.code, one_line(outcome)) == (2, "Name a source and --out FOLDER, or ask for --r2rml.")
