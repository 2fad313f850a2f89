"""Quarantine: what cannot be stated truthfully, with table, key, row, column, raw value, rule and a sentence."""

from __future__ import annotations

from pathlib import Path

import duckdb

from jobgraph.contract.sql import LIVE, name, table, text
from jobgraph.vocabulary import Vocabulary

COLUMNS = ("table", "key", "row", "column", "value", "rule", "sentence")

# One sentence a rule: what is wrong and what to do. %v is the value, %w what was expected.
SENTENCES = {
    "missing-key": "The row has no key, so nothing can be said of it; give it one.",
    "duplicate-key": "The key %v is used by an earlier row; give this row a key of its own or remove it.",
    "missing-tenant": "The row has no tenant; name the tenant that it belongs to.",
    "unknown-tenant": "The owner %v of the row cannot be found; add it or correct the link.",
    "tenant-name": "The tenant's short name %v cannot name a folder or is used twice; use a-z, 0-9 and hyphens.",
    "datatype": "%v is not an %w; correct the cell.",
    "list": '%v is not a %w; write {a,b} or ["a","b"].',
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


def _sentence_sql() -> str:
    shown = f"CASE WHEN length(value_) > {_SHOWN} THEN value_[1:{_SHOWN}] || '…' ELSE coalesce(value_, '') END"
    cases = " ".join(f"WHEN {text(rule)} THEN {text(sentence)}" for rule, sentence in SENTENCES.items())
    return f"replace(replace(CASE rule_ {cases} END, '%w', coalesce(words_, '')), '%v', '''' || {shown} || '''')"


def row_numbers(table_name: str) -> str:
    """The SQL of the numbers of a table's rows that are in quarantine as a whole."""
    return f"SELECT row_number FROM quarantine WHERE whole_row AND table_name = {text(table_name)}"


def adopt_source_defects(connection: duckdb.DuckDBPyConnection, vocabulary: Vocabulary) -> None:
    """Move what the source reported while reading into quarantine, with the keys and tenants of the rows."""
    for (table_name,) in connection.execute("SELECT DISTINCT table_name FROM source_defects ORDER BY ALL").fetchall():
        key = name(vocabulary.tables[table_name].key)
        insert(
            connection,
            table_name,
            f"""SELECT l.{key}, d.row_number, d.column_name, d.value, d.rule, l.tenant_, NULL
                FROM source_defects d LEFT JOIN {table(LIVE, table_name)} l ON l.row_ = d.row_number
                WHERE d.table_name = {text(table_name)}""",
        )


def write_parquet(connection: duckdb.DuckDBPyConnection, path: Path, *, tenant: str | None) -> int:
    """Write a tenant's quarantine, or with None what no tenant can be found for; give the number of entries."""
    where = "tenant IS NULL" if tenant is None else f"tenant = {text(tenant)}"
    renamed = """table_name AS "table", key, row_number AS "row", column_name AS "column", value, rule, sentence"""
    entries = connection.execute(
        f"""COPY (SELECT {renamed} FROM quarantine WHERE {where} ORDER BY ALL)
            TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd)"""
    ).fetchone()
    return int(entries[0]) if entries else 0
