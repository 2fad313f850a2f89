"""Digests of the rows of a source, in their order, and what two of them tell: which rows are still there, and where.

The first digest of a table is that of its columns: a row with other columns is another row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import duckdb

from jobgraph.contract.sql import SOURCE, name, table
from jobgraph.sources.csv_records import DIGEST_BYTES


@dataclass(frozen=True)
class Run:
    """Rows that follow each other in the old table, from `first` to `last`, and how many places they moved down."""

    first: int
    last: int
    shift: int


def row_count(prints: bytes) -> int:
    """The rows that prints are of."""
    return max(0, len(prints) // DIGEST_BYTES - 1)


def prints_of_loaded(connection: duckdb.DuckDBPyConnection, table_name: str, columns: Sequence[str]) -> bytes:
    """The prints of a table that is loaded, of the cells that it holds."""
    cells = ", ".join(f"s.{name(column)}" for column in columns) or "NULL::VARCHAR"
    query = f"SELECT unhex(md5(to_json([{cells}])::VARCHAR)) FROM {table(SOURCE, table_name)} s ORDER BY s.rowid"
    rows = connection.execute(query).fetchall()
    header = blake2b("\0".join(columns).encode(), digest_size=DIGEST_BYTES, person=b"loaded").digest()
    return b"".join((header, *(digest for (digest,) in rows)))


def compare(old: bytes, new: bytes) -> tuple[list[Run], list[int]]:
    """The runs of rows that are in both, and the numbers of the rows that are new; of equal rows, the first are equal.

    Rows are numbered from 1.
    """
    if old == new:
        return ([Run(1, row_count(old), 0)] if row_count(old) else []), []
    if old[:DIGEST_BYTES] != new[:DIGEST_BYTES]:
        return [], list(range(1, row_count(new) + 1))
    where: dict[bytes, list[int]] = {}
    for number in range(row_count(old), 0, -1):
        where.setdefault(_at(old, number), []).append(number)
    runs: list[Run] = []
    fresh: list[int] = []
    for number in range(1, row_count(new) + 1):
        places = where.get(_at(new, number))
        if places:
            _extend(runs, places.pop(), number)
        else:
            fresh.append(number)
    return runs, fresh


def _at(prints: bytes, number: int) -> bytes:
    return prints[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]


def _extend(runs: list[Run], old: int, new: int) -> None:
    last = runs[-1] if runs else None
    if last and last.last + 1 == old and last.shift == new - old:
        runs[-1] = Run(last.first, old, last.shift)
    else:
        runs.append(Run(old, old, new - old))
