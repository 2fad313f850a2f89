"""The source tables of one tenant in DuckDB, typed, without soft-deleted rows: what hand-written SQL asks."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb

SCHEMA = Path(__file__).parents[1] / "ontology" / "source_schema.tsv"
TYPES = {"xsd:decimal": "DECIMAL(28, 6)", "xsd:integer": "BIGINT", "xsd:boolean": "BOOLEAN"}
# Outcomes with both scores in bounds, their opportunity by the formula of the requirements and its priority.
SCORED = """
CREATE VIEW scored AS
SELECT o.*, opportunity,
       CASE WHEN opportunity > 12 THEN 'high' WHEN opportunity >= 8 THEN 'medium' ELSE 'low' END AS priority
FROM (SELECT *, importance_score + greatest(importance_score - satisfaction_score, 0) AS opportunity
      FROM jtbd_outcomes WHERE importance_score BETWEEN 0 AND 10 AND satisfaction_score BETWEEN 0 AND 10) o
"""


@cache
def columns_of() -> Mapping[str, Mapping[str, str]]:
    """The DuckDB type of every column by table."""
    found: dict[str, dict[str, str]] = {}
    with SCHEMA.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            is_list = row["list"] == "yes"
            kind = "VARCHAR" if is_list else TYPES.get(row["datatype"], "VARCHAR")
            found.setdefault(row["table"], {})[row["column"]] = kind
    return found


# Another spelling that the sample has, and its code.
SPELLINGS = {("jobs_to_be_done", "frequency"): ("yearly", "annually")}


def read_tables(folder: Path) -> duckdb.DuckDBPyConnection:
    """All tables of a folder of CSV files as they are, in the schema `source`."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("CREATE SCHEMA source")
    for table, columns in columns_of().items():
        cells = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
        file = str(folder / f"{table}.csv").replace("'", "''")
        text = f"read_csv('{file}', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')"
        connection.execute(f'CREATE TABLE source."{table}" AS SELECT {cells} FROM {text}')
    for (table, column), pair in SPELLINGS.items():
        connection.execute(f"UPDATE source.{table} SET {column} = $2 WHERE {column} = $1", pair)
    return connection


def keep_tenant(connection: duckdb.DuckDBPyConnection, slug: str) -> None:
    """Let the plain table names stand for the live rows that a tenant has: its own and the shared ones."""
    (key,) = connection.execute("SELECT id FROM source.tenants WHERE slug = ?", [slug]).fetchone() or ("",)
    for table, columns in columns_of().items():
        own = f"(tenant_id = '{key}' OR tenant_id IS NULL)" if "tenant_id" in columns else "true"
        own = f"id = '{key}'" if table == "tenants" else own
        live = "deleted_at IS NULL" if "deleted_at" in columns else "true"
        connection.execute(f'CREATE OR REPLACE VIEW "{table}" AS SELECT * FROM source."{table}" WHERE {own} AND {live}')
    connection.execute(SCORED.replace("CREATE VIEW", "CREATE OR REPLACE VIEW"))
