from __future__ import annotations

import pytest
from tests.admission import COUNTRIES, TENANTS, Admit

TEAMS = "id,tenant_id,name\na,t1,Alpha\nb,t2,Beta\n"


def test_first_row_of_equal_keys_counts(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name\na,t1,First\nb,t1,Other\na,t2,Second\na,t1,Third\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.live("teams", "name") == [("First",), ("Other",)]
    assert admission.quarantine == [("teams", "a", row, "id", "a", "duplicate-key") for row in (3, 4)]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        pytest.param("2025-01-01T00:00:00Z", "", (2, 0, 1, 1, 0), id="first_deleted"),
        pytest.param("", "2025-01-01T00:00:00Z", (2, 1, 1, 0, 0), id="second_deleted"),
    ],
)
def test_first_row_of_equal_keys_counts_also_if_one_is_deleted(
    admit_tables: Admit, first: str, second: str, counts: tuple[int, ...]
) -> None:
    teams = f"id,tenant_id,name,deleted_at\na,t1,First,{first}\na,t1,Second,{second}\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert (admission.counts("teams"), admission.rules) == (counts, ["duplicate-key"])


def test_keys_differ_by_case_and_blanks(admit_tables: Admit) -> None:
    admission = admit_tables(
        {"tenants": TENANTS, "countries": [["id"], ["a"], ["A"], ["a "], [" a"], ["ä"], ["a\u0308"]]}
    )
    assert admission.counts("countries") == (6, 6, 0, 0, 0)


def test_plain_junction_without_a_column_of_keys_is_stated(admit_tables: Admit) -> None:
    junction = "team_id,country_id\na,c1\na,c2\n"
    tables = {"tenants": TENANTS, "teams": TEAMS, "countries": COUNTRIES, "team_countries": junction}
    admission = admit_tables(tables)
    assert (admission.counts("team_countries"), admission.quarantine) == ((2, 2, 0, 0, 0), [])


def test_plain_junction_with_a_column_of_keys_needs_them(admit_tables: Admit) -> None:
    junction = "id,team_id,country_id\n1,a,c1\n,a,c2\n1,b,c1\n"
    tables = {"tenants": TENANTS, "teams": TEAMS, "countries": COUNTRIES, "team_countries": junction}
    assert admit_tables(tables).rules == ["missing-key", "duplicate-key"]


@pytest.mark.parametrize("moment", ["2025-01-01T00:00:00Z", "2025-01-01 00:00:00+00", "2025-01-01 00:00:00.123"])
def test_deleted_rows_are_left_out(admit_tables: Admit, moment: str) -> None:
    teams = f"id,tenant_id,name,deleted_at,size\na,t1,Alpha,{moment},many\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert (admission.counts("teams"), admission.quarantine) == ((1, 0, 0, 1, 0), [])


@pytest.mark.parametrize("word", ["NULL", "no", "2025-02-30T00:00:00Z"])
def test_cell_that_is_no_moment_deletes_nothing(admit_tables: Admit, word: str) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": f"id,tenant_id,name,deleted_at\na,t1,Alpha,{word}\n"})
    assert admission.live("teams", "id", "deleted_at") == [("a", None)]
    assert admission.quarantine == [("teams", "a", 1, "deleted_at", word, "datatype")]


def test_deleted_rows_can_be_stated_like_the_others(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,deleted_at,parent_id\na,t1,Alpha,2025-01-01 00:00:00Z,\nb,t1,Beta,,a\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams}, include_deleted=True)
    assert admission.live("teams", "id", "deleted_at", "parent_id") == [
        ("a", "2025-01-01T00:00:00Z", None),
        ("b", None, "a"),
    ]
