"""The tables of a source beside those of the last build: which rows are there still, and the cells of those asked for.

CSV files are compared as text and only records that are asked for are parsed; other tables are loaded and compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from jobgraph.contract.prints import Run, compare, prints_of_loaded
from jobgraph.contract.sql import SOURCE, columns_of, name, rows_sql, table
from jobgraph.sources import Source
from jobgraph.sources.csv_records import Records

Cells = Mapping[str, str | None]
_RUNS = ("VARCHAR", "BIGINT", "BIGINT", "BIGINT")


class ChangedTables:
    """The known tables of an open source; `names` are theirs and `unchanged` those with the content of the last build.

    The record of that is in the schema `base` of the connection.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, source: Source, names: Sequence[str], unchanged: Collection[str]
    ) -> None:
        self._connection, self._source, self._names, self._unchanged = connection, source, names, set(unchanged)
        self._records: dict[str, Records | None] = {}
        self._loaded: set[str] = set()
        self.prints: dict[str, bytes] = {}

    def load(self, table_name: str) -> None:
        """Have a table in the table engine."""
        if table_name not in self._loaded:
            self._source.load(self._connection.cursor(), table_name)
            self._loaded.add(table_name)

    def find_rows(self) -> Iterator[tuple[str, int]]:
        """Make the table `here` of the recorded rows that are there still, and give those that are not recorded.

        `here` has their records with the number of each now, and `old_row`, the one in the record.
        """
        old = dict(self._connection.execute("SELECT table_, digests FROM base.prints").fetchall())
        runs: list[tuple[str, int, int, int]] = []
        for table_name in self._names:
            before = old.get(table_name, b"")
            found, fresh = self._compare(table_name, before)
            runs += [(table_name, run.first, run.last, run.shift) for run in found]
            yield from ((table_name, number) for number in fresh)
        self._connection.execute(
            f"""CREATE TABLE here AS
                WITH runs AS (SELECT * FROM ({rows_sql(_RUNS)}) AS runs(table_, first, last, shift))
                SELECT o.table_, o.row_ + r.shift AS row_, o.row_ AS old_row, o.* EXCLUDE (table_, row_)
                FROM base.records o ASOF JOIN runs r ON r.table_ = o.table_ AND r.first <= o.row_
                WHERE o.row_ <= r.last""",
            columns_of(runs, _RUNS),
        )

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

    def _compare(self, table_name: str, before: bytes) -> tuple[list[Run], list[int]]:
        if table_name in self._unchanged and before:
            self.prints[table_name] = before
            return compare(before, before)
        records = self._source.records(table_name)
        if records is not None:
            runs, fresh = compare(before, records.digests)
            if all(cells is not None for cells in records.cells(fresh)):
                self._records[table_name], self.prints[table_name] = records, records.digests
                return runs, fresh
        self._records[table_name] = None
        self.load(table_name)
        self.prints[table_name] = prints_of_loaded(self._connection, table_name, self._source.tables[table_name])
        return compare(before, self.prints[table_name])

    def _cells(self, table_name: str, numbers: Sequence[int]) -> Iterator[tuple[int, Sequence[str | None]]]:
        if table_name not in self._records:  # it is unchanged, and was not looked at until now
            records = self._source.records(table_name)
            is_recorded = records is not None and records.digests == self.prints[table_name]
            self._records[table_name] = records if is_recorded else None
        if (known := self._records[table_name]) is not None:
            for number, cells in zip(numbers, known.cells(numbers), strict=True):
                yield number, cells or ()
            return
        self.load(table_name)
        columns = ", ".join(["s.rowid + 1", *(f"s.{name(c)}" for c in self._source.tables[table_name])])
        query = f"SELECT {columns} FROM {table(SOURCE, table_name)} s WHERE s.rowid + 1 IN (SELECT unnest(?::BIGINT[]))"
        for number, *row in self._connection.execute(query, [numbers]).fetchall():
            yield number, row
