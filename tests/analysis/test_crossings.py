"""Dependencies across functions and departments agree with SQL on the sample."""

from __future__ import annotations

import duckdb
import pytest

from jobgraph.analysis import Choices, Source, analyze
from jobgraph.errors import UsageError

FUNCTIONS = "SELECT id AS job, org_function_id AS unit FROM jobs_to_be_done WHERE org_function_id IS NOT NULL"
DEPARTMENTS = "SELECT jtbd_id AS job, department_id AS unit FROM jtbd_roles JOIN org_roles r ON r.id = role_id"


@pytest.mark.parametrize(("by", "units"), [("function", FUNCTIONS), ("department", DEPARTMENTS)])
def test_crossings_agree_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection, by: str, units: str) -> None:
    text = f"""
        WITH u AS (SELECT job, list(DISTINCT unit) AS units FROM ({units}) GROUP BY job)
        SELECT a.code, b.code FROM jtbd_dependencies d
        JOIN jobs_to_be_done a ON a.id = source_jtbd_id JOIN jobs_to_be_done b ON b.id = dependent_jtbd_id
        JOIN u s ON s.job = a.id JOIN u t ON t.job = b.id WHERE NOT list_has_any(s.units, t.units)
    """
    table = analyze(sample, "crossings", Choices(by=by)).table
    assert sorted(table.select("first", "next").rows()) == sorted(tables.execute(text).fetchall())
    assert table.height > 0


def test_only_units_can_be_crossed(sample: Source) -> None:
    with pytest.raises(UsageError, match="choose one of function, department"):
        analyze(sample, "crossings", Choices(by="role"))
