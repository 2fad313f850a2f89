"""The seven steps of the collection agree with SQL on the sample."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from jobgraph.analysis import Choices, Source, analyze
from jobgraph.errors import UsageError

EVIDENCE_TABLES = (
    "persona_case_studies",
    "persona_evidence_sources",
    "persona_evidence_summary",
    "persona_expert_opinions",
    "persona_industry_reports",
    "persona_public_research",
    "persona_supporting_statistics",
)
EVIDENCE = " UNION ".join(f"SELECT persona_id FROM {table}" for table in EVIDENCE_TABLES)
ENRICHED = " AND ".join(
    f"id IN (SELECT jtbd_id FROM {table})"
    for table in ("jtbd_outcomes", "jtbd_obstacles", "jtbd_kpis", "jtbd_workflow_stages")
)
DONE = {
    1: ("org_roles", "function_id IS NOT NULL AND department_id IS NOT NULL"),
    2: ("org_roles", "id IN (SELECT role_id FROM personas)"),
    3: ("personas", f"id IN ({EVIDENCE})"),
    4: ("org_roles", "id IN (SELECT role_id FROM jtbd_roles)"),
    5: ("jobs_to_be_done", ENRICHED),
    6: ("jobs_to_be_done", "id IN (SELECT jtbd_id FROM jtbd_gen_ai_use_cases)"),
    7: (
        "jobs_to_be_done",
        "id IN (SELECT jtbd_id FROM expert_consultations UNION SELECT jtbd_id FROM panel_discussions)",
    ),
}
# The roles, personas and jobs of a department.
INSIDE = {
    "org_roles": "department_id = d.id",
    "personas": "department_id = d.id",
    "jobs_to_be_done": "id IN (SELECT jtbd_id FROM jtbd_roles l JOIN org_roles r ON r.id = role_id"
    " WHERE r.department_id = d.id)",
}


@pytest.mark.parametrize("step", DONE)
def test_progress_of_the_tenant_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection, step: int) -> None:
    table, condition = DONE[step]
    expected = tables.execute(f"SELECT count(*) FILTER ({condition}), count(*) FROM {table}").fetchone()
    found = analyze(sample, "progress", Choices()).table.filter(pl.col("step") == step)
    assert found.select("done", "of").row(0) == expected


@pytest.mark.parametrize("step", DONE)
def test_progress_of_departments_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection, step: int) -> None:
    table, condition = DONE[step]
    counted = f"SELECT count(*) FILTER ({condition}) AS done, count(*) AS n FROM {table} WHERE {INSIDE[table]}"
    text = f"SELECT name, c.done, c.n FROM org_departments d, LATERAL ({counted}) c"
    found = analyze(sample, "progress", Choices(by="department")).table.filter(pl.col("step") == step)
    assert sorted(found.select("department", "done", "of").rows()) == sorted(tables.execute(text).fetchall())


@pytest.mark.parametrize("kind", ["tenant", "function", "department", "role"])
def test_state_follows_from_the_counts(sample: Source, kind: str) -> None:
    table = analyze(sample, "progress", Choices(by=kind)).table
    assert table.height == 7 * table[kind].len() / 7
    for state, done, of in table.select("state", "done", "of").iter_rows():
        expected = None if of == 0 else "done" if done == of else "partly" if done else "missing"
        assert state == expected


def test_next_pieces_are_what_is_missing(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    table = analyze(sample, "next-to-collect", Choices()).table
    for step, (name, condition) in DONE.items():
        missing = tables.execute(f"SELECT count(*) FROM {name} WHERE NOT ({condition})").fetchone()
        assert table.filter(pl.col("step") == step)["name"].n_unique() == (missing or (0,))[0]


def test_next_pieces_are_ranked_by_what_they_inform(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    table = analyze(sample, "next-to-collect", Choices()).table
    ranked = table["opportunity"].drop_nulls().to_list()
    assert ranked == sorted(ranked, reverse=True)
    assert table["opportunity"].head(len(ranked)).null_count() == 0
    text = """
        SELECT sum(importance_score::DECIMAL(4,1)
            + greatest(importance_score::DECIMAL(4,1) - satisfaction_score::DECIMAL(4,1), 0))
        FROM jtbd_outcomes WHERE satisfaction_score IS NOT NULL AND importance_score IS NOT NULL
        AND jtbd_id IN (SELECT jtbd_id FROM jtbd_roles JOIN org_roles r ON r.id = role_id WHERE r.name = ?)
    """
    role, informed = table.filter(pl.col("kind") == "role").select("name", "opportunity").row(0)
    assert tables.execute(text, [role]).fetchone() == (informed,)


def test_unknown_group_is_refused(sample: Source) -> None:
    with pytest.raises(UsageError, match="choose one of tenant, function, department, role"):
        analyze(sample, "progress", Choices(by="team"))
