from __future__ import annotations

import pytest
from tests.admission import TENANTS, Admit

from jobgraph.errors import InputError, UsageError

TEAMS = "id,tenant_id,name\na,t1,Alpha\nb,t2,Beta\n"


def test_source_without_tenants_needs_the_name_of_one(admit_tables: Admit) -> None:
    with pytest.raises(UsageError, match="--tenant SLUG"):
        admit_tables({"teams": TEAMS})


@pytest.mark.parametrize("slug", ["Acme", "../acme", "a b", "-acme", "_shared", "a" * 64, "acme\n"])
def test_only_tenant_must_be_a_short_name(admit_tables: Admit, slug: str) -> None:
    with pytest.raises(UsageError, match="cannot name a tenant"):
        admit_tables({"teams": TEAMS}, only_tenant=slug)


def test_only_tenant_owns_rows_that_name_its_key_or_none(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name\na,t1,Alpha\nb,,Beta\nc,t1,Gamma\n"
    admission = admit_tables({"teams": teams}, only_tenant="acme")
    assert admission.admitted.tenants == {"t1": "acme"}
    assert admission.live("teams", "id", "tenant_") == [("a", "t1"), ("b", "t1"), ("c", "t1")]


def test_rows_of_others_than_the_only_tenant_are_in_quarantine(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name\na,t2,Alpha\nb,t1,Beta\nc,t1,Gamma\n"
    admission = admit_tables({"teams": teams}, only_tenant="acme")
    assert admission.quarantine == [("teams", "a", 1, "tenant_id", "t2", "unknown-tenant")]


@pytest.mark.parametrize("first", ["t1", "t2"], ids=["one_order", "other_order"])
def test_only_tenant_of_a_tie_does_not_depend_on_the_order_of_rows(admit_tables: Admit, first: str) -> None:
    second = {"t1": "t2", "t2": "t1"}[first]
    teams = f"id,tenant_id,name\na,{first},Alpha\nb,{second},Beta\n"
    assert admit_tables({"teams": teams}, only_tenant="acme").admitted.tenants == {"t1": "acme"}


def test_only_tenant_is_its_own_key_where_no_row_names_one(admit_tables: Admit) -> None:
    admission = admit_tables({"teams": "id,name\na,Alpha\n", "tools": "id,tenant_id\nh,\n"}, only_tenant="acme")
    assert admission.admitted.tenants == {"acme": "acme"}
    assert admission.live("teams", "tenant_") == [("acme",)]
    assert admission.live("tools", "tenant_") == [("",)]


def test_only_tenant_owns_rows_whose_parents_cannot_be_found(admit_tables: Admit) -> None:
    admission = admit_tables({"notes": "id,team_id,wording\nn,a,Hello\n"}, only_tenant="acme")
    assert admission.live("notes", "id", "tenant_", "team_id") == [("n", "acme", None)]
    assert admission.quarantine == [("notes", "n", 1, "team_id", "a", "missing-target")]


def test_only_tenant_gives_way_to_a_table_of_tenants(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name\na,,Alpha\n"}, only_tenant="acme")
    assert admission.rules == ["missing-tenant"]


def test_table_of_tenants_needs_short_names(admit_tables: Admit) -> None:
    with pytest.raises(InputError, match="lacks the column slug"):
        admit_tables({"tenants": "id,name\nt1,Acme\n"})


def test_empty_table_of_tenants_owns_nothing(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": "id,slug\n", "teams": TEAMS})
    assert (admission.admitted.tenants, admission.rules) == ({}, ["unknown-tenant"] * 2)


@pytest.mark.parametrize("slug", ["Acme", "a/b", "a b", "", "-a", "_shared", ".", "é", "a" * 64])
def test_tenant_whose_short_name_fits_no_folder_is_in_quarantine(admit_tables: Admit, slug: str) -> None:
    admission = admit_tables({"tenants": f"id,slug\nt1,{slug}\nt2,bolt\n", "teams": TEAMS})
    assert admission.quarantine == [
        ("teams", "a", 1, "tenant_id", "t1", "unknown-tenant"),
        ("tenants", "t1", 1, "slug", slug or None, "tenant-name"),
    ]


def test_first_of_two_tenants_has_the_short_name(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": "id,slug\nt2,acme\nt1,acme\n"})
    assert admission.admitted.tenants == {"t2": "acme"}
    assert admission.quarantine == [("tenants", "t1", 2, "slug", "acme", "tenant-name")]


def test_second_row_of_a_tenant_cannot_give_the_first_one_a_short_name(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": "id,slug\nt1,No Name\nt1,acme\n"})
    assert (admission.admitted.tenants, admission.rules) == ({}, ["tenant-name", "duplicate-key"])


def test_rows_of_a_deleted_tenant_count_as_deleted(admit_tables: Admit) -> None:
    tenants = "id,slug,deleted_at\nt1,acme,2025-01-01T00:00:00Z\nt2,bolt,\n"
    notes = "id,team_id,wording\nn,a,Hello\n"
    admission = admit_tables({"tenants": tenants, "teams": TEAMS, "notes": notes})
    assert (admission.admitted.tenants, admission.quarantine) == ({"t2": "bolt"}, [])
    assert [admission.counts(t)[1::2] for t in ("tenants", "teams", "notes")] == [(1, 1), (1, 1), (0, 1)]


def test_short_name_of_a_deleted_tenant_is_free(admit_tables: Admit) -> None:
    tenants = "id,slug,deleted_at\nt1,acme,2025-01-01T00:00:00Z\nt2,acme,\nt3,,2025-01-01T00:00:00Z\n"
    admission = admit_tables({"tenants": tenants})
    assert (admission.admitted.tenants, admission.quarantine) == ({"t2": "acme"}, [])


def test_deleted_tenant_comes_back_with_deleted_rows(admit_tables: Admit) -> None:
    tenants = "id,slug,deleted_at\nt1,acme,2025-01-01T00:00:00Z\n"
    admission = admit_tables({"tenants": tenants, "teams": TEAMS}, include_deleted=True)
    assert admission.admitted.tenants == {"t1": "acme"}
    assert admission.live("teams", "id") == [("a",)]
