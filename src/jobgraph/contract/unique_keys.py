"""The look at unique keys: live rows of one tenant's graph that share a key that only one of them may have."""

from __future__ import annotations

import duckdb

from jobgraph.contract.sql import LIVE, name, table, text
from jobgraph.contract.tables import TableInSource, live_cell
from jobgraph.vocabulary import SH, XSD, Column, UniqueKey, Vocabulary

COMPONENT = SH + "SPARQLConstraintComponent"
_NUMBERS = {XSD + "integer", XSD + "decimal"}


def record_repeated_keys(connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary) -> None:
    """Record a finding for every live row whose key another row has, too; a row with an empty cell has no key.

    Tenants are graphs of their own, so equal keys of two tenants are none of one. A shared row stands in the graph of
    each tenant, and so its finding may be one of a single tenant's.
    """
    for key in found.table.unique_keys:
        if all(column in found.columns for column in key.columns) and _is_repeated(connection, found, key, vocabulary):
            _record(connection, found, key, vocabulary)


def _is_repeated(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, key: UniqueKey, vocabulary: Vocabulary
) -> bool:
    """Whether any two rows share the key, whosever they are: grouping is cheaper than joining."""
    return connection.execute(f"{_grouped(found, key, vocabulary)} LIMIT 1").fetchone() is not None


def _record(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, key: UniqueKey, vocabulary: Vocabulary
) -> None:
    cells = ", ".join(_term(found, column, vocabulary) for column in key.columns)
    rows = f"""SELECT l.{name(found.table.key)} AS key_, l.row_, l.tenant_, [{cells}] AS values_
               FROM {table(LIVE, found.table.name)} l WHERE {_is_filled(found, key)}"""
    connection.execute(
        f"""INSERT INTO findings
            WITH rows_ AS MATERIALIZED (
                     {rows} AND [{cells}] IN (SELECT values_ FROM ({_grouped(found, key, vocabulary)}))),
                 uses AS (SELECT values_, tenant_, count(*) AS count_ FROM rows_ GROUP BY values_, tenant_)
            SELECT DISTINCT {text(found.table.name)}, l.key_, l.row_, {text(", ".join(c.name for c in key.columns))},
                   {text(key.iri)}, NULL, {text(COMPONENT)}, {text(found.table.shape)}, {text(found.table.severity)},
                   {text(key.message)}, CASE WHEN l.tenant_ = '' THEN u.tenant_ ELSE l.tenant_ END
            FROM rows_ l JOIN uses u ON u.values_ = l.values_
            WHERE CASE WHEN u.tenant_ = l.tenant_ THEN u.count_ > 1 ELSE '' IN (u.tenant_, l.tenant_) END"""
    )


def _grouped(found: TableInSource, key: UniqueKey, vocabulary: Vocabulary) -> str:
    """The keys that several rows have."""
    cells = ", ".join(_term(found, column, vocabulary) for column in key.columns)
    return f"""SELECT [{cells}] AS values_ FROM {table(LIVE, found.table.name)} l
               WHERE {_is_filled(found, key)} GROUP BY {cells} HAVING count(*) > 1"""


def _is_filled(found: TableInSource, key: UniqueKey) -> str:
    return " AND ".join(f"{live_cell(found.table, column)} IS NOT NULL" for column in key.columns)


def _term(found: TableInSource, column: Column, vocabulary: Vocabulary) -> str:
    """The SQL of what a cell states, so that two spellings of one code or number are equal."""
    cell = live_cell(found.table, column)
    if column.datatype in _NUMBERS:
        return f"coalesce(try_cast({cell} AS DECIMAL(38, 18))::VARCHAR, {cell})"
    scheme = vocabulary.scheme_of(column)
    if scheme is None:
        return cell
    codes = {**scheme.others, **{n: concept for n, concept in scheme.notations.items() if n in scheme.plain}}
    cases = "".join(f" WHEN {text(code)} THEN {text(concept)}" for code, concept in codes.items())
    return f"CASE {cell}{cases} ELSE {cell} END" if cases else cell
