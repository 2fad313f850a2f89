"""SQL building blocks: quoted names and texts, and the names of the schemas that a build works in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

SOURCE = "source"  # tables as read, every cell text
LIVE = "live"  # rows that can be stated, cells in canonical form, with `row_` and `tenant_`
KEYS = "keys"  # keys and tenants of the live rows that others may link to


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A comma-separated list of quoted text literals."""
    return ", ".join(text(value) for value in values)


def table(schema: str, table_name: str) -> str:
    """A quoted table name in a schema."""
    return f"{schema}.{name(table_name)}"


def thread_count(connection: duckdb.DuckDBPyConnection) -> int:
    """The threads that the connection may use."""
    return int(connection.execute("SELECT current_setting('threads')").fetchall()[0][0])


def rows_sql(types: Iterable[str]) -> str:
    """The SELECT of rows that are given as one list for each column; `executemany` takes a statement for each row."""
    return f"SELECT {', '.join(f'unnest(?::{kind}[])' for kind in types)}"


def columns_of(rows: Iterable[Sequence[Any]], types: Sequence[str]) -> list[list[Any]]:
    """The arguments of `rows_sql`."""
    listed = list(rows)
    return [[row[number] for row in listed] for number in range(len(types))]
