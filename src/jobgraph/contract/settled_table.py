"""One table of a database of which the rows that are settled are not read: the others, and those that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import duckdb
import numpy as np

from jobgraph.contract.prints import print_of_loaded
from jobgraph.contract.sql import name, text
from jobgraph.sources import PLACE, PlacedRows
from jobgraph.sources.csv_records import DIGEST_BYTES

_LARGEST_SHARE = 0.5  # of rows to read by their places; above it, reading the table whole costs less
_MOST_ROWS = 20_000  # for all that are read are held in memory here


class SettledTable:
    """A table and its columns; `read` comes first."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, rows: PlacedRows, table_name: str, columns: Sequence[str]
    ) -> None:
        self._connection, self._rows, self._columns = connection, rows, columns
        self._table_name, self._listed = table_name, ""
        self._cells: dict[int, Sequence[str | None]] = {}
        self._prints = np.empty(0, dtype=f"V{DIGEST_BYTES}")

    @property
    def prints(self) -> bytes:
        """The prints of all rows: of those that were read as they are, of the others as they were."""
        return self._prints.tobytes()

    def read(self, key: str, moment: str, before: bytes) -> bool:
        """Read all rows but the settled ones; False if they are so many that the table is better read whole.

        `key` and `moment` are columns, `before` the prints of the last build.
        """
        for schema in ("listed", "fetched"):
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._listed = self._rows.list_all(self._connection.cursor(), (key, moment))
        there, settled = self._settled_rows(key, moment)
        count = int(self._connection.execute(f"SELECT count(*) FROM {self._listed}").fetchall()[0][0])
        if count - len(there) > min(_LARGEST_SHARE * count, _MOST_ROWS):
            return False
        old = np.frombuffer(before, dtype=self._prints.dtype)
        self._prints = np.empty(count + 1, dtype=self._prints.dtype)
        self._prints[0] = old[0]
        self._prints[there] = old[settled]
        self._fetch(np.setdiff1d(np.arange(1, count + 1), there).tolist())
        return True

    def cells(self, numbers: Sequence[int]) -> Iterator[tuple[int, Sequence[str | None]]]:
        """The cells of rows by their numbers, which are read now if they were not before."""
        self._fetch(numbers)
        for number in numbers:
            yield number, self._cells[number]

    def _settled_rows(self, key: str, moment: str) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the rows that are settled, now and in the last build."""
        found = self._connection.execute(
            f"""SELECT l.rowid + 1 AS there, s.row_ AS settled FROM {self._listed} l
                JOIN base.settled s ON s.key_ = l.{name(key)} AND s.moment = l.{name(moment)}
                WHERE s.table_ = {text(self._table_name)} AND s.key_ NOT IN (
                    SELECT {name(key)} FROM {self._listed} WHERE {name(key)} IS NOT NULL GROUP BY ALL
                    HAVING count(*) > 1)"""
        ).fetchnumpy()
        return np.asarray(found["there"]), np.asarray(found["settled"])

    def _fetch(self, numbers: Iterable[int]) -> None:
        """Read rows that were not read before."""
        new = [number for number in numbers if number not in self._cells]
        if not new:
            return
        query = f"SELECT l.{name(PLACE)} FROM {self._listed} l WHERE l.rowid + 1 IN (SELECT unnest(?::BIGINT[]))"
        places = [place for (place,) in self._connection.execute(query, [new]).fetchall()]
        loaded = self._rows.load(self._connection.cursor(), places)
        columns = ", ".join(["l.rowid + 1", print_of_loaded(self._columns), *(f"s.{name(c)}" for c in self._columns)])
        query = f"SELECT {columns} FROM {loaded} s JOIN {self._listed} l ON l.{name(PLACE)} = s.{name(PLACE)}"
        for number, digest, *cells in self._connection.execute(query).fetchall():
            self._prints[number] = np.void(digest)
            self._cells[number] = cells
        self._connection.execute(f"DROP TABLE {loaded}")
