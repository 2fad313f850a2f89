"""The shipped sample as a pattern to copy: whose each row is, what it links to, and how often it may stand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path

from jobgraph.contract.door import tenancy_levels
from jobgraph.errors import InputError
from jobgraph.vocabulary import JG, XSD, Table, Vocabulary


class Level(IntEnum):
    """How often a row may stand without breaking a unique key."""

    ONCE = 0  # in one copy, whatever its tenant
    TENANT = 1  # in the first copy of each tenant
    COPY = 2  # in every copy


@dataclass(frozen=True, eq=False)
class Row:
    """One row of the sample; empty cells are empty texts."""

    table: Table
    cells: Mapping[str, str]

    @property
    def key(self) -> str:
        """The primary key."""
        return self.cells[self.table.key]

    @cached_property
    def links(self) -> Mapping[str, str]:
        """The filled cells of the columns that hold keys of other rows."""
        return {link.name: cell for link in self.table.links if (cell := self.cells.get(link.name))}


class Pattern:
    """The rows of a folder of CSV files, a few thousand, and what follows from them. All are held in memory.

    `rows` and `headers` are by table name; `tenants` is the number of tenants that the rows belong to.
    """

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.headers: dict[str, tuple[str, ...]] = {}
        self.rows: dict[str, list[Row]] = {}
        for table in vocabulary.tables.values():
            self.headers[table.name], self.rows[table.name] = _read_rows(folder / f"{table.name}.csv", table)
        self.by_key: dict[str, Row] = {row.key: row for row in self.all_rows()}
        self.tenant_rows = [row for row in self.all_rows() if row.table.tenancy == "Itself"]
        self.tenants = len(self.tenant_rows)

    def all_rows(self) -> Iterator[Row]:
        """Every row, table by table."""
        return (row for rows in self.rows.values() for row in rows)

    def target(self, row: Row, column: str) -> Row | None:
        """The row that a cell links to."""
        return self.by_key.get(row.links.get(column, ""))

    @cached_property
    def job_table(self) -> str:
        """The name of the table of jobs."""
        return self.vocabulary.table_of_class[JG + "Job"].name

    @cached_property
    def origins(self) -> Mapping[Row, int]:
        """The number of the tenant that a row belongs to; shared rows are missing."""
        numbers = {row.key: number for number, row in enumerate(self.tenant_rows)}
        levels = tenancy_levels(self.vocabulary.tables)
        origins: dict[Row, int] = {}
        for name in sorted(self.rows, key=levels.__getitem__):
            for row in self.rows[name]:
                origin = self._origin(row, numbers, origins)
                if origin is not None:
                    origins[row] = origin
        return origins

    def _origin(self, row: Row, numbers: Mapping[str, int], origins: Mapping[Row, int]) -> int | None:
        table = row.table
        if table.tenancy == "Itself":
            return numbers[row.key]
        own = row.cells.get(tenant_column(table) or "", "")
        if own or table.tenancy != "Inherited":
            return numbers.get(own)
        columns = [*table.tenant_columns, *row.links]
        targets = (self.target(row, column) for column in columns)
        return next((origins[target] for target in targets if target and target in origins), None)

    @cached_property
    def levels(self) -> Mapping[Row, Level]:
        """How often each row may stand; shared rows, which stand once as they are, are missing."""
        levels = dict.fromkeys(self.origins, Level.COPY)
        while lower := {row: new for row, old in levels.items() if (new := self._level(row, levels)) < old}:
            levels |= lower
        return levels

    def _level(self, row: Row, levels: Mapping[Row, Level]) -> Level:
        targets = (self.target(row, column) for column in row.links)
        if any(levels.get(target) == Level.ONCE for target in targets if target):
            return Level.ONCE
        most = Level.TENANT if row.table.tenancy == "Itself" else Level.COPY
        return min([most, *(self._set_level(row, columns, levels) for columns in row.table.unique)])

    def _set_level(self, row: Row, columns: Iterable[str], levels: Mapping[Row, Level]) -> Level:
        """How often the cells of a unique key may be copied, counting texts as ones that can be renamed."""
        if not all(row.cells.get(column) for column in columns):
            return Level.COPY
        if any(is_text(row.table, column) for column in columns):
            return Level.COPY
        return self.linked_level(row, columns, levels)

    def linked_level(self, row: Row, columns: Iterable[str], levels: Mapping[Row, Level]) -> Level:
        """How often the cells of a unique key may be copied when nothing but links changes."""
        targets = [self.target(row, column) for column in columns]
        linked = [levels[target] for target in targets if target and target in levels]
        return max([Level.ONCE, *linked])

    @cached_property
    def linking(self) -> Mapping[str, list[Row]]:
        """The rows that link to a key, by that key."""
        found: dict[str, list[Row]] = {}
        for row in self.all_rows():
            for key in row.links.values():
                found.setdefault(key, []).append(row)
        return found


def tenant_column(table: Table) -> str | None:
    """The column that names the tenant of a row."""
    return table.column_of(JG + "belongsToTenant")


def is_text(table: Table, name: str) -> bool:
    """True for a column of free text: not a code, a link or a list."""
    states = [c for c in table.columns if c.name == name]
    return bool(states) and all(c.datatype == XSD + "string" and not c.repeated for c in states)


def _read_rows(path: Path, table: Table) -> tuple[tuple[str, ...], list[Row]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            rows = [Row(table, cells) for cells in reader]
            return tuple(reader.fieldnames or ()), rows
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; install jobgraph again.") from error
