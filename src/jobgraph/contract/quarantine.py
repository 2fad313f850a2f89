"""Quarantine: what cannot be stated truthfully, with table, key, row, column, raw value, rule and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from jobgraph.contract.sql import columns_of, rows_sql, text
from jobgraph.contract.tables import TableInSource

COLUMNS = ("table", "key", "row", "column", "value", "rule", "sentence")

# One sentence a rule: what is wrong and what to do. %v is the value, %w what was expected.
SENTENCES = {
    "missing-key": "The row has no key, so nothing can be said of it; give it one.",
    "duplicate-key": "The key %v is used by an earlier row; give this row a key of its own or remove it.",
    "missing-tenant": "The row names no owner: its %w is empty; fill it.",
    "unknown-tenant": "The owner %v of the row cannot be found; add it or correct the link.",
    "tenant-name": "The tenant's short name %v cannot name a folder or is used twice; use a-z, 0-9 and hyphens.",
    "datatype": "%v is no %w; correct the cell.",
    "list": '%v is no %w; write {a,b} or ["a","b"].',
    "missing-end": "The row links nothing: its %w is empty; fill it or remove the row.",
    "missing-target": "%v is not the key of any row of %w; add that row or correct the link.",
    "deleted-target": "%v is the key of a deleted row of %w; restore that row or remove the link.",
    "foreign-tenant": "%v is a row of %w that belongs to another tenant; links stay within a tenant.",
    "invalid-utf8": "The cell is not UTF-8 text: %v; save the file as UTF-8.",
    "nul-character": "The cell holds a NUL character: %v; remove it.",
    "extra-cells": "The row has more cells than the header: %v; correct quotes and commas.",
    "missing-cells": "The row has fewer cells than the header; the absent ones count as empty.",
    "broken-row": "The row cannot be read: %v; correct its quotes, commas or brackets.",
}
LINK_RULES = ("missing-end", "missing-target", "deleted-target", "foreign-tenant")
_SHOWN = 80  # characters of a value that a sentence shows


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table of quarantined rows and cells and the one that sources report their defects in."""
    connection.execute(
        """CREATE TABLE quarantine(table_name VARCHAR, key VARCHAR, row_number BIGINT, column_name VARCHAR,
                                   value VARCHAR, rule VARCHAR, tenant VARCHAR, whole_row BOOLEAN, sentence VARCHAR)"""
    )
    connection.execute(
        """CREATE TABLE source_defects(table_name VARCHAR, row_number BIGINT, column_name VARCHAR, value VARCHAR,
                                       rule VARCHAR)"""
    )


def insert(connection: duckdb.DuckDBPyConnection, table_name: str, select: str, *, whole_rows: bool = False) -> None:
    """Add what `select` gives: key, row number, column, value, rule, tenant, and what was expected instead."""
    connection.execute(
        f"""INSERT INTO quarantine
            SELECT {text(table_name)}, key_, row_, column_, value_, rule_, tenant_, {whole_rows}, {_sentence_sql()}
            FROM ({select}) AS bad(key_, row_, column_, value_, rule_, tenant_, words_)"""
    )


def insert_all(connection: duckdb.DuckDBPyConnection, entries: Sequence[Sequence[Any]]) -> None:
    """Add entries of any tables: table, key, row number, column, value, rule, tenant, expected instead, whole row."""
    types = ("VARCHAR", "VARCHAR", "BIGINT", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN")
    connection.execute(
        f"""INSERT INTO quarantine
            SELECT table_, key_, row_, column_, value_, rule_, tenant_, whole_, {_sentence_sql()}
            FROM ({rows_sql(types)}) AS bad(table_, key_, row_, column_, value_, rule_, tenant_, words_, whole_)""",
        columns_of(entries, types),
    )


def _sentence_sql() -> str:
    shown = f"CASE WHEN length(value_) > {_SHOWN} THEN left(value_, {_SHOWN}) || '…' ELSE coalesce(value_, '') END"
    cases = " ".join(f"WHEN {text(rule)} THEN {text(sentence)}" for rule, sentence in SENTENCES.items())
    return f"replace(replace(CASE rule_ {cases} END, '%w', coalesce(words_, '')), '%v', '''' || {shown} || '''')"


def row_numbers(table_name: str) -> str:
    """The SQL of the numbers of a table's rows that are in quarantine as a whole."""
    return f"SELECT row_number FROM quarantine WHERE whole_row AND table_name = {text(table_name)}"


def tables_with_source_defects(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The tables that the source reported anything about while reading them."""
    return frozenset(t for (t,) in connection.execute("SELECT DISTINCT table_name FROM source_defects").fetchall())


def adopt_source_defects(connection: duckdb.DuckDBPyConnection, found: TableInSource) -> None:
    """Take over what the source reported while reading a table, with the keys and tenants of the rows.

    A broken row that has no key or tenant left is in quarantine as a whole, for that reason and no other.
    """
    no_key = f"{found.key} IS NULL" if found.needs_key else "false"
    lost = f"(d.rule = 'broken-row' AND ({no_key} OR {found.tenant} IS NULL))"
    for whole_rows, condition in ((True, lost), (False, f"NOT {lost}")):
        insert(
            connection,
            found.table.name,
            f"""SELECT {found.key}, d.row_number, d.column_name, d.value, d.rule, {found.tenant}, NULL
                FROM {found.rows} JOIN source_defects d ON d.row_number = s.rowid + 1
                WHERE d.table_name = {text(found.table.name)} AND {condition}""",
            whole_rows=whole_rows,
        )


def forget_other_owners(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave tenants that can be built as owners of entries; those of shared rows and deleted tenants have none."""
    live = "SELECT tenant_ FROM owners WHERE NOT deleted_"
    connection.execute(f"UPDATE quarantine SET tenant = NULL WHERE tenant NOT IN ({live})")


def write_parquet(connection: duckdb.DuckDBPyConnection, path: Path, *, tenant: str | None) -> int:
    """Write a tenant's quarantine, or with None that of shared rows and of none; give the number of entries."""
    where = "tenant IS NULL" if tenant is None else f"tenant = {text(tenant)}"
    renamed = """table_name AS "table", key, row_number AS "row", column_name AS "column", value, rule, sentence"""
    entries = connection.execute(
        f"""COPY (SELECT {renamed} FROM quarantine WHERE {where} ORDER BY ALL)
            TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd)"""
    ).fetchone()
    return int(entries[0]) if entries else 0
