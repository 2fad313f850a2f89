from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.admission import COUNTRIES, TENANTS, Admission, Admit

from jobgraph.contract.quarantine import COLUMNS, LINK_RULES, SENTENCES, write_parquet

GONE = "2025-01-01T00:00:00Z"


def sentences(admission: Admission) -> list[str]:
    return [text for (text,) in admission.ask("SELECT sentence FROM quarantine ORDER BY row_number, column_name")]


def written(admission: Admission, path: Path, *, tenant: str | None) -> list[tuple[object, ...]]:
    count = write_parquet(admission.admitted.connection, path, tenant=tenant)
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(path)).fetchall()
    assert count == len(rows)
    return rows


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        pytest.param("7,5", "'7,5' is no xsd:integer; correct the cell.", id="plain"),
        pytest.param("100% %v %w", "'100% %v %w' is no xsd:integer; correct the cell.", id="marks_of_our_own"),
        pytest.param("it's", "'it's' is no xsd:integer; correct the cell.", id="quote"),
        pytest.param("é" * 80, f"'{'é' * 80}' is no xsd:integer; correct the cell.", id="longest"),
        pytest.param("é" * 81, f"'{'é' * 80}…' is no xsd:integer; correct the cell.", id="too_long"),
    ],
)
def test_sentence_says_what_is_wrong(admit_tables: Admit, cell: str, sentence: str) -> None:
    rows = [["id", "tenant_id", "name", "size"], ["a", "t1", "A", cell]]
    admission = admit_tables({"tenants": TENANTS, "teams": rows})
    assert sentences(admission) == [sentence]
    assert admission.quarantine[0][4] == cell


def test_sentence_names_what_is_missing(admit_tables: Admit) -> None:
    tables = {
        "tenants": TENANTS,
        "teams": "id,tenant_id,name,parent_id\na,,A,\nb,t1,B,z\n,t1,C,\n",
        "notes": "id,team_id,tool_id\nn,,\n",
    }
    assert sentences(admit_tables(tables)) == [
        "The row names no owner: its team_id is empty; fill it.",
        "The row names no owner: its tenant_id is empty; fill it.",
        "'z' is not the key of any row of Team; add that row or correct the link.",
        "The row has no key, so nothing can be said of it; give it one.",
    ]


def test_every_link_rule_has_a_sentence() -> None:
    assert set(LINK_RULES) <= SENTENCES.keys()


def test_sentence_has_no_mark_left(admit_tables: Admit) -> None:
    tables = {
        "tenants": "id,slug\nt1,acme\nt2,No Slug\n",
        "countries": COUNTRIES,
        "teams": f"id,tenant_id,name,tags,parent_id,deleted_at\na,t1,A,x,,\nd,t1,D,,,{GONE}\nb,t1,B,,d,\na,t1,A,,,\n",
        "team_countries": "id,team_id,country_id\n1,a,\n2,a,zz\n3,zz,c1\n",
    }
    assert [text for text in sentences(admit_tables(tables)) if "%" in text] == []


def test_every_bad_cell_of_a_row_has_an_entry(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,size,score,tags,parent_id\na,t1,A,many,high,x,z\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert [(column, rule) for *_, column, _, rule in admission.quarantine] == [
        ("parent_id", "missing-target"),
        ("score", "datatype"),
        ("size", "datatype"),
        ("tags", "list"),
    ]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        pytest.param(",,A,many", "missing-key", id="no_key"),
        pytest.param("a,,A,many", "duplicate-key", id="second_row_of_a_key"),
        pytest.param("b,,A,many", "missing-tenant", id="no_tenant"),
        pytest.param("b,t9,A,many", "unknown-tenant", id="unknown_tenant"),
    ],
)
def test_row_in_quarantine_as_a_whole_has_one_entry(admit_tables: Admit, row: str, rule: str) -> None:
    teams = f"id,tenant_id,name,size\na,t1,A,7\n{row}\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.rules == [rule]
    assert admission.counts("teams") == (2, 1, 1, 0, 0)


def test_cell_of_many_characters_is_kept_whole(admit_tables: Admit) -> None:
    long = "x" * 10_000_000
    admission = admit_tables(
        {"tenants": TENANTS, "teams": [["id", "tenant_id", "name", "size"], ["a", "t1", "A", long]]}
    )
    assert admission.ask("SELECT length(value), length(sentence) < 150 FROM quarantine") == [(10_000_000, True)]


def test_defects_of_the_source_name_key_and_tenant(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name\na,t1,A,B\nb,t2,\x00\nc,t1\n"})
    assert admission.ask("SELECT key, row_number, rule, tenant, whole_row FROM quarantine ORDER BY row_number") == [
        ("a", 1, "extra-cells", "t1", False),
        ("b", 2, "nul-character", "t2", False),
        ("c", 3, "missing-cells", "t1", False),
    ]


def test_defects_of_the_source_name_the_key_of_a_row_that_is_not_stated(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name\na,t1,A\na,t1,B,C\nd,,D,E\n"})
    assert admission.quarantine == [
        ("teams", "a", 2, None, '["C"]', "extra-cells"),
        ("teams", "a", 2, "id", "a", "duplicate-key"),
        ("teams", "d", 3, None, '["E"]', "extra-cells"),
        ("teams", "d", 3, "tenant_id", None, "missing-tenant"),
    ]
    assert admission.counts("teams") == (3, 1, 2, 0, 0)


def test_broken_row_with_nothing_left_is_broken_and_no_more(admit_tables: Admit) -> None:
    lines = '{"id": "a", "tenant_id": "t1", "name": "A"}\n{"id": "b", "tenant\n'
    admission = admit_tables({"tenants": TENANTS, "teams.jsonl": lines})
    assert admission.quarantine == [("teams", None, 2, None, '{"id": "b", "tenant', "broken-row")]
    assert admission.counts("teams") == (2, 1, 1, 0, 0)


def test_broken_row_with_its_key_and_tenant_is_stated(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": 'id,tenant_id,name\na,t1,A\nb,t1,"B\n'})
    assert admission.quarantine == [("teams", "b", 2, None, 'b,t1,"B', "broken-row")]
    assert admission.counts("teams") == (2, 2, 0, 0, 1)


def test_file_of_a_tenant_holds_its_entries_alone(admit_tables: Admit, tmp_path: Path) -> None:
    teams = "id,tenant_id,name,size\na,t1,A,x\nb,t2,B,y\nc,,C,\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert [row[:6] for row in written(admission, tmp_path / "it's.parquet", tenant="t1")] == [
        ("teams", "a", 1, "size", "x", "datatype")
    ]
    assert [row[1] for row in written(admission, tmp_path / "2.parquet", tenant="t2")] == ["b"]
    assert [row[1] for row in written(admission, tmp_path / "none.parquet", tenant=None)] == ["c"]


def test_file_without_a_tenant_holds_entries_of_shared_rows_and_of_deleted_tenants(
    admit_tables: Admit, tmp_path: Path
) -> None:
    tables = {
        "tenants": f"id,slug,deleted_at\nt1,acme,\nt2,bolt,{GONE}\n",
        "countries": "id,name\nc,Chad\nc,Cuba\n",
        "teams": "id,tenant_id,name\na,t2,A\na,t2,B\n",
    }
    rows = written(admit_tables(tables), tmp_path / "none.parquet", tenant=None)
    assert [(row[0], row[5]) for row in rows] == [("countries", "duplicate-key"), ("teams", "duplicate-key")]


def test_file_has_the_columns_that_it_promises(admit_tables: Admit, tmp_path: Path) -> None:
    write_parquet(admit_tables({"tenants": TENANTS}).admitted.connection, tmp_path / "none.parquet", tenant=None)
    with duckdb.connect() as connection:
        assert tuple(connection.read_parquet(str(tmp_path / "none.parquet")).columns) == COLUMNS
