"""The look at unique keys: live rows of one tenant's graph that share a key that only one of them may have."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from jobgraph.contract.profile import Profile
from jobgraph.contract.sql import LIVE, name, table, text
from jobgraph.contract.tables import TableInSource, live_cell
from jobgraph.vocabulary import SH, XSD, Column, UniqueKey, Vocabulary

COMPONENT = SH + "SPARQLConstraintComponent"
_NUMBERS = {XSD + "integer", XSD + "decimal"}


def key_looks(found: TableInSource, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """What a look at source rows counts: the problem of each key, and the SQL of how many rows seem to share one.

    It compares hashes, which never miss equal cells and cost less than the cells.
    """
    for key in keys_of(found):
        cells = [_term(found.cell(column.name), column, vocabulary) for column in key.columns]
        filled = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
        hashed = f"CASE WHEN {filled} THEN hash({', '.join(cells)}) END"
        yield f"repeated {key.iri}", f"count({hashed}) - count(DISTINCT {hashed})"


def record_repeated_keys(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, seen: Profile, vocabulary: Vocabulary
) -> None:
    """Record a finding for every live row whose key another row has, too; a row with an empty cell has no key.

    Tenants are graphs of their own, so equal keys of two tenants are none of one. A shared row stands in the graph of
    each tenant, and so its finding may be one of a single tenant's.
    """
    for key in keys_of(found):
        is_rewritten = any(seen.has("rough", column.name) for column in key.columns)
        if is_rewritten or seen.has("repeated", key.iri):
            _record(connection, found, key, vocabulary)


def keys_of(found: TableInSource) -> list[UniqueKey]:
    """The keys of a table whose columns the source has."""
    return [key for key in found.table.unique_keys if all(column in found.columns for column in key.columns)]


def _record(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, key: UniqueKey, vocabulary: Vocabulary
) -> None:
    cells = ", ".join(key_cells(found, key, vocabulary))
    rows = f"""SELECT l.{name(found.table.key)} AS key_, l.row_, l.tenant_, [{cells}] AS values_
               FROM {table(LIVE, found.table.name)} l WHERE {is_filled(found, key)}"""
    connection.execute(
        f"""INSERT INTO findings
            WITH rows_ AS MATERIALIZED (
                     {rows} QUALIFY count(*) OVER (PARTITION BY values_) > 1),
                 uses AS (SELECT values_, tenant_, count(*) AS count_ FROM rows_ GROUP BY values_, tenant_)
            SELECT DISTINCT {text(found.table.name)}, l.key_, l.row_, {text(", ".join(c.name for c in key.columns))},
                   {text(key.iri)}, NULL, {text(COMPONENT)}, {text(found.table.shape)}, {text(found.table.severity)},
                   {text(key.message)}, CASE WHEN l.tenant_ = '' THEN u.tenant_ ELSE l.tenant_ END
            FROM rows_ l JOIN uses u ON u.values_ = l.values_
            WHERE CASE WHEN u.tenant_ = l.tenant_ THEN u.count_ > 1 ELSE '' IN (u.tenant_, l.tenant_) END"""
    )


def is_filled(found: TableInSource, key: UniqueKey) -> str:
    """The SQL of whether the live row `l` has the key: a row with an empty cell has none."""
    return " AND ".join(f"{live_cell(found.table, column)} IS NOT NULL" for column in key.columns)


def key_cells(found: TableInSource, key: UniqueKey, vocabulary: Vocabulary) -> list[str]:
    """The SQL of what the live row `l` states for each column of a key."""
    return [_term(live_cell(found.table, column), column, vocabulary) for column in key.columns]


def _term(cell: str, column: Column, vocabulary: Vocabulary) -> str:
    """The SQL of what a cell states, so that two spellings of one code or number are equal."""
    if column.datatype in _NUMBERS:
        return f"coalesce(try_cast({cell} AS DECIMAL(38, 18))::VARCHAR, {cell})"
    scheme = vocabulary.scheme_of(column)
    if scheme is None:
        return cell
    cases = "".join(f" WHEN {text(code)} THEN {text(concept)}" for code, concept in scheme.concepts.items())
    return f"CASE {cell}{cases} ELSE {cell} END" if cases else cell
