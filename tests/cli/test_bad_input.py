"""Broken input: the exit code, the one line that says so, and what is kept all the same."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from pyoxigraph import RdfFormat, parse
from tests.commands import Outcome, ask, one_line, run
from tests.mounts import read_only
from tests.postgres_server import PostgresServer, free_port
from tests.small_source import BASE, MOMENT, Tables, small_tables, write_tables

from jobgraph.cli.output import visible

NAMES = "SELECT ?name { ?job a jg:Job ; rdfs:label ?name } ORDER BY ?name"
LONG = 10_000_000
ODD_KEYS = [
    "a b",
    "a%20b",
    'say "a"',
    "<a>",
    "100%",
    "ä/ö",
    "日本",
    "a'b",
    "a\\b",
    "a\nb",
    ".",
    "..",
    "a/b",
    "a#b?c",
    "\x7f",
]
# Keys that would meet in one IRI if they were not encoded, or if a class were not a step of its own.
COLLIDING_KEYS = ["x", "../outcome/x", "..%2Foutcome%2Fx", "outcome/x", "%2e%2e", "..", "x/", "x%2F"]


def build(source: object, home: Path, *options: object) -> Outcome:
    return run("build", source, "--home", home, *options)


def quarantined(home: Path) -> set[tuple[str, str | None, str | None, str | None, str]]:
    rows = run("quarantine", "--home", home, "--format", "json").json
    return {(row["table"], row["key"], row["column"], row["value"], row["rule"]) for row in rows}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def tables() -> Tables:
    return small_tables()


def empty_folder(source: Path) -> Path:
    folder = source / "empty"
    folder.mkdir()
    return folder


def folder_without_known_tables(source: Path) -> Path:
    return write_tables(source / "other", {"invoices": [{"id": "1"}]})


def file_for_a_folder(source: Path) -> Path:
    return source / "tenants.csv"


def missing_folder(source: Path) -> Path:
    return source / "none"


def folder_for_a_file(source: Path) -> Path:
    (source / "capabilities.csv").mkdir()
    return source


def tenants_without_short_names(source: Path) -> Path:
    return write_tables(source, {"tenants": [{"id": "1", "name": "Acme"}]})


def no_tenant(source: Path) -> Path:
    return write_tables(source, {"tenants": [{"id": "1", "slug": "Not A Slug"}]})


def same_name_twice(source: Path) -> Path:
    (source / "jobs_to_be_done.csv").write_text("id,name,NAME\n1,a,b\n", encoding="utf-8")
    return source


def two_files_of_a_table(source: Path) -> Path:
    (source / "tenants.jsonl").write_text('{"id": "1"}\n', encoding="utf-8")
    return source


def broken_parquet(source: Path) -> Path:
    path = source / "capabilities.parquet"
    duckdb.execute(f"COPY (SELECT i::VARCHAR AS id, repeat('x', 100) AS name FROM range(5000) t(i)) TO '{path}'")
    content = bytearray(path.read_bytes())
    content[50:400] = b"\xff" * 350
    path.write_bytes(content)
    return source


def cut_parquet(source: Path) -> Path:
    (source / "capabilities.parquet").write_bytes(b"PAR1 and no more")
    return source


def cut_gzip(source: Path) -> Path:
    packed = gzip.compress(b"id,name\n" + b"1,a\n" * 10_000)
    (source / "capabilities.csv.gz").write_bytes(packed[: len(packed) // 2])
    return source


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (empty_folder, r"empty is empty; put one file per table there"),
        (folder_without_known_tables, r"No table in .*other is known; files are named after tables such as"),
        (file_for_a_folder, r"tenants\.csv is a file; name the folder that it is in"),
        (missing_folder, r"none does not exist; name a folder"),
        (folder_for_a_file, r"capabilities\.csv is a folder; give the table as one file"),
        (tenants_without_short_names, r"tenants in .* lacks the column slug; add it"),
        (no_tenant, r"no tenant that can be built"),
        (same_name_twice, r"jobs_to_be_done\.csv: two columns are named 'name' and 'NAME'; rename or remove one"),
        (two_files_of_a_table, r"tenants\.csv and tenants\.jsonl are both for the table tenants; remove one"),
        (broken_parquet, r"capabilities\.parquet cannot be read as Parquet: "),
        (cut_parquet, r"capabilities\.parquet cannot be read as Parquet: "),
        (cut_gzip, r"capabilities\.csv\.gz is not a complete gzip file"),
    ],
)
def test_unreadable_source_ends_with_65(source: Path, home: Path, spoil: Callable[[Path], Path], words: str) -> None:
    outcome = build(spoil(source), home)
    assert (outcome.code, outcome.out) == (65, "")
    assert re.search(words, one_line(outcome))
    assert not list(home.rglob("*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tenant", "nobody"], "The source has no tenant 'nobody'; choose one of acme, bolt."),
        (["--tenant", "No Body"], "choose one of acme, bolt."),
    ],
)
def test_unknown_tenant_ends_with_2(source: Path, home: Path, options: list[str], words: str) -> None:
    outcome = build(source, home, *options)
    assert (outcome.code, words in one_line(outcome)) == (2, True)
    assert not list(home.rglob("*"))


def test_source_without_tenants_wants_a_name(source: Path, home: Path) -> None:
    (source / "tenants.csv").unlink()
    outcome = build(source, home)
    assert (outcome.code, "name the only tenant with --tenant SLUG" in one_line(outcome)) == (2, True)


def test_wrong_header_leaves_rows_without_keys(source: Path, home: Path) -> None:
    (source / "jobs_to_be_done.csv").write_text("identifier,label\n1,a\n", encoding="utf-8")
    outcome = build(source, home)
    assert (outcome.code, "Unknown columns, left out: jobs_to_be_done.identifier" in outcome.out) == (3, True)
    assert ("jobs_to_be_done", None, "id", None, "missing-key") in quarantined(home)


@pytest.mark.parametrize("change", [lambda text: b"\xef\xbb\xbf" + text, lambda text: text.replace(b"\n", b"\r\n")])
def test_mark_and_line_ends_make_no_difference(source: Path, home: Path, change: Callable[[bytes], bytes]) -> None:
    for path in source.iterdir():
        path.write_bytes(change(path.read_bytes()))
    assert build(source, home, "--strict").code == 0
    assert ask(home, "acme", NAMES) == [["Do a1"], ["Do a2"]]


@pytest.mark.parametrize(
    ("cell", "column", "value", "rule"),
    [
        pytest.param(b"Do \0 a1", "name", "Do \\x00 a1", "nul-character", id="nul"),
        pytest.param("Façade".encode("latin-1"), "name", "Fa\\xe7ade", "invalid-utf8", id="latin_1"),
        pytest.param(b'"Do,a1",1,2,3', None, '["1", "2", "3"]', "extra-cells", id="three_columns_too_many"),
    ],
)
def test_row_with_a_broken_cell_is_kept(
    source: Path, home: Path, cell: bytes, column: str | None, value: str, rule: str
) -> None:
    header, first, *others = (source / "jobs_to_be_done.csv").read_bytes().splitlines(keepends=True)
    names = header.decode().strip().split(",")
    cells = first.rstrip(b"\n").split(b",")
    if rule == "extra-cells":
        cells += [b"1", b"2", b"3"]
    else:
        cells[names.index("name")] = cell
    (source / "jobs_to_be_done.csv").write_bytes(b"".join([header, b",".join(cells) + b"\n", *others]))
    assert build(source, home).code == 3
    assert quarantined(home) == {("jobs_to_be_done", "a1", column, value, rule)}
    assert ask(home, "acme", f"SELECT ?code {{ <{BASE}job/a1> skos:notation ?code }}") == [["A1"]]


def test_long_cell_is_kept_whole(source: Path, home: Path, tables: Tables) -> None:
    tables["jobs_to_be_done"][0]["description"] = "Ä" * LONG
    for row in tables["jobs_to_be_done"][1:]:
        row["description"] = ""
    assert build(write_tables(source, tables), home, "--strict").code == 0
    question = f"SELECT (STRLEN(?text) AS ?n) {{ <{BASE}job/a1> jg:description|dcterms:description ?text }}"
    assert ask(home, "acme", question) == [[str(LONG)]]


def test_odd_keys_lead_back_to_their_rows(source: Path, home: Path, tables: Tables) -> None:
    jobs = tables["jobs_to_be_done"]
    odd = ({**jobs[0], "id": key, "code": f"ODD_{n}", "name": f"Do {n}"} for n, key in enumerate(ODD_KEYS))
    tables["jobs_to_be_done"] = [*jobs, *odd]
    assert build(write_tables(source, tables), home, "--strict").code == 0
    for number, key in enumerate(ODD_KEYS):
        ((iri,),) = ask(home, "acme", f"SELECT ?job {{ ?job a jg:Job ; rdfs:label 'Do {number}' }}")
        assert re.fullmatch(rf"{re.escape(BASE)}job/[A-Za-z0-9%._~-]+", iri)
        outcome = run("describe", iri, "--home", home, "-t", "acme")
        assert (outcome.code, f"Row: table jobs_to_be_done, id {visible(key)}, source" in outcome.out) == (0, True)


def test_no_two_rows_share_an_iri(source: Path, home: Path, tables: Tables) -> None:
    job, outcome = tables["jobs_to_be_done"][0], tables["jtbd_outcomes"][0]
    keys = list(enumerate(COLLIDING_KEYS))
    tables["jobs_to_be_done"] = [{**job, "id": key, "code": f"JOB_{n}"} for n, key in keys]
    tables["jtbd_outcomes"] = [{**outcome, "id": key, "jtbd_id": "x", "outcome_id": f"OUT-{n}"} for n, key in keys]
    assert build(write_tables(source, tables), home, "--strict").code == 0
    question = "SELECT ?kind (COUNT(DISTINCT ?row) AS ?n) {{ ?row a ?kind VALUES ?kind {{ {kind} }} }} GROUP BY ?kind"
    for kind in ("jg:Job", "jg:Outcome"):
        ((_, count),) = ask(home, "acme", question.format(kind=kind))
        assert int(count) == len(COLLIDING_KEYS)
    assert ask(home, "acme", "SELECT ?row { ?row a jg:Job, jg:Outcome }") == []


def test_wrong_score_is_stated_and_reported(source: Path, home: Path, tables: Tables) -> None:
    tables["jtbd_outcomes"][0]["importance_score"] = "11"
    assert build(write_tables(source, tables), home).code == 0
    iri = f"{BASE}outcome/outcome-a1"
    assert ask(home, "acme", f"SELECT ?score {{ <{iri}> jg:importanceScore ?score }}") == [["11"]]
    (report,) = home.glob("tenants/acme/generations/*/report.ttl")
    facts = {
        (quad.predicate.value.rpartition("#")[2], str(quad.object))
        for quad in parse(path=str(report), format=RdfFormat.TURTLE)
    }
    assert ("focusNode", f"<{iri}>") in facts
    assert ("sourceConstraintComponent", "<http://www.w3.org/ns/shacl#MaxInclusiveConstraintComponent>") in facts


def test_wrong_value_of_a_shared_row_is_reported_to_each_tenant(source: Path, home: Path, tables: Tables) -> None:
    industry = {"id": "i1", "name": "Pharma", "slug": "", "created_at": MOMENT, "updated_at": MOMENT}
    write_tables(source, {**tables, "industries": [industry]})
    report = build(source, home, "--json").json
    violations = {tenant["slug"]: tenant["severities"]["violation"] for tenant in report["tenants"]}
    assert violations == {"acme": 1, "bolt": 1}
    assert "industry/i1" in next(home.glob("tenants/bolt/generations/*/report.ttl")).read_text(encoding="utf-8")


def test_bad_cell_of_a_shared_row_is_in_quarantine(source: Path, home: Path, tables: Tables) -> None:
    industry = {"id": "i1", "name": "Pharma", "slug": "pharma", "created_at": "soon", "updated_at": MOMENT}
    write_tables(source, {**tables, "industries": [industry]})
    assert build(source, home).code == 3
    assert quarantined(home) == {("industries", "i1", "created_at", "soon", "datatype")}


@pytest.mark.parametrize("score", ["NaN", "1e400", "7,5", "INF", "0x10", "ten"])
def test_score_that_is_no_decimal_is_in_quarantine(source: Path, home: Path, tables: Tables, score: str) -> None:
    tables["jtbd_outcomes"][0]["importance_score"] = score
    assert build(write_tables(source, tables), home).code == 3
    assert quarantined(home) == {("jtbd_outcomes", "outcome-a1", "importance_score", score, "datatype")}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        pytest.param("jobs_to_be_done", "created_at", "2025-02-30T00:00:00Z", id="date_and_time"),
        pytest.param("org_hierarchy", "effective_from", "2025-02-30", id="date"),
    ],
)
def test_day_that_is_not_in_the_calendar_is_in_quarantine(
    source: Path, home: Path, tables: Tables, table: str, column: str, value: str
) -> None:
    rows = tables.setdefault(table, [{"id": "h1", "tenant_id": "key-of-acme"}])
    rows[0][column] = value
    assert build(write_tables(source, tables), home).code == 3
    assert (table, rows[0]["id"], column, value, "datatype") in quarantined(home)


def test_second_row_of_a_key_is_in_quarantine(source: Path, home: Path, tables: Tables) -> None:
    tables["jobs_to_be_done"].append({**tables["jobs_to_be_done"][0], "name": "Do it twice"})
    assert build(write_tables(source, tables), home).code == 3
    assert quarantined(home) == {("jobs_to_be_done", "a1", "id", "a1", "duplicate-key")}
    assert ask(home, "acme", NAMES) == [["Do a1"], ["Do a2"]]


def test_syntax_error_of_a_code_file_has_file_and_line(source: Path, home: Path, tmp_path: Path) -> None:
    codes = tmp_path / "codes.ttl"
    codes.write_text("@prefix : <ex:> .\n:a :b :c .\n:a :b oops\n", encoding="utf-8")
    outcome = build(source, home, "--codes", codes)
    assert (outcome.code, one_line(outcome).startswith(f"{codes}, line 3: ")) == (65, True)
    assert not list(home.rglob("*"))


def test_code_file_must_be_there(source: Path, home: Path, tmp_path: Path) -> None:
    outcome = build(source, home, "--codes", tmp_path / "none.ttl")
    assert (outcome.code, "none.ttl cannot be read" in one_line(outcome)) == (65, True)


def test_home_that_is_a_file_is_a_slip(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        outcome = build(source, home)
        assert (outcome.code, "is a file, or in one; name a folder." in one_line(outcome)) == (2, True)


def test_home_that_cannot_be_written_ends_with_74(source: Path, home: Path) -> None:
    home.mkdir()
    with read_only(home):
        outcome = build(source, home)
        assert not list(home.iterdir())
    assert outcome.code == 74
    assert re.search(r"home.*: (Read-only file system|Permission denied)\. ", one_line(outcome))


@pytest.mark.parametrize(
    ("location", "code", "words"),
    [
        pytest.param("postgresql://nobody:secret@127.0.0.1:{closed}/x", 75, "cannot be reached", id="closed_port"),
        pytest.param("postgresql://postgres:wrong@127.0.0.1:{port}/postgres", 65, "password", id="wrong_password"),
        pytest.param("{url}-none", 65, "does not exist", id="no_database"),
        pytest.param("postgresql://user@:word@host", 65, "postgresql://", id="no_address"),
    ],
)
def test_bad_address_of_a_database(
    home: Path, postgres_server: PostgresServer, location: str, code: int, words: str
) -> None:
    places = {"closed": free_port(), "port": postgres_server.port, "url": postgres_server.url()}
    outcome = build(location.format(**places), home)
    assert (outcome.code, words in one_line(outcome)) == (code, True)
    assert not any(secret in outcome.err for secret in ("secret", "wrong", "s3cret"))
    assert not list(home.rglob("*"))


@pytest.mark.parametrize(
    ("schema", "words"),
    [("nowhere", "has no schema 'nowhere'; name the right one with --schema"), ("public", "has no tables")],
)
def test_schema_must_have_tables(home: Path, postgres_server: PostgresServer, schema: str, words: str) -> None:
    outcome = build(postgres_server.make_database("bare"), home, "--schema", schema)
    assert (outcome.code, words in one_line(outcome)) == (65, True)
