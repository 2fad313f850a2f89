"""The tables of a source beside those of the last build: which rows are there still, and the cells of those asked for.

CSV files are compared as text and only records that are asked for are parsed; other tables are loaded and compared, but
for those of a database that has rows which are settled.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import duckdb

from jobgraph.contract.moments import moment_column
from jobgraph.contract.prints import compare, is_of_loaded, others, prints_of_loaded, row_count
from jobgraph.contract.sql import SOURCE, columns_of, name, rows_sql, table
from jobgraph.sources import Source
from jobgraph.sources.csv_records import NONE, Prints, Records, Run
from jobgraph.vocabulary import Table

if TYPE_CHECKING:
    from jobgraph.contract.settled_table import SettledTable

Cells = Mapping[str, str | None]
Defects = dict[tuple[str, int], list[tuple[Any, ...]]]
_first = attrgetter("first")
_RUNS = ("VARCHAR", "BIGINT", "BIGINT", "BIGINT")


@dataclass(frozen=True)
class Before:
    """The prints of the tables of the last build, and the names of those that are known to have the same content."""

    prints: Mapping[str, Prints]
    unchanged: Collection[str]


class ChangedTables:
    """The known `tables` of an open source; the record of those of the last build is in the schema `base`.

    The table engine reads and joins `aside`, in one thread, while rows are compared and looked at.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        tables: Sequence[Table],
        before: Before,
        aside: Executor,
    ) -> None:
        self._connection, self._source, self._before, self._aside = connection, source, before, aside
        self._record = aside.submit(_read_record, connection.cursor())
        self._tables = {table.name: table for table in tables}
        self._records: dict[str, Records] = {}
        self._fresh: dict[str, dict[int, list[str | None] | None]] = {}  # cells of new rows
        self._settled: dict[str, SettledTable] = {}
        self._loaded: set[str] = set()
        self._defects: Defects | None = None
        self._runs: dict[str, list[Run]] = {}
        self.prints: dict[str, Prints] = {}

    def load(self, table_name: str) -> None:
        """Have a table in the table engine."""
        if table_name not in self._loaded:
            self._source.load(self._connection.cursor(), table_name)
            self._loaded.add(table_name)
            self._defects = None

    def find_rows(self) -> list[tuple[str, int]]:
        """Have the tables `old_records` and `old_links`, and give the rows that are not recorded.

        `join_records` makes the table `old`, which has the number of each row now.
        """
        new: list[tuple[str, int]] = []
        have_settled = {
            name for (name,) in self._connection.execute("SELECT DISTINCT table_ FROM base.settled").fetchall()
        }
        for table_name in self._tables:
            before = self._before.prints.get(table_name, NONE)
            is_read = table_name in have_settled and self._read_unsettled(table_name, before.rows)
            found, fresh = self._compare(table_name, before, is_read=is_read)
            self._runs[table_name] = sorted(found)
            new += [(table_name, number) for number in fresh]
        self._record.result()
        runs = [(table_name, *run) for table_name, found in self._runs.items() for run in found]
        self._record = self._aside.submit(_join_record, self._connection.cursor(), columns_of(runs, _RUNS))
        return new

    def gone_rows(self) -> Iterator[tuple[str, int]]:
        """The recorded rows that are not there any longer, by table and number in the record."""
        for table_name, before in self._before.prints.items():
            for numbers in others(row_count(before.rows), self._runs.get(table_name, ())):
                yield from ((table_name, number) for number in numbers)

    def number_now(self, table_name: str, old_row: int) -> int | None:
        """The number that a recorded row has now; None if it went."""
        runs = self._runs.get(table_name, ())
        place = bisect_right(runs, old_row, key=_first) - 1
        return old_row + runs[place].shift if place >= 0 and old_row <= runs[place].last else None

    def join_records(self) -> None:
        """Have the table `old`: the records with the number of each row now, NULL if it went, and `old_row`."""
        self._record.result()

    def cells(self, rows: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int, Cells]]:
        """The cells of rows by table and number, NULL for empty ones."""
        by_table: dict[str, list[int]] = defaultdict(list)
        for table_name, number in rows:
            by_table[table_name].append(number)
        for table_name, numbers in by_table.items():
            columns = self._source.tables[table_name]
            for number, cells in self._cells(table_name, sorted(numbers)):
                yield table_name, number, dict(zip(columns, cells, strict=False))

    def defects(self) -> Defects:
        """What is wrong with rows of the tables that were loaded: column, value and rule."""
        if self._defects is None:
            self._defects = defaultdict(list)
            query = "SELECT table_name, row_number, column_name, value, rule FROM source_defects"
            for table_name, number, *defect in self._connection.execute(query).fetchall():
                self._defects[table_name, number].append(tuple(defect))
        return self._defects

    def _read_unsettled(self, table_name: str, before: bytes) -> bool:
        """Read the rows of a table that are not settled; False if all rows are to be compared."""
        columns = self._source.tables[table_name]
        moment = moment_column(self._tables[table_name], columns)
        rows = self._source.placed_rows(table_name)
        if table_name in self._loaded or moment is None or rows is None or not is_of_loaded(before, columns):
            return False
        from jobgraph.contract.settled_table import SettledTable  # numpy costs 80 ms that a folder need not pay

        settled = SettledTable(self._connection, rows, table_name, columns)
        if is_read := settled.read(self._tables[table_name].key, moment, before):
            self._settled[table_name] = settled
        return is_read

    def _compare(self, table_name: str, before: Prints, *, is_read: bool) -> tuple[list[Run], list[int]]:
        if not is_read and table_name not in self._before.unchanged:
            records = self._source.records(table_name, before)
            if records is not None:
                runs, fresh = compare(before.rows, records.prints.rows, records.same)
                cells = dict(zip(fresh, records.cells(fresh), strict=True))
                if None not in cells.values():
                    self._records[table_name], self._fresh[table_name] = records, cells
                    self.prints[table_name] = records.prints
                    return runs, fresh
        self.prints[table_name] = self._prints_now(table_name, before, is_read=is_read)
        return compare(before.rows, self.prints[table_name].rows)

    def _prints_now(self, table_name: str, before: Prints, *, is_read: bool) -> Prints:
        if is_read:
            return Prints(self._settled[table_name].prints)
        if table_name in self._before.unchanged:
            return before
        self.load(table_name)
        return Prints(prints_of_loaded(self._connection, table_name, self._source.tables[table_name]))

    def _cells(self, table_name: str, numbers: Sequence[int]) -> Iterator[tuple[int, Sequence[str | None]]]:
        if (settled := self._settled.get(table_name)) is not None:
            yield from settled.cells(numbers)
            self.prints[table_name] = Prints(settled.prints)
            return
        if (known := self._records.get(table_name)) is not None:
            fresh = self._fresh[table_name]
            left = [number for number in numbers if number not in fresh]
            found = fresh | dict(zip(left, known.cells(left), strict=True))
            yield from ((number, found[number] or ()) for number in numbers)
            return
        self.load(table_name)
        columns = ", ".join(["s.rowid + 1", *(f"s.{name(c)}" for c in self._source.tables[table_name])])
        query = f"SELECT {columns} FROM {table(SOURCE, table_name)} s WHERE s.rowid + 1 IN (SELECT unnest(?::BIGINT[]))"
        for number, *row in self._connection.execute(query, [numbers]).fetchall():
            yield number, row


def _read_record(connection: duckdb.DuckDBPyConnection) -> None:
    """Have what is read more than once, or as soon as rows are compared, in the table engine."""
    for table_name in ("records", "links"):
        connection.execute(f"CREATE TABLE old_{table_name} AS FROM base.{table_name}")


def _join_record(connection: duckdb.DuckDBPyConnection, runs: list[list[Any]]) -> None:
    connection.execute(
        f"""CREATE TABLE old AS
            WITH stayed AS (SELECT table_, unnest(range(first, last + 1)) AS row_, shift
                            FROM ({rows_sql(_RUNS)}) AS runs(table_, first, last, shift))
            SELECT o.table_, o.row_ + s.shift AS row_, o.row_ AS old_row, o.* EXCLUDE (table_, row_)
            FROM old_records o LEFT JOIN stayed s ON s.table_ = o.table_ AND s.row_ = o.row_""",
        runs,
    )
