"""Who does which job agrees with SQL on the sample."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import duckdb
import polars as pl

from jobgraph.analysis import Choices, Source, Views, analyze
from jobgraph.analysis.inheritance import matrix

DONE = """
SELECT p.id AS persona, jtbd_id AS job, 'inherited' AS how, l.relevance_score AS relevance
FROM personas p JOIN jtbd_roles l USING (role_id)
UNION ALL
SELECT persona_id, jtbd_id, 'direct', relevance_score FROM jtbd_personas WHERE persona_id IN (SELECT id FROM personas)
"""
NAMED = f"""
SELECT p.name AS persona, j.code AS job, string_agg(how, '+' ORDER BY how) AS how,
    max(relevance) FILTER (how = 'inherited')::DECIMAL(3,2) AS inherited,
    max(relevance) FILTER (how = 'direct')::DECIMAL(3,2) AS direct
FROM ({DONE}) d JOIN personas p ON p.id = d.persona JOIN jobs_to_be_done j ON j.id = d.job GROUP BY p.id, p.name, j.code
"""


def answer(sample: Source, name: str) -> pl.DataFrame:
    return analyze(sample, name, Choices()).table


def test_matrix_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    words = {"inherited": "inherited", "direct": "direct", "direct+inherited": "both"}
    expected = [(p, j, words[how], i, d) for p, j, how, i, d in tables.execute(NAMED).fetchall()]
    table = answer(sample, "inheritance")
    found = table.select("persona", "job", "how", "inherited_relevance", "direct_relevance").rows()
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert {how for _, _, how, _, _ in found} == {"inherited", "direct", "both"}


def test_conflict_is_two_relevances(sample: Source) -> None:
    table = answer(sample, "inheritance").filter(pl.col("how") == "both")
    differ = table["inherited_relevance"] != table["direct_relevance"]
    assert (table["conflict"] | ~differ).all()
    assert not answer(sample, "inheritance").filter(pl.col("how") != "both")["conflict"].any()


def test_same_jobs_agree_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"""
        SELECT list(persona ORDER BY persona), len(jobs)
        FROM (SELECT persona, list(job ORDER BY job) AS jobs FROM ({NAMED}) GROUP BY persona)
        GROUP BY jobs HAVING count(*) > 1
    """
    found = answer(sample, "same-jobs").select("personas", "jobs").rows()
    assert sorted(found) == sorted(tables.execute(text).fetchall())


def test_idle_jobs_agree_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"SELECT code FROM jobs_to_be_done WHERE id NOT IN (SELECT job FROM ({DONE})) ORDER BY code"
    assert answer(sample, "idle-jobs").select("code").rows() == tables.execute(text).fetchall()


def test_disagreements_agree_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"""
        SELECT r.name, j.code FROM personas p JOIN org_roles r ON r.id = p.role_id
        JOIN ({DONE}) d ON d.persona = p.id JOIN jobs_to_be_done j ON j.id = d.job
        GROUP BY r.id, r.name, j.code
        HAVING count(DISTINCT p.id) < (SELECT count(*) FROM personas o WHERE o.role_id = r.id) ORDER BY ALL
    """
    found = answer(sample, "disagreements")
    assert found.select("role", "job").rows() == tables.execute(text).fetchall()
    assert all(set(some).isdisjoint(others) for some, others in found.select("done_by", "not_done_by").iter_rows())


def test_attributes_are_those_of_the_role(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = """
        SELECT p.name, c.name
        FROM personas p JOIN role_countries l USING (role_id) JOIN countries c ON c.id = l.country_id
    """
    table = answer(sample, "attributes").filter(pl.col("kind") == "country")
    assert sorted(table.select("persona", "attribute").rows()) == sorted(set(tables.execute(text).fetchall()))


def test_attributes_of_one_persona(sample: Source) -> None:
    whole = answer(sample, "attributes")
    name = whole["persona"][0]
    assert analyze(sample, "attributes", Choices(entity=name)).shown.equals(
        whole.filter(pl.col("persona") == name).drop("evidence")
    )


def test_persona_without_a_role_does_only_its_own_jobs() -> None:
    names = {"code": ["C"], "name": ["N"]}
    link = {"iri": ["m"], "job": ["j"], "relevance": [Decimal("0.5")], "is_primary": [False]}
    tables = {
        "personas": pl.DataFrame({"iri": ["p", "q"], "code": ["P", "Q"], "name": ["P", "Q"], "role": ["r", None]}),
        "roles": pl.DataFrame({"iri": ["r"], **names}),
        "jobs": pl.DataFrame({"iri": ["j"], **names}),
        "role_jobs": pl.DataFrame({**link, "role": ["r"]}),
        "persona_jobs": pl.DataFrame({**link, "persona": ["q"]}),
    }
    answer = matrix(cast("Views", tables))
    assert answer.table.select("persona", "role", "how").rows() == [("P", "N", "inherited"), ("Q", None, "direct")]
    assert answer.notes[-1] == "Personas without a role inherit nothing: 1 of 2 (50 %)."
