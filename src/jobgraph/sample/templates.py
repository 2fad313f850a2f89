"""The rows to copy, loaded into DuckDB: a template of each table, the copies to make, and which rows each has."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import duckdb

from jobgraph.contract.sql import name, text
from jobgraph.sample.copies import Copy, Part, key_suffix
from jobgraph.sample.marks import key_prefix, marked_rows
from jobgraph.sample.pattern import Pattern, Row
from jobgraph.vocabulary import JG

SHARED = -1  # the number of the copy that holds the shared rows as they are
_COPY_COLUMNS = {
    "number_": "BIGINT",
    "part_": "BIGINT",
    "suffix_": "VARCHAR",
    "tenant_suffix_": "VARCHAR",
    "tenant_": "VARCHAR",
    "label_": "VARCHAR",
    "name_number_": "VARCHAR",
    "earlier_suffix_": "VARCHAR",
    "foreign_origin_": "BIGINT",
    "foreign_suffix_": "VARCHAR",
}
_PART_COLUMNS = {"table_": "VARCHAR", "part_": "BIGINT", "first_": "BIGINT", "count_": "BIGINT"}
# Which defects a row may get: none, those of cells, also those that lose the row.
NO_DEFECTS, CELL_DEFECTS, ALL_DEFECTS = 0, 1, 2

MarkedRow = tuple[Row, Mapping[str, str]]


class Templates:
    """The rows of all parts with marked cells, by table name; the first part is that of the shared rows."""

    def __init__(self, pattern: Pattern, copies: Sequence[Copy], seed: int) -> None:
        self.pattern, self.copies, self.seed = pattern, copies, seed
        self.parts: list[Part] = list(dict.fromkeys(copy.part for copy in copies))
        self.rows: dict[str, list[list[MarkedRow]]] = {table: [] for table in pattern.rows}
        self._add((row, row.cells) for row in pattern.all_rows() if row not in pattern.origins)
        for part in self.parts:
            self._add(marked_rows(pattern, part, seed))

    def _add(self, rows: Iterable[MarkedRow]) -> None:
        found = {table: list(group) for table, group in groupby(rows, key=lambda pair: pair[0].table.name)}
        for table, parts in self.rows.items():
            parts.append(found.get(table, []))

    def texts(self, table: str, column: str) -> Iterable[str]:
        """The marked texts of a column."""
        return (cells[column] for rows in self.rows[table] for _, cells in rows)

    def first_key(self, table: str, origin: int) -> str:
        """The sample's key of the row that comes first in every first copy for a tenant of an origin; '' if none."""
        first = {copy.part for copy in self.copies if copy.number == copy.tenant and copy.part.origin == origin}
        parts = [rows for part, rows in zip(self.parts, self.rows[table][1:], strict=True) if part in first]
        keys = {rows[0][0].key if rows else "" for rows in parts}
        return keys.pop() if len(keys) == 1 else ""

    def largest_first(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """The names of the tables, by the number of rows that they will have."""
        query = """
            SELECT table_ FROM parts_ p JOIN copies_ c ON c.part_ = p.part_
            GROUP BY table_ ORDER BY sum(count_) DESC, table_"""
        return [table for (table,) in connection.execute(query).fetchall()]

    def load(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Make the tables of templates, `parts_` and `copies_` in the connection; `folder` is for files on the way."""
        parts = []
        for table, found in self.rows.items():
            first = 0
            for number, rows in enumerate(found):
                parts.append([table, number, first, len(rows)])
                first += len(rows)
            columns = {"position_": "BIGINT", "defects_": "BIGINT", "first_key_": "VARCHAR"}
            columns |= dict.fromkeys(self.pattern.headers[table], "VARCHAR")
            _load(connection, folder, table, columns, self._lines(found))
        _load(connection, folder, "parts_", _PART_COLUMNS, parts)
        _load(connection, folder, "copies_", _COPY_COLUMNS, self._copy_lines())

    def _lines(self, parts: Sequence[Sequence[MarkedRow]]) -> Iterable[list[object]]:
        position = 0
        for rows in parts:
            for number, (row, cells) in enumerate(rows):
                defects = self._defects(row) if number else NO_DEFECTS
                yield [position, defects, rows[0][1][row.table.key], *cells.values()]
                position += 1

    def _defects(self, row: Row) -> int:
        deleted = row.cells.get(row.table.column_of(JG + "deletedAt") or "")
        if row not in self.pattern.origins or deleted:
            return NO_DEFECTS
        return CELL_DEFECTS if row.key in self.pattern.linking else ALL_DEFECTS

    def _copy_lines(self) -> Iterable[list[object]]:
        yield [SHARED, 0, *["none"] * 5, "", 0, "none"]
        numbers = {part: number for number, part in enumerate(self.parts, start=1)}
        for copy in self.copies:
            foreign = (copy.tenant + 1) % copy.tenants
            yield [
                copy.number,
                numbers[copy.part],
                key_suffix(copy.number, self.seed),
                key_suffix(copy.tenant, self.seed),
                self._tenant_key(copy.tenant),
                copy.label,
                copy.number + 1,
                key_suffix(copy.number - copy.tenants, self.seed) if copy.number >= copy.tenants else "",
                foreign % self.pattern.tenants,
                key_suffix(foreign, self.seed),
            ]

    def _tenant_key(self, tenant: int) -> str:
        row = self.pattern.tenant_rows[tenant % self.pattern.tenants]
        return key_prefix(row.key, self.seed) + key_suffix(tenant, self.seed)


def _load(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    columns: Mapping[str, str],
    lines: Iterable[Sequence[object]],
) -> None:
    path = folder / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(lines)
    types = ", ".join(f"{text(column)}: {text(type_)}" for column, type_ in columns.items())
    connection.execute(
        f"""CREATE TABLE {name(table)} AS FROM read_csv({text(str(path))}, columns = {{{types}}}, header = false,
            auto_detect = false, delim = ',', quote = '"', escape = '"', strict_mode = true)"""
    )
    path.unlink()
