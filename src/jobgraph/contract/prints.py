"""Digests of the rows of a source, in their order, and what two of them tell: which rows are still there, and where.

The first digest of a table is that of its columns: a row with other columns is another row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from struct import iter_unpack

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
    query = f"SELECT {print_of_loaded(columns)} FROM {table(SOURCE, table_name)} s ORDER BY s.rowid"
    rows = connection.execute(query).fetchall()
    return b"".join((print_of_columns(columns), *(digest for (digest,) in rows)))


def print_of_loaded(columns: Sequence[str]) -> str:
    """The SQL of the digest of a row `s` that is loaded."""
    cells = ", ".join(f"s.{name(column)}" for column in columns) or "NULL::VARCHAR"
    return f"unhex(md5(to_json([{cells}])::VARCHAR))"


def is_of_loaded(prints: bytes, columns: Sequence[str]) -> bool:
    """Whether prints are of a table with these columns that was loaded."""
    return prints[:DIGEST_BYTES] == print_of_columns(columns)


def print_of_columns(columns: Sequence[str]) -> bytes:
    """The first digest of a table that is loaded."""
    return blake2b("\0".join(columns).encode(), digest_size=DIGEST_BYTES, person=b"loaded").digest()


def compare(old: bytes, new: bytes) -> tuple[list[Run], list[int]]:
    """The runs of rows that are in both, and the numbers of the rows that are new; of equal rows, the first are equal.

    Rows are numbered from 1.
    """
    if old == new:
        return ([Run(1, row_count(old), 0)] if row_count(old) else []), []
    if old[:DIGEST_BYTES] != new[:DIGEST_BYTES]:
        return [], list(range(1, row_count(new) + 1))
    places = {row: number for number, row in enumerate(_rows(old), 1)}
    runs: list[Run] = []
    fresh: list[int] = []
    first = last = shift = -1  # a run that is none, and goes in the end
    for number, place in enumerate(map(places.get, _rows(new)), 1):
        if place is None:
            fresh.append(number)
        elif place == last + 1 and number - place == shift:
            last = place
        else:
            runs.append(Run(first, last, shift))
            first, last, shift = place, place, number - place
    return [*runs, Run(first, last, shift)][1:], fresh


def _rows(prints: bytes) -> list[bytes]:
    """The digest of each row; an equal one further down is made another, by how often it was there before."""
    rows = [row for (row,) in iter_unpack(f"{DIGEST_BYTES}s", prints)][1:]
    if len(set(rows)) == len(rows):
        return rows
    before: Counter[bytes] = Counter()
    for place, row in enumerate(rows):
        if times := before[row]:
            rows[place] += times.to_bytes(DIGEST_BYTES)
        before[row] += 1
    return rows
