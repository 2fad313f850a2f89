from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.admission import COUNTRIES, TENANTS, Admit

from jobgraph.contract.coverage import measure
from jobgraph.contract.profile import Profile
from jobgraph.errors import JobgraphError

GONE = "2025-01-01T00:00:00Z"


def test_rows_are_stated_quarantined_or_deleted(admit_tables: Admit) -> None:
    teams = f"id,tenant_id,name,size,deleted_at\na,t1,A,x,\nb,t2,B,7,\nb,t2,B,7,\nc,t1,C,x,{GONE}\n,t1,D,,\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.counts("teams") == (5, 2, 2, 1, 1)


def test_stated_rows_are_counted_by_short_name(admit_tables: Admit) -> None:
    tables = {
        "tenants": TENANTS,
        "countries": COUNTRIES,
        "teams": "id,tenant_id,name\na,t1,A\nb,t1,B\n",
        "tools": "id,tenant_id\nh,\ni,t2\n",
    }
    assert admit_tables(tables).coverage.stated_by_tenant == {
        "": {"countries": 2, "tools": 1},
        "acme": {"teams": 2, "tenants": 1},
        "bolt": {"tenants": 1, "tools": 1},
    }


def test_every_column_is_accounted_for(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "teams": "id,tenant_id,name,search_text,mood,ID2\na,t1,A,a,fine,\n"}
    columns = admit_tables(tables).coverage.columns["teams"]
    assert {name: state for name, state in columns.items() if state != "absent"} == {
        "id": "key",
        "tenant_id": "mapped",
        "name": "mapped",
        "search_text": "waived: A copy of other columns.",
        "mood": "unknown",
        "ID2": "unknown",
    }
    assert columns["size"] == "absent"


def test_columns_of_a_plain_junction_are_mapped(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "team_countries": "team_id,country_id\n"}
    assert admit_tables(tables).coverage.columns["team_countries"] == {
        "country_id": "mapped",
        "id": "absent",
        "team_id": "mapped",
    }


def test_tables_that_only_one_side_knows_are_listed(admit_tables: Admit) -> None:
    coverage = admit_tables({"tenants": TENANTS, "strangers": "id\n1\n", "Teams": "id\n1\n"}).coverage
    assert coverage.unknown_tables == ("Teams", "strangers")
    assert "teams" in coverage.absent_tables


def test_two_entries_on_a_lost_row_count_as_one_row(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "countries": "id,name\nc,Chad\nc,Cuba,extra\n"}
    assert admit_tables(tables).counts("countries") == (2, 1, 1, 0, 0)


def test_lost_rows_are_a_fault_of_ours(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "countries": COUNTRIES})
    wrong = {**admission.admitted.profiles, "countries": Profile(3)}
    with pytest.raises(JobgraphError, match="unaccounted for"):
        measure(replace(admission.admitted, profiles=wrong), admission.source, admission.vocabulary)


def test_answers_become_plain_lists_and_dictionaries(admit_tables: Admit) -> None:
    answer = admit_tables({"tenants": TENANTS}).coverage.to_json()
    assert answer["tables"] == [
        {"table": "tenants", "read": 2, "stated": 2, "quarantined": 0, "deleted": 0, "cells": 0}
    ]


def rows_of(*cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.tuples(*cells).map(list), max_size=4)


KEYS = st.sampled_from(["", "a", "b", "c"])
OWNERS = st.sampled_from(["", "t1", "t2", "t3"])
MOMENTS = st.sampled_from(["", "", GONE, "never"])
HEADERS = {
    "tenants": ["id", "slug", "parent_id", "deleted_at"],
    "teams": ["id", "tenant_id", "parent_id", "deleted_at", "tags"],
    "tools": ["id", "tenant_id", "team_id"],
    "notes": ["id", "team_id", "tool_id"],
    "team_countries": ["id", "team_id", "country_id"],
}
ROWS = {
    "tenants": rows_of(OWNERS, st.sampled_from(["", "acme", "No"]), OWNERS, MOMENTS),
    "teams": rows_of(KEYS, OWNERS, KEYS, MOMENTS, st.sampled_from(["", "{a}", "{"])),
    "tools": rows_of(KEYS, OWNERS, KEYS),
    "notes": rows_of(KEYS, KEYS, KEYS),
    "team_countries": rows_of(KEYS, KEYS, KEYS),
}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.fixed_dictionaries(ROWS))
def test_counts_hold_for_any_tables(admit_tables: Admit, rows: dict[str, list[list[str]]]) -> None:
    admission = admit_tables({name: [HEADERS[name], *found] for name, found in rows.items()})
    assert {t.table: t.read for t in admission.coverage.tables} == {name: len(found) for name, found in rows.items()}
