from __future__ import annotations

import pytest
from tests.admission import COUNTRIES, TENANTS, Admit

from jobgraph.contract.links import COMPONENTS
from jobgraph.vocabulary import SH

GONE = "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("parent", "rule"),
    [
        pytest.param("a", None, id="own_row"),
        pytest.param("b", None, id="itself"),
        pytest.param("", None, id="empty"),
        pytest.param("z", "missing-target", id="no_row"),
        pytest.param("A", "missing-target", id="other_case"),
        pytest.param("d", "deleted-target", id="deleted_row"),
        pytest.param("f", "foreign-tenant", id="row_of_another_tenant"),
        pytest.param("x", "missing-target", id="row_in_quarantine"),
    ],
)
def test_link_must_lead_to_a_row_that_is_stated_in_the_tenant(
    admit_tables: Admit, parent: str, rule: str | None
) -> None:
    teams = f"id,tenant_id,name,deleted_at,parent_id\na,t1,A,,\nd,t1,D,{GONE},\nf,t2,F,,\nx,,X,,\nb,t1,B,,{parent}\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    bad = [entry for entry in admission.quarantine if entry[1] == "b"]
    assert bad == ([("teams", "b", 5, "parent_id", parent, rule)] if rule else [])
    assert admission.live("teams", "id", "parent_id")[-1] == ("b", None if rule else parent or None)


def test_row_keeps_its_other_cells_when_a_link_is_dropped(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,size,parent_id,manager_id\na,t1,A,7,z,a\nb,t1,B,8,a,y\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.live("teams", "id", "name", "size", "parent_id", "manager_id") == [
        ("a", "A", "7", None, "a"),
        ("b", "B", "8", "a", None),
    ]


def test_links_of_one_row_are_dropped_each_for_its_own_reason(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,parent_id,manager_id\na,t1,A,z,f\nf,t2,F,,\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.quarantine == [
        ("teams", "a", 1, "manager_id", "f", "foreign-tenant"),
        ("teams", "a", 1, "parent_id", "z", "missing-target"),
    ]


def test_link_into_a_table_that_is_missing_leads_nowhere(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "tools": "id,tenant_id,team_id\nh,t1,a\n"})
    assert admission.quarantine == [("tools", "h", 1, "team_id", "a", "missing-target")]
    assert admission.live("tools", "id", "team_id") == [("h", None)]


def test_link_to_a_shared_row_is_good_from_every_tenant(admit_tables: Admit) -> None:
    tables = {
        "tenants": TENANTS,
        "teams": "id,tenant_id,name\na,t1,A\n",
        "tools": "id,tenant_id\ns,\n",
        "notes": "id,team_id,tool_id\nn,a,s\n",
    }
    assert admit_tables(tables).live("notes", "tenant_", "tool_id") == [("t1", "s")]


def test_shared_row_cannot_link_to_a_row_of_a_tenant(admit_tables: Admit) -> None:
    tables = {
        "tenants": TENANTS,
        "teams": "id,tenant_id,name\na,t1,A\n",
        "tools": "id,tenant_id,team_id\ns,,a\nh,t1,a\n",
    }
    admission = admit_tables(tables)
    assert admission.quarantine == [("tools", "s", 1, "team_id", "a", "foreign-tenant")]
    assert admission.live("tools", "id", "team_id") == [("s", None), ("h", "a")]


def test_tenants_may_link_to_each_other(admit_tables: Admit) -> None:
    tenants = f"id,slug,parent_id,deleted_at\nt1,acme,t2,\nt2,bolt,t3,\nt3,cobb,,{GONE}\n"
    admission = admit_tables({"tenants": tenants})
    assert admission.live("tenants", "id", "parent_id") == [("t1", "t2"), ("t2", None)]
    assert admission.rules == ["deleted-target"]


def test_link_to_a_row_of_a_deleted_tenant_is_a_link_to_a_deleted_row(admit_tables: Admit) -> None:
    tenants = f"id,slug,deleted_at\nt1,acme,\nt2,bolt,{GONE}\n"
    teams = "id,tenant_id,name,parent_id\na,t1,A,b\nb,t2,B,\n"
    assert admit_tables({"tenants": tenants, "teams": teams}).rules == ["deleted-target"]


def test_link_in_the_column_of_keys_is_dropped_and_the_key_stays(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "countries": COUNTRIES, "country_profiles": "id,motto\nc1,Firm\nzz,Happy\n"}
    admission = admit_tables(tables)
    assert admission.live("country_profiles", "id", "motto") == [("c1", "Firm"), ("zz", "Happy")]
    assert admission.quarantine == [("country_profiles", "zz", 2, "id", "zz", "missing-target")]
    assert admission.findings == [("zz", "id", None, "MinCount")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("j,a,c1", [], id="sound"),
        pytest.param("j,a,", [("country_id", None, "missing-end")], id="no_object"),
        pytest.param("j,,c1", [("team_id", None, "missing-tenant")], id="no_subject"),
        pytest.param("j,z,c1", [("team_id", "z", "unknown-tenant")], id="lost_subject"),
        pytest.param("j,a,zz", [("country_id", "zz", "missing-target")], id="lost_object"),
        pytest.param("j,d,c1", [("team_id", "d", "deleted-target")], id="deleted_subject"),
        pytest.param(
            "j,d,", [("country_id", None, "missing-end"), ("team_id", "d", "deleted-target")], id="two_reasons"
        ),
    ],
)
def test_plain_junction_row_is_stated_whole_or_not_at_all(
    admit_tables: Admit, row: str, expected: list[tuple[str, str | None, str]]
) -> None:
    tables = {
        "tenants": TENANTS,
        "countries": COUNTRIES,
        "teams": f"id,tenant_id,name,deleted_at\na,t1,A,\nd,t1,D,{GONE}\n",
        "team_countries": f"id,team_id,country_id\nok,a,c2\n{row}\n",
    }
    admission = admit_tables(tables)
    assert [(column, value, rule) for _, _, _, column, value, rule in admission.quarantine] == expected
    assert admission.counts("team_countries") == (2, 1 if expected else 2, 1 if expected else 0, 0, 0)


@pytest.mark.parametrize("header", ["id,team_id", "id,country_id"])
def test_plain_junction_without_one_of_its_links_states_nothing(admit_tables: Admit, header: str) -> None:
    key = "a" if header.endswith("team_id") else "c1"
    tables = {
        "tenants": TENANTS,
        "countries": COUNTRIES,
        "teams": "id,tenant_id,name\na,t1,A\n",
        "team_countries": f"{header}\nj,{key}\n",
    }
    assert admit_tables(tables).counts("team_countries") == (1, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("column", "cell", "component"),
    [
        pytest.param("size", "0", None, id="least"),
        pytest.param("size", "-1", "MinInclusive", id="below"),
        pytest.param("size", "99", None, id="most"),
        pytest.param("size", "100", "MaxExclusive", id="above"),
        pytest.param("size", "+07", None, id="sign_and_zeros"),
        pytest.param("size", "9" * 400, "MaxExclusive", id="hundreds_of_digits"),
        pytest.param("size", "-" + "9" * 400, "MinInclusive", id="hundreds_of_digits_below"),
        pytest.param("score", "0", "MinExclusive", id="exclusive_bound"),
        pytest.param("score", "0.1", None, id="above_exclusive_bound"),
        pytest.param("score", "10.0", None, id="inclusive_bound"),
        pytest.param("score", "10.1", "MaxInclusive", id="above_inclusive_bound"),
        pytest.param("score", "7.", None, id="nothing_behind_the_point"),
        pytest.param("score", ".5", None, id="nothing_before_the_point"),
        pytest.param("score", "7.50", None, id="zeros_behind"),
        pytest.param("score", "7.55", "Pattern", id="too_many_decimals"),
        pytest.param("colour", "red", None, id="code"),
        pytest.param("colour", "azure", None, id="other_notation"),
        pytest.param("colour", "Green", None, id="other_spelling"),
        pytest.param("colour", "GREEN", "Node", id="unknown_spelling"),
        pytest.param("colour", "unnamed", "Node", id="concept_without_notation"),
        pytest.param("name", "", "MinCount", id="missing"),
    ],
)
def test_wrong_value_is_stated_and_reported(admit_tables: Admit, column: str, cell: str, component: str | None) -> None:
    row = {"id": "a", "tenant_id": "t1", "name": "A", column: cell}
    admission = admit_tables({"tenants": TENANTS, "teams": [list(row), list(row.values())]})
    assert admission.findings == ([("a", column, cell or None, component)] if component else [])
    assert admission.live("teams", column) == [(cell or None,)]
    assert admission.quarantine == []


def test_cell_in_quarantine_is_missing_where_it_is_required(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,size\na,t1,A,many\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert (admission.rules, admission.findings) == (["datatype"], [])


def test_wrong_elements_of_a_list_are_reported_one_by_one(admit_tables: Admit) -> None:
    teams = [["id", "tenant_id", "name", "colours", "dice"], ["a", "t1", "A", "{red,mauve,Green,pink}", "[1, 7, 6, 8]"]]
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.findings == [
        ("a", "colours", "mauve", "Node"),
        ("a", "colours", "pink", "Node"),
        ("a", "dice", "7", "MaxInclusive"),
        ("a", "dice", "8", "MaxInclusive"),
    ]


def test_finding_says_where_and_what(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name,size\na,t1,A,3\nb,t2,B,-1\n"})
    assert admission.ask("SELECT table_name, row_number, path, component, message, tenant FROM findings") == [
        ("teams", 2, "https://w3id.org/jobgraph/size", COMPONENTS[">="], "A team has 0 to 99 members.", "t2")
    ]
    assert COMPONENTS[">="] == f"{SH}MinInclusiveConstraintComponent"


def test_values_of_deleted_rows_are_not_looked_at(admit_tables: Admit) -> None:
    teams = f"id,tenant_id,name,size,parent_id,deleted_at\na,t1,,-1,z,{GONE}\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert (admission.quarantine, admission.findings) == ([], [])


def test_columns_with_unknown_codes_are_named(admit_tables: Admit) -> None:
    teams = [["id", "tenant_id", "name", "colour", "colours"], ["a", "t1", "A", "Green", "{pink}"]]
    admission = admit_tables({"tenants": TENANTS, "teams": teams})
    assert admission.admitted.unknown_codes == {"tenants": frozenset(), "teams": frozenset({"colours"})}
