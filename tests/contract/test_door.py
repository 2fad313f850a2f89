from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.admission import TENANTS, Admit

from jobgraph.contract.door import tenancy_levels
from jobgraph.errors import InputError
from jobgraph.vocabulary import Column, Table, Vocabulary

TEAMS = "id,tenant_id,name\na,t1,Alpha\nb,t2,Beta\n"


def test_sound_rows_are_live_in_their_tenant(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": TEAMS})
    assert admission.live("teams", "id", "tenant_") == [("a", "t1"), ("b", "t2")]
    assert (admission.quarantine, admission.findings) == ([], [])


def test_tenants_are_listed_by_key_in_the_order_of_their_short_names(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": "id,slug\nt1,zeta\nt2,alpha\n"})
    assert list(admission.admitted.tenants.items()) == [("t2", "alpha"), ("t1", "zeta")]


def test_progress_tells_each_table_and_its_rows(admit_tables: Admit) -> None:
    told: dict[str, int] = {}
    admit_tables({"tenants": TENANTS, "countries": "id,name\n"}, progress=told.__setitem__)
    assert told == {"tenants": 2, "countries": 0}


def test_released_rows_leave_quarantine_and_findings(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name\na,t1,\nb,t9,B\n"})
    admission.admitted.release()
    assert (admission.rules, len(admission.findings)) == (["unknown-tenant"], 1)


def test_source_without_a_known_table_is_refused(admit_tables: Admit) -> None:
    with pytest.raises(InputError, match="files are named after tables such as countries"):
        admit_tables({"strangers": "id\n1\n"})


def test_unknown_tables_and_columns_are_left_alone(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": "id,slug,mood\nt1,acme,fine\n", "strangers": "id\n1\n"})
    assert admission.admitted.tables.keys() == {"tenants"}
    assert admission.quarantine == []


def test_table_without_a_column_of_keys_is_in_quarantine(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "tenant_id,name\nt1,Alpha\nt1,Beta\n"})
    assert admission.quarantine == [("teams", None, row, "id", None, "missing-key") for row in (1, 2)]


def test_table_without_a_column_of_tenants_is_in_quarantine(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,name\na,Alpha\n"})
    assert admission.quarantine == [("teams", "a", 1, "tenant_id", None, "missing-tenant")]


def test_table_that_may_be_shared_is_shared_without_a_column_of_tenants(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "tools": "id,name\nh,hammer\n"})
    assert admission.live("tools", "id", "tenant_") == [("h", "")]


def test_table_of_one_unknown_column_keeps_its_counts(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "countries": "mood\ngood\n"})
    assert admission.counts("countries") == (1, 0, 1, 0, 0)


def test_table_without_any_column_has_no_rows(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "countries": ""})
    assert admission.counts("countries") == (0, 0, 0, 0, 0)


def test_table_without_rows_is_empty(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name\n", "notes": "id,team_id\n"})
    assert (admission.counts("teams"), admission.quarantine) == ((0, 0, 0, 0, 0), [])


def test_missing_column_that_is_required_is_a_finding_of_every_row(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id\na,t1\nb,t1\n"})
    assert admission.findings == [("a", "name", None, "MinCount"), ("b", "name", None, "MinCount")]


def test_two_tables_are_enough(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "notes": "id,team_id,wording\nn,a,Hello\n"})
    assert admission.quarantine == [("notes", "n", 1, "team_id", "a", "unknown-tenant")]


def test_levels_count_the_links_to_the_owner() -> None:
    def table(name: str, *parents: str) -> Table:
        links = tuple(Column(p, "", "link", target=p) for p in parents)
        return Table(name, name, "Inherited", links, tenant_columns=parents)

    tables = {t.name: t for t in (table("c", "b", "a"), table("b", "a"), table("a"))}
    assert tenancy_levels(tables) == {"a": 0, "b": 1, "c": 2}


def test_tenancy_that_runs_in_a_circle_is_refused() -> None:
    loop = Table("a", "A", "Inherited", (Column("a_id", "", "link", target="A"),), tenant_columns=("a_id",))
    with pytest.raises(InputError, match="circle"):
        tenancy_levels({"a": loop})


def test_two_sources_can_be_admitted_at_once(admit_tables: Admit, small_vocabulary: Vocabulary) -> None:
    vocabulary = Vocabulary(root=small_vocabulary.shapes_path.parent)
    rows = "".join(f'n{n},t1,"{{""a"":{n}}}","{{""x {n}"",y}}"\n' for n in range(3_000))
    tables = {"tenants": TENANTS, "teams": f"id,tenant_id,settings,tags\n{rows}"}

    def stated(_: int) -> int:
        return admit_tables(tables, vocabulary=vocabulary).counts("teams")[1]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(stated, range(2))) == [3_000, 3_000]
