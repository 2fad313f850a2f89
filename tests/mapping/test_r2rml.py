from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store
from tests.mapping.graphs import BASE, assert_same, build_graph, read_quads, with_what_r2rml_lacks
from tests.morph_environment import morph_python, run_morph
from tests.postgres_server import PostgresServer
from tests.sample_database import load_sample, load_table

from jobgraph.errors import InputError, UsageError
from jobgraph.mapping.r2rml import NOT_IN_R2RML, RR, r2rml_document
from jobgraph.resources import resource_path
from jobgraph.turtle import format_turtle
from jobgraph.vocabulary import RDFS, Vocabulary

Rows = list[dict[str, str]]


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary()


@cache
def document() -> str:
    return r2rml_document(vocabulary(), base=BASE)


@cache
def store_of(text: str) -> Store:
    store = Store()
    store.load(text.encode(), format=RdfFormat.TURTLE)
    return store


def select(text: str, query: str) -> list[tuple[str, ...]]:
    solutions = store_of(text).query(f"PREFIX rr: <{RR}> {query}")
    assert isinstance(solutions, QuerySolutions)
    return sorted(tuple(term.value for term in solution) for solution in solutions)


def views(text: str) -> list[str]:
    return [sql for (sql,) in select(text, "SELECT ?sql { ?view rr:sqlQuery ?sql }")]


def test_document_is_canonical_turtle() -> None:
    assert format_turtle(document(), path=Path("r2rml.ttl")) == document()


def test_document_reads_every_table() -> None:
    assert {re.findall(r'^FROM "(.*)" s\b', sql, re.MULTILINE)[0] for sql in views(document())} == set(
        vocabulary().tables
    )


def test_document_states_every_property() -> None:
    stated = {iri for (iri,) in select(document(), "SELECT DISTINCT ?p { ?map rr:predicate ?p }")}
    assert {c.path for table in vocabulary().tables.values() for c in table.columns} == stated


def test_every_row_has_its_class() -> None:
    stated = {iri for (iri,) in select(document(), "SELECT DISTINCT ?class { ?map rr:class ?class }")}
    assert set(vocabulary().table_of_class) == stated


def test_every_triples_map_has_one_view_and_names_one_graph() -> None:
    broken = """SELECT ?map {
        { SELECT ?map (COUNT(DISTINCT ?view) AS ?views) (COUNT(DISTINCT ?graph) AS ?graphs) {
            ?map rr:subjectMap ?subject
            OPTIONAL { ?map rr:logicalTable ?view . ?view rr:sqlQuery ?sql }
            OPTIONAL { ?subject rr:graph|rr:graphMap ?graph }
        } GROUP BY ?map }
        FILTER (?views != 1 || ?graphs != 1)
    }"""
    assert select(document(), broken) == []


def test_header_says_what_is_not_in_the_document() -> None:
    comments = select(document(), f"SELECT ?text {{ <{BASE}r2rml> <{RDFS}comment> ?text }}")
    assert [text for (text,) in comments] == sorted(NOT_IN_R2RML)


def test_shared_table_is_in_the_shared_graph() -> None:
    graph = select(document(), f"SELECT ?g {{ <{BASE}r2rml#countries> rr:subjectMap [ rr:graph ?g ] }}")
    assert graph == [(f"{BASE}graph/shared",)]


def test_only_what_is_there_is_named() -> None:
    text = r2rml_document(
        vocabulary(),
        base=BASE,
        tables={"tenants": ["id", "slug"], "jobs_to_be_done": ["id", "tenant_id", "domain_id"], "x": []},
    )
    assert views(text) == [
        'SELECT\n    s."id",\n    s."slug",\n    s."slug" AS "jg_tenant"\nFROM "tenants" s\nWHERE s."slug" IS NOT NULL',
        'SELECT\n    s."id",\n    s."tenant_id",\n    p1."slug" AS "jg_tenant"\nFROM "jobs_to_be_done" s\n'
        'LEFT JOIN "tenants" p1 ON p1."id" = s."tenant_id"\nWHERE p1."slug" IS NOT NULL',
    ]


def test_document_without_tenants_asks_for_the_only_one() -> None:
    with pytest.raises(UsageError, match="no table of tenants"):
        r2rml_document(vocabulary(), base=BASE, tables={"jobs_to_be_done": ["id", "tenant_id"]})


def test_document_without_short_names_of_tenants_is_refused() -> None:
    with pytest.raises(InputError, match="tenants lacks the column slug"):
        r2rml_document(vocabulary(), base=BASE, tables={"tenants": ["id"]})


def test_engine_makes_the_graph_of_the_sample(postgres_server: PostgresServer, tmp_path: Path) -> None:
    morph_python()
    url = postgres_server.make_database("jobgraph_sample")
    with postgres_server.connect("jobgraph_sample") as connection:
        load_sample(connection, resource_path("data", "sample"))
    assert_engine_agrees(document(), url, tmp_path)


# What the sample does not have: rows, links and cells at the edge of what can be stated.
HARD_ROWS: Mapping[str, Rows] = {
    "tenants": [
        {
            "id": "t1",
            "slug": "one",
            "tenant_path": "one",
            "features": '{"b": 1.50, "a": [1e2, "ü\\n"]}',
            "deleted_at": "",
        },
        {"id": "t2", "slug": "two", "tenant_path": "one.two", "features": "[]", "deleted_at": ""},
        {"id": "t3", "slug": "gone", "tenant_path": "gone", "features": "", "deleted_at": "2025-01-01 00:00:00+00"},
    ],
    "jobs_to_be_done": [
        {
            "id": "j 1/ä%",
            "tenant_id": "t1",
            "name": 'a "b" \\ c\n\td',
            "frequency": "daily",
            "tags": '{"a,b",NULL,"c ""d""",\'e\'}',
        },
        {"id": "j2", "tenant_id": "t2", "name": "näme 😀", "frequency": "yearly", "tags": "{}"},
        {"id": "j3", "tenant_id": "t1", "deleted_at": "2025-02-03 04:05:06+07"},
        {"id": "j4", "tenant_id": "t3", "name": "of a tenant that is gone"},
    ],
    "jtbd_outcomes": [
        {
            "id": "o1",
            "tenant_id": "t1",
            "jtbd_id": "j 1/ä%",
            "importance_score": "7.10",
            "created_at": "2025-02-03 04:05:06.5+02",
        },
        {"id": "o2", "tenant_id": "t1", "jtbd_id": "j3", "importance_score": "10", "created_at": "2025-02-03 04:05"},
        {"id": "o3", "tenant_id": "t2", "jtbd_id": "j2", "importance_score": "0.000", "outcome_type": "no such type"},
    ],
    "agents": [
        {"id": "a1", "tenant_id": "t1", "max_tokens": "1000"},
        {"id": "a2", "tenant_id": ""},
        {"id": "a3", "tenant_id": "t3"},
        {"id": "a4", "tenant_id": "", "deleted_at": "2025-01-01"},
    ],
    "skills": [{"id": "s1", "tenant_id": "", "is_active": "yes"}, {"id": "s2", "tenant_id": "t1", "is_active": "f"}],
    "agent_skills": [
        {"id": "as1", "agent_id": "a1", "skill_id": "s1"},
        {"id": "as2", "agent_id": "a2", "skill_id": "s1"},
        {"id": "as3", "agent_id": "a3", "skill_id": "s1"},
        {"id": "as4", "agent_id": "a4", "skill_id": "s1"},
        {"id": "as5", "agent_id": "", "skill_id": "s1"},
    ],
    "panel_discussions": [{"id": "p1", "tenant_id": "t2", "deleted_at": ""}],
    "expert_consultations": [{"id": "e1", "tenant_id": "t1"}],
    "consultation_feedback": [
        {"id": "f1", "panel_id": "p1", "consultation_id": ""},
        {"id": "f2", "panel_id": "", "consultation_id": "e1"},
        {"id": "f3", "panel_id": "", "consultation_id": ""},
    ],
    "org_departments": [{"id": "d1", "tenant_id": "t1"}, {"id": "d2", "tenant_id": "t2", "deleted_at": "2025-01-01"}],
    "countries": [{"id": "c1", "code": "CH"}],
    "department_countries": [
        {"id": "dc1", "department_id": "d1", "country_id": "c1"},
        {"id": "dc2", "department_id": "d2", "country_id": "c1"},
    ],
    "persona_week_in_life": [
        {"id": "w1", "tenant_id": "t1", "typical_start_time": "08:30", "typical_end_time": "17:00:01.25"},
    ],
}


@pytest.mark.parametrize("only_tenant", ["", "one"], ids=["two_tenants", "no_table_of_tenants"])
def test_engine_makes_the_graph_of_hard_rows(postgres_server: PostgresServer, tmp_path: Path, only_tenant: str) -> None:
    morph_python()
    tables = {name: filled(rows) for name, rows in HARD_ROWS.items() if name != "tenants" or not only_tenant}
    columns = {name: list(rows[0]) for name, rows in tables.items()}
    url = postgres_server.make_database("jobgraph_hard_rows")
    with postgres_server.connect("jobgraph_hard_rows") as connection:
        connection.execute("CREATE EXTENSION ltree")
        for name, rows in tables.items():
            cells = [list(row.values()) for row in rows if not only_tenant or of_first_tenant(row)]
            load_table(connection, name, columns[name], cells, key_type="text")
    text = r2rml_document(vocabulary(), base=BASE, tables=columns, only_tenant=only_tenant)
    assert_engine_agrees(text, url, tmp_path, only_tenant=only_tenant)


def filled(rows: Rows) -> Rows:
    """Every row with the columns of all."""
    columns = dict.fromkeys(column for row in rows for column in row)
    return [{column: row.get(column, "") for column in columns} for row in rows]


def of_first_tenant(row: Mapping[str, str]) -> bool:
    """True for the rows that a lone tenant's database may have; some of them name no tenant."""
    return row.get("tenant_id", "") in ("t1", "")


def assert_engine_agrees(text: str, url: str, folder: Path, *, only_tenant: str = "") -> None:
    ours = build_graph(url, vocabulary(), folder, only_tenant=only_tenant)
    theirs = with_what_r2rml_lacks(read_quads([run_morph(folder, text, database=url).graph]), vocabulary())
    assert len(ours) > 10
    assert_same(ours, theirs)
