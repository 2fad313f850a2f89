"""The tables of a source beside those of the last build: which rows are there still, and the cells of those asked for.

CSV files are compared as text and only records that are asked for are parsed; other tables are loaded and compared, but
for those of a database that has rows which are settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from jobgraph.contract.moments import moment_column
from jobgraph.contract.prints import compare, is_of_loaded, prints_of_loaded
from jobgraph.contract.sql import SOURCE, columns_of, name, rows_sql, table
from jobgraph.sources import Source
from jobgraph.sources.csv_records import NONE, Prints, Records, Run
from jobgraph.vocabulary import Table

if TYPE_CHECKING:
    from jobgraph.contract.settled_table import SettledTable

Cells = Mapping[str, str | None]
_RUNS = ("VARCHAR", "BIGINT", "BIGINT", "BIGINT")


@dataclass(frozen=True)
class Before:
    """The prints of the tables of the last build, and the names of those that are known to have the same content."""

    prints: Mapping[str, Prints]
    unchanged: Collection[str]


class ChangedTables:
    """The known `tables` of an open source; the record of those of the last build is in the schema `base`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        tables: Sequence[Table],
        before: Before,
    ) -> None:
        self._connection, self._source, self._before = connection, source, before
        self._tables = {table.name: table for table in tables}
        self._records: dict[str, Records] = {}
        self._settled: dict[str, SettledTable] = {}
        self._loaded: set[str] = set()
        self.prints: dict[str, Prints] = {}

    def load(self, table_name: str) -> None:
        """Have a table in the table engine."""
        if table_name not in self._loaded:
            self._source.load(self._connection.cursor(), table_name)
            self._loaded.add(table_name)

    def find_rows(self) -> list[tuple[str, int]]:
        """Make the tables `old` of the recorded rows and `old_links`, and give the rows that are not recorded.

        `old` has the records with the number of each row now, NULL if it went, and `old_row`, the one in the record.
        """
        runs: list[tuple[str, int, int, int]] = []
        new: list[tuple[str, int]] = []
        have_settled = {
            name for (name,) in self._connection.execute("SELECT DISTINCT table_ FROM base.settled").fetchall()
        }
        with ThreadPoolExecutor(1) as aside:  # the table engine reads while rows are compared
            read = aside.submit(_read_record, self._connection.cursor())
            for table_name in self._tables:
                before = self._before.prints.get(table_name, NONE)
                is_read = table_name in have_settled and self._read_unsettled(table_name, before.rows)
                found, fresh = self._compare(table_name, before, is_read=is_read)
                runs += [(table_name, run.first, run.last, run.shift) for run in found]
                new += [(table_name, number) for number in fresh]
            read.result()
        self._connection.execute(
            f"""CREATE TABLE old AS
                WITH stayed AS (SELECT table_, unnest(range(first, last + 1)) AS row_, shift
                                FROM ({rows_sql(_RUNS)}) AS runs(table_, first, last, shift))
                SELECT o.table_, o.row_ + s.shift AS row_, o.row_ AS old_row, o.* EXCLUDE (table_, row_)
                FROM old_records o LEFT JOIN stayed s ON s.table_ = o.table_ AND s.row_ = o.row_""",
            columns_of(runs, _RUNS),
        )
        self._connection.execute("DROP TABLE old_records")
        return new

    def cells(self, rows: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int, Cells]]:
        """The cells of rows by table and number, NULL for empty ones."""
        by_table: dict[str, list[int]] = defaultdict(list)
        for table_name, number in rows:
            by_table[table_name].append(number)
        for table_name, numbers in by_table.items():
            columns = self._source.tables[table_name]
            for number, cells in self._cells(table_name, sorted(numbers)):
                yield table_name, number, dict(zip(columns, cells, strict=False))

    def defects(self) -> dict[tuple[str, int], list[tuple[Any, ...]]]:
        """What is wrong with rows of the tables that were loaded: column, value and rule."""
        found: dict[tuple[str, int], list[tuple[Any, ...]]] = defaultdict(list)
        query = "SELECT table_name, row_number, column_name, value, rule FROM source_defects"
        for table_name, number, *defect in self._connection.execute(query).fetchall():
            found[table_name, number].append(tuple(defect))
        return found

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
                if all(cells is not None for cells in records.cells(fresh)):
                    self._records[table_name], self.prints[table_name] = records, records.prints
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
            for number, cells in zip(numbers, known.cells(numbers), strict=True):
                yield number, cells or ()
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
