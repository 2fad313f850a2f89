from __future__ import annotations

from collections.abc import Sequence

from tests.admission import TENANTS, Admit, Cells

TEAMS = "id,tenant_id,name\na,t1,Alpha\nb,t2,Beta\n"
ODD = "odd \"things\" and 'more'"
ODD_COLUMN = '100% "odd", isn\'t it; {x} \\ é'


def test_row_inherits_from_its_first_filled_link_that_is_found(admit_tables: Admit) -> None:
    tables = {
        "tenants": TENANTS,
        "teams": TEAMS,
        "tools": "id,tenant_id\nh,t1\ns,\n",
        "notes": "id,team_id,tool_id\nboth,b,h\nfirst,b,\nsecond,,h\nlost,z,h\nshared,,s\n",
    }
    owners = admit_tables(tables).live("notes", "id", "tenant_")
    assert owners == [("both", "t2"), ("first", "t2"), ("second", "t1"), ("lost", "t1"), ("shared", "")]


def test_row_without_a_found_parent_names_the_first_filled_link(admit_tables: Admit) -> None:
    notes = "id,team_id,tool_id\nempty,,\nlost,,z\n"
    admission = admit_tables({"tenants": TENANTS, "notes": notes})
    assert admission.quarantine == [
        ("notes", "empty", 1, "team_id", None, "missing-tenant"),
        ("notes", "lost", 2, "tool_id", "z", "unknown-tenant"),
    ]


def test_row_inherits_over_the_columns_that_are_there(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "tools": "id,tenant_id\nh,t1\n", "notes": "id,tool_id\nn,h\ne,\n"}
    admission = admit_tables(tables)
    assert admission.live("notes", "id", "tenant_") == [("n", "t1")]
    assert admission.quarantine == [("notes", "e", 2, "tool_id", None, "missing-tenant")]


def test_row_of_a_parent_in_quarantine_has_no_owner(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "teams": "id,tenant_id,name\na,,Alpha\n", "notes": "id,team_id\nn,a\n"}
    assert admit_tables(tables).rules == ["unknown-tenant", "missing-tenant"]


def test_row_of_a_deleted_parent_keeps_its_owner(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,deleted_at\na,t1,Alpha,2025-01-01T00:00:00Z\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams, "notes": "id,team_id\nn,a\n"})
    assert admission.live("notes", "id", "tenant_", "team_id") == [("n", "t1", None)]
    assert admission.quarantine == [("notes", "n", 1, "team_id", "a", "deleted-target")]


def test_odd_names_of_tables_and_columns_are_names(admit_tables: Admit) -> None:
    rows = [["id", "tenant_id", ODD_COLUMN, "select"], ["o'1", "t1", "it's", "x"], ['o"2', "t1", "", "7"]]
    admission = admit_tables({"tenants": TENANTS, ODD: rows})
    assert admission.live(ODD, "id", '"select"') == [("o'1", None), ('o"2', "7")]
    assert admission.quarantine == [(ODD, "o'1", 1, "select", "x", "datatype")]
    assert admission.findings == [('o"2', ODD_COLUMN, None, "MinCount")]


def test_odd_keys_of_tenants_are_keys(admit_tables: Admit) -> None:
    keys = ["it's", 'a "b"', "c,d", "%", "{}", "' OR 1=1 --", "\\", "é"]
    tables: dict[str, Cells] = {
        "tenants": [["id", "slug"], *([key, f"s{n}"] for n, key in enumerate(keys))],
        "teams": [["id", "tenant_id", "name"], *([f"team {key}", key, key] for key in keys)],
    }
    admission = admit_tables(tables)
    assert admission.live("teams", "tenant_") == [(key,) for key in keys]


def test_odd_keys_of_deleted_tenants_are_keys(admit_tables: Admit) -> None:
    tenants: Sequence[Sequence[str]] = [["id", "slug", "deleted_at"], ["it's", "x", "2025-01-01T00:00:00Z"]]
    teams: Sequence[Sequence[str]] = [["id", "tenant_id", "name"], ["a", "it's", "Alpha"]]
    assert admit_tables({"tenants": tenants, "teams": teams}).counts("teams") == (1, 0, 0, 1, 0)
