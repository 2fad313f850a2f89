"""Which rows of a source table can be stated, in which tenant, and with which cells: the live rows."""

from __future__ import annotations

import duckdb

from jobgraph.contract import quarantine
from jobgraph.contract.cells import RULES, canonical, is_valid, simple_elements
from jobgraph.contract.profile import Profile, TableInSource, tenant_joins
from jobgraph.contract.sql import KEYS, LIVE, SOURCE, name, table, text
from jobgraph.vocabulary import JG, Column, Vocabulary

_ROW_RULES = ("missing-key", "duplicate-key", "missing-tenant")


def quarantine_rows(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile, vocabulary: Vocabulary
) -> None:
    """Put the rows without key or tenant, and the later ones of equal keys, into quarantine."""
    if not any(profile.has(rule) for rule in _ROW_RULES):
        return
    tenant, joins = tenant_joins(found, vocabulary)
    key = found.key
    tenant_column = _tenant_column(found)
    tenant_value = f"s.{name(tenant_column)}" if tenant_column in found.column_names else "NULL"
    unknown = "tenant-name" if found.table.tenancy == "Itself" else "unknown-tenant"
    rows = f"""
        SELECT s.rowid + 1 AS row_, {key} AS key_, {tenant} AS tenant_, {tenant_value} AS tenant_value,
               row_number() OVER (PARTITION BY {key} ORDER BY s.rowid) AS repetition
        FROM {table(SOURCE, found.table.name)} s {joins}"""
    verdict = f"""
        SELECT *, CASE WHEN key_ IS NULL THEN 'missing-key' WHEN repetition > 1 THEN 'duplicate-key'
                       WHEN tenant_ IS NULL AND tenant_value IS NULL THEN 'missing-tenant'
                       WHEN tenant_ IS NULL THEN '{unknown}' END AS rule
        FROM ({rows})"""
    columns = f"CASE WHEN rule LIKE '%-key' THEN {text(found.table.key)} ELSE {text(tenant_column)} END"
    values = "CASE WHEN rule LIKE '%-key' THEN key_ ELSE tenant_value END"
    quarantine.insert(
        connection,
        found.table.name,
        f"SELECT key_, row_, {columns}, {values}, rule, tenant_, NULL FROM ({verdict}) WHERE rule IS NOT NULL",
        whole_rows=True,
    )


def _tenant_column(found: TableInSource) -> str:
    if found.table.tenant_columns:
        return found.table.tenant_columns[0]
    path = JG + ("slug" if found.table.tenancy == "Itself" else "belongsToTenant")
    return found.table.column_of(path) or found.table.key


def quarantine_cells(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile, vocabulary: Vocabulary
) -> None:
    """Put the cells that do not parse as what their column holds into quarantine; their rows stay."""
    tenant, joins = tenant_joins(found, vocabulary)
    for column in found.columns:
        if not profile.has("invalid", column.name):
            continue
        cell = f"s.{name(column.name)}"
        rule, words = _cell_rule(column)
        quarantine.insert(
            connection,
            found.table.name,
            f"""SELECT {found.key}, s.rowid + 1, {text(column.name)}, {cell}, '{rule}', {tenant}, {text(words)}
                FROM {table(SOURCE, found.table.name)} s {joins}
                WHERE {cell} IS NOT NULL AND NOT {is_valid(column, cell)}
                  AND s.rowid + 1 NOT IN ({quarantine.row_numbers(found.table.name)})""",
        )


def _cell_rule(column: Column) -> tuple[str, str]:
    words = RULES[column.datatype].words if column.datatype else "link"
    return ("list", f"list of {words}") if column.repeated else ("datatype", words)


def make_live(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile, vocabulary: Vocabulary
) -> None:
    """Make the relation of live rows: a view where every cell is canonical already, else a table.

    Columns: `row_` (number of the data row), `tenant_` ('' if shared), and the filled columns under their names,
    lists as VARCHAR[]. Soft-deleted rows are left out.
    """
    tenant, joins = tenant_joins(found, vocabulary)
    absent = () if found.table.class_iri else (c for c in found.table.links if c not in found.columns)
    cells, changed = [f"NULL::VARCHAR AS {name(c.name)}" for c in absent], False
    for column in _distinct(found.columns):
        if column.name == found.table.key:
            continue
        sql = _live_cell(column, profile)
        changed = changed or sql != f"s.{name(column.name)}"
        cells.append(f"{sql} AS {name(column.name)}")
    kind = "TABLE" if changed else "VIEW"
    select = ", ".join(
        ["s.rowid + 1 AS row_", f"{tenant} AS tenant_", f"{found.key} AS {name(found.table.key)}", *cells]
    )
    where = [f"{found.key} IS NOT NULL", f"{tenant} IS NOT NULL", f"NOT ({found.deleted})"]
    if any(profile.has(rule) for rule in _ROW_RULES):
        where.append(f"s.rowid + 1 NOT IN ({quarantine.row_numbers(found.table.name)})")
    source = f"{table(SOURCE, found.table.name)} s {joins} WHERE {' AND '.join(where)}"
    connection.execute(f"CREATE {kind} {table(LIVE, found.table.name)} AS SELECT {select} FROM {source}")


def _distinct(columns: tuple[Column, ...]) -> list[Column]:
    """One entry a column name: a column that states two properties is one cell, kept as its code if it is one."""
    return list({c.name: c for c in sorted(columns, key=lambda c: c.kind == "literal", reverse=True)}.values())


def _live_cell(column: Column, profile: Profile) -> str:
    cell = f"s.{name(column.name)}"
    rough, invalid = profile.has("rough", column.name), profile.has("invalid", column.name)
    if column.repeated and not profile.has("complex", column.name):
        return simple_elements(cell)
    if column.kind == "code" or not (rough or invalid):
        return cell
    sql = canonical(column, cell) if rough else cell
    return f"CASE WHEN {is_valid(column, cell)} THEN {sql} END" if invalid else sql


def make_keys(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile, vocabulary: Vocabulary
) -> None:
    """Make the table of keys that others may link to: `key_`, `tenant_`, `deleted_`."""
    tenant, joins = tenant_joins(found, vocabulary)
    bad = ""
    if any(profile.has(rule) for rule in _ROW_RULES):
        bad = f"AND s.rowid + 1 NOT IN ({quarantine.row_numbers(found.table.name)})"
    connection.execute(
        f"""CREATE TABLE {table(KEYS, found.table.name)} AS
            SELECT {found.key} AS key_, {tenant} AS tenant_, {found.deleted} AS deleted_
            FROM {table(SOURCE, found.table.name)} s {joins}
            WHERE {found.key} IS NOT NULL AND {tenant} IS NOT NULL {bad}"""
    )
