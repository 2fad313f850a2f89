"""Digests of the rows of a source, in their order, and what two of them tell: which rows are still there, and where.

The first digest of a table is that of its columns: a row with other columns is another row.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from struct import iter_unpack

import duckdb

from jobgraph.contract.sql import SOURCE, name, table
from jobgraph.sources.csv_records import DIGEST_BYTES, Prints, Run


def write_prints(prints: Mapping[str, Prints], path: Path) -> None:
    """Write the prints of tables to a file: a line with the tables and their sizes, then the digests."""
    sizes = {table_name: [*map(len, prints[table_name])] for table_name in sorted(prints)}
    with path.open("wb") as stream:
        stream.write(json.dumps(sizes).encode() + b"\n")
        stream.writelines(part for table_name in sizes for part in prints[table_name])


def read_prints(path: Path) -> dict[str, Prints]:
    """What `write_prints` wrote."""
    with path.open("rb") as stream:
        sizes = json.loads(stream.readline())
        return {table_name: Prints(*map(stream.read, parts)) for table_name, parts in sizes.items()}


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


def compare(old: bytes, new: bytes, same: Sequence[Run] = ()) -> tuple[list[Run], list[int]]:
    """The runs of rows that are in both, and the numbers of the rows that are new; of equal rows, the first are equal.

    Rows are numbered from 1. `same` are runs that are known, in their order; the other rows are compared.
    """
    if old == new:
        return ([Run(1, row_count(old), 0)] if row_count(old) else []), []
    if old[:DIGEST_BYTES] != new[:DIGEST_BYTES]:
        return [], list(range(1, row_count(new) + 1))
    old_numbers = others(row_count(old), same)
    new_numbers = others(row_count(new), (Run(first + shift, last + shift, 0) for first, last, shift in same))
    places = dict(zip(_rows(old, old_numbers), chain.from_iterable(old_numbers), strict=True))
    runs: list[Run] = []
    fresh: list[int] = []
    first = last = shift = -1  # a run that is none, and goes in the end
    for number, place in zip(chain.from_iterable(new_numbers), map(places.get, _rows(new, new_numbers)), strict=True):
        if place is None:
            fresh.append(number)
        elif place == last + 1 and number - place == shift:
            last = place
        else:
            runs.append(Run(first, last, shift))
            first, last, shift = place, place, number - place
    return [*same, *[*runs, Run(first, last, shift)][1:]], fresh


def others(count: int, runs: Iterable[Run]) -> list[range]:
    """The numbers from 1 to `count` that are in none of some runs in their order."""
    found, first = [], 1
    for run in runs:
        found.append(range(first, run.first))
        first = run.last + 1
    return [*found, range(first, count + 1)]


def _rows(prints: bytes, numbers: Iterable[range]) -> list[bytes]:
    """The digests of some rows; an equal one further down is made another, by how often it was there before."""
    parts = b"".join(prints[part.start * DIGEST_BYTES : part.stop * DIGEST_BYTES] for part in numbers)
    rows = [row for (row,) in iter_unpack(f"{DIGEST_BYTES}s", parts)]
    if len(set(rows)) == len(rows):
        return rows
    before: Counter[bytes] = Counter()
    for place, row in enumerate(rows):
        if times := before[row]:
            rows[place] += times.to_bytes(DIGEST_BYTES)
        before[row] += 1
    return rows
