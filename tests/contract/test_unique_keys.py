from __future__ import annotations

from pathlib import Path

import pytest
from tests.admission import SMALL, TENANTS, Admit

from jobgraph.vocabulary import JG, SH, Vocabulary

TOOLS_UNIQUE = (
    "jg:tenancy jg:OwnOrSharedTenancy ;",
    'jg:tenancy jg:OwnOrSharedTenancy ;\n    jg:uniqueColumns ( "name" ) ;',
)
TEAMS_UNIQUE = ('( "tenant_id" "name" )', '( "colour" "size" "manager_id" )')


def changed_vocabulary(folder: Path, change: tuple[str, str]) -> Vocabulary:
    """The small shapes with another unique key."""
    for path in SMALL.rglob("*.ttl"):
        copy = folder / path.relative_to(SMALL)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    return Vocabulary(root=folder)


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        pytest.param("a,t1,A\nb,t1,B\n", "", id="different"),
        pytest.param("a,t1,A\nb,t1,A\n", "ab", id="equal"),
        pytest.param("a,t1,A\nb,t1,B\nc,t1,A\nd,t1,A\ne,t1,B\n", "abcde", id="two_keys"),
        pytest.param("a,t1,A\nb,t1,a\n", "", id="other_case"),
        pytest.param("a,t1,A\nb,t2,A\n", "", id="of_two_tenants"),
        pytest.param("a,t1,\nb,t1,\n", "", id="empty_cells_are_no_key"),
        pytest.param("a,t1,A\nb,,A\n", "", id="row_in_quarantine"),
        pytest.param("a,t1,A\na,t1,A\n", "", id="later_row_of_a_primary_key"),
    ],
)
def test_every_row_with_a_key_of_another_is_reported(admit_tables: Admit, rows: str, repeated: str) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": f"id,tenant_id,name\n{rows}"})
    found = [entry for entry in admission.findings if entry[3] == "SPARQL"]
    assert found == [(key, "tenant_id, name", None, "SPARQL") for key in repeated]


def test_finding_names_constraint_shape_and_severity(admit_tables: Admit) -> None:
    admission = admit_tables({"tenants": TENANTS, "teams": "id,tenant_id,name\na,t1,A\nb,t1,A\n"})
    found = admission.ask("SELECT row_number, path, shape, severity, tenant FROM findings ORDER BY row_number")
    constraint = f"{JG}TeamShape-unique-tenant_id-name"
    assert found == [(row, constraint, f"{JG}TeamShape", f"{SH}Violation", "t1") for row in (1, 2)]


def test_deleted_row_has_no_key(admit_tables: Admit) -> None:
    teams = "id,tenant_id,name,deleted_at\na,t1,A,\nb,t1,A,2025-01-01T00:00:00Z\n"
    assert admit_tables({"tenants": TENANTS, "teams": teams}).findings == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param("a,,Saw\nb,,Saw\n", [("a", ""), ("b", "")], id="two_shared"),
        pytest.param("a,,Saw\nb,t1,Saw\nc,t2,Axe\n", [("a", "t1"), ("b", "t1")], id="shared_and_own"),
        pytest.param("a,t1,Saw\nb,t2,Saw\n", [], id="own_of_two_tenants"),
    ],
)
def test_shared_row_stands_in_every_graph(
    admit_tables: Admit, tmp_path: Path, rows: str, found: list[tuple[str, str]]
) -> None:
    vocabulary = changed_vocabulary(tmp_path / "shapes", TOOLS_UNIQUE)
    admission = admit_tables({"tenants": TENANTS, "tools": f"id,tenant_id,name\n{rows}"}, vocabulary=vocabulary)
    query = f"SELECT key, tenant FROM findings WHERE component = '{SH}SPARQLConstraintComponent' ORDER BY ALL"
    assert admission.ask(query) == found


@pytest.mark.parametrize(
    ("second", "is_repeated"),
    [
        pytest.param("green,7,m", True, id="equal"),
        pytest.param("Green,7,m", True, id="other_spelling_of_the_code"),
        pytest.param("green,+07,m", True, id="other_spelling_of_the_number"),
        pytest.param("red,7,m", False, id="other_code"),
        pytest.param("green,8,m", False, id="other_number"),
        pytest.param("green,7,", False, id="empty_link"),
        pytest.param("green,7,nowhere", False, id="broken_link"),
    ],
)
def test_cells_are_equal_that_state_the_same(
    admit_tables: Admit,
    tmp_path: Path,
    second: str,
    is_repeated: bool,  # noqa: FBT001
) -> None:
    vocabulary = changed_vocabulary(tmp_path / "shapes", TEAMS_UNIQUE)
    teams = f"id,tenant_id,name,colour,size,manager_id\nm,t1,M,,,\na,t1,A,green,7,m\nb,t1,B,{second}\n"
    admission = admit_tables({"tenants": TENANTS, "teams": teams}, vocabulary=vocabulary)
    found = [entry[0] for entry in admission.findings if entry[3] == "SPARQL"]
    assert found == (["a", "b"] if is_repeated else [])
