"""Which rows of a source table can be stated, in which tenant, and with which cells: the live rows."""

from __future__ import annotations

import duckdb

from jobgraph.contract import quarantine
from jobgraph.contract.cells import canonical, is_valid, rule_of
from jobgraph.contract.profile import Profile
from jobgraph.contract.sql import KEYS, LIVE, name, table, text
from jobgraph.contract.tables import TableInSource, live_name
from jobgraph.vocabulary import RDF, Column

_ROW_RULES = ("missing-key", "duplicate-key", "missing-tenant")


def quarantine_rows(connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile) -> None:
    """Put the rows without key or tenant, and the later ones of equal keys, into quarantine."""
    if not _has_bad_rows(profile):
        return
    owner, owner_column = _owner(found)
    needs_key = "key_ IS NULL" if found.needs_key else "false"
    no_tenant = "CASE WHEN owner_ IS NULL THEN 'missing-tenant' ELSE 'unknown-tenant' END"
    if found.table.tenancy == "Itself":
        no_tenant = "'tenant-name'"
    quarantine.insert(
        connection,
        found.table.name,
        f"""
        SELECT key_, row_, CASE WHEN rule_ LIKE '%-key' THEN {text(found.table.key)} ELSE owner_column END,
               CASE WHEN rule_ LIKE '%-key' THEN key_ ELSE owner_ END, rule_, tenant_, owner_column
        FROM (
            SELECT *, CASE WHEN {needs_key} THEN 'missing-key'
                           WHEN key_ IS NOT NULL AND repetition > 1 THEN 'duplicate-key'
                           WHEN tenant_ IS NULL THEN {no_tenant} END AS rule_
            FROM (
                SELECT s.rowid + 1 AS row_, {found.key} AS key_, {found.tenant} AS tenant_,
                       {owner} AS owner_, {owner_column} AS owner_column,
                       row_number() OVER (PARTITION BY {found.key} ORDER BY s.rowid) AS repetition
                FROM {found.rows}))
        WHERE rule_ IS NOT NULL AND row_ NOT IN ({quarantine.row_numbers(found.table.name)})""",
        whole_rows=True,
    )


def _has_bad_rows(profile: Profile) -> bool:
    return any(profile.has(rule) for rule in _ROW_RULES)


def _owner(found: TableInSource) -> tuple[str, str]:
    """The SQL of what a row names as its owner, and of the column that it does so in: the first filled one."""
    cells = [(found.cell(column), column) for column in found.owner_columns]
    named = " ".join(f"WHEN {cell} IS NOT NULL THEN {text(column)}" for cell, column in cells)
    return f"coalesce({', '.join(cell for cell, _ in cells)})", f"CASE {named} ELSE {text(cells[0][1])} END"


def quarantine_cells(connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile) -> None:
    """Put the cells of rows to be stated that do not parse as what their column holds into quarantine."""
    for column in found.columns:
        if not profile.has("invalid", column.name):
            continue
        cell = found.cell(column.name)
        rule, words = ("list", f"list of {rule_of(column).words}") if column.repeated else ("datatype", "")
        quarantine.insert(
            connection,
            found.table.name,
            f"""SELECT {found.key}, s.rowid + 1, {text(column.name)}, {cell}, '{rule}', {found.tenant},
                       {text(words or rule_of(column).words)}
                FROM {found.rows} WHERE {cell} IS NOT NULL AND NOT {is_valid(column, cell)} AND {_stays(found)}""",
        )


def _stays(found: TableInSource) -> str:
    """True for rows that are neither deleted nor in quarantine as a whole."""
    return f"NOT {found.deleted} AND s.rowid + 1 NOT IN ({quarantine.row_numbers(found.table.name)})"


def make_live(connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile) -> None:
    """Make the view of live rows.

    Columns: `row_` (number of the data row), `tenant_` ('' if shared), the key and the filled columns under their
    names, lists as they are. Soft-deleted rows are left out.
    """
    absent = () if found.table.class_iri else (c for c in found.table.links if c not in found.columns)
    cells = [f"NULL::VARCHAR AS {name(c.name)}" for c in absent]
    for column in _distinct(found.columns):
        cells.append(f"{_live_cell(column, found.cell(column.name), profile)} AS {live_name(found.table, column)}")
    fixed = ["s.rowid + 1 AS row_", f"{found.tenant} AS tenant_", f"{found.key} AS {name(found.table.key)}"]
    select = ", ".join([*fixed, *cells])
    where = _stays(found) if _has_bad_rows(profile) else f"NOT {found.deleted}"
    connection.execute(
        f"""CREATE VIEW {table(LIVE, found.table.name)} AS
            SELECT {select} FROM {found.rows} WHERE {where}"""
    )


def _distinct(columns: tuple[Column, ...]) -> list[Column]:
    """One entry a column name: a column that states two properties is one cell, kept as its code if it is one."""
    return list({c.name: c for c in sorted(columns, key=lambda c: c.kind == "literal", reverse=True)}.values())


def _live_cell(column: Column, cell: str, profile: Profile) -> str:
    rough, invalid = profile.has("rough", column.name), profile.has("invalid", column.name)
    rough = rough or column.datatype == RDF + "JSON"
    if not (rough or invalid) or (column.kind == "code" and not column.repeated):
        return cell
    sql = canonical(column, cell) if rough and not column.repeated else cell
    return f"CASE WHEN {is_valid(column, cell)} THEN {sql} END" if invalid else sql


def make_keys(connection: duckdb.DuckDBPyConnection, found: TableInSource, profile: Profile) -> None:
    """Make the table of keys that others may link to: `key_`, `tenant_`, `deleted_`."""
    bad = f"WHERE s.rowid + 1 NOT IN ({quarantine.row_numbers(found.table.name)})" if _has_bad_rows(profile) else ""
    select = f"SELECT {found.key} AS key_, {found.tenant} AS tenant_, {found.deleted} AS deleted_"
    connection.execute(f"CREATE TABLE {table(KEYS, found.table.name)} AS {select} FROM {found.rows} {bad}")
