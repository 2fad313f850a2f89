"""Names and codes that must differ between copies, and the columns that repeat them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from jobgraph.sample.pattern import Level, Pattern, Row, is_text
from jobgraph.vocabulary import RDFS, Table

LABEL, NUMBER = "\x05", "\x06"  # marks that a copy fills in with words of its own and with its number

Origin = tuple[str, str]  # the link that leads to the row whose name is repeated, '' for the row itself; its column


class Names:
    """The cells of a pattern that get a new name in each copy."""

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern

    def of(self, row: Row) -> dict[str, str]:
        """The new texts of a row by column, each with one mark."""
        marks = self._marks(row)
        for column, (link, source) in self._repeats[row.table.name].items():
            named = self._pattern.target(row, link) if link else row
            mark = self._marks(named).get(source) if named else None
            if mark and row.cells[column]:
                marks[column] = mark
        return {column: _with_mark(row.cells[column], mark) for column, mark in marks.items()}

    def _marks(self, row: Row) -> dict[str, str]:
        """The marks of the cells that name a row: labels, and codes that are unique among the copies."""
        pattern = self._pattern
        if pattern.levels.get(row) != Level.COPY and row.table.tenancy != "Itself":
            return {}
        codes = {
            column
            for columns in row.table.unique
            if pattern.linked_level(row, columns, pattern.levels) < Level.COPY
            for column in columns
            if is_text(row.table, column)
        }
        marks = dict.fromkeys(codes, NUMBER) | dict.fromkeys(self._labels[row.table.name], LABEL)
        return {column: mark for column, mark in marks.items() if row.cells[column]}

    @cached_property
    def _labels(self) -> Mapping[str, set[str]]:
        """The columns with the names of what others link to, by table."""
        vocabulary = self._pattern.vocabulary
        tables = vocabulary.tables.values()
        targets = {vocabulary.table_of_class[link.target].name for table in tables for link in table.links}
        return {table.name: _label_columns(table) if table.name in targets else set() for table in tables}

    @cached_property
    def _repeats(self) -> Mapping[str, dict[str, Origin]]:
        """The columns whose every cell repeats a name of its row or of a row that it links to, by table."""
        return {table: self._repeats_in(rows) for table, rows in self._pattern.rows.items()}

    def _repeats_in(self, rows: list[Row]) -> dict[str, Origin]:
        found: dict[str, set[Origin]] = {}
        for row in (row for row in rows if row in self._pattern.origins):
            named = {("", column): row.cells[column] for column in self._marks(row)}
            for link in row.links:
                target = self._pattern.target(row, link)
                if target and target.table.tenancy != "Itself":
                    named |= {(link, column): target.cells[column] for column in self._marks(target)}
            others = (c for c in row.cells if ("", c) not in named and _may_repeat(row.table, c))
            for column in (c for c in others if row.cells[c]):
                same = {origin for origin, name in named.items() if _plain(name) == _plain(row.cells[column])}
                found[column] = found.get(column, same) & same
        return {column: min(origins) for column, origins in found.items() if origins}


def _label_columns(table: Table) -> set[str]:
    return {c.name for c in table.columns if c.path == RDFS + "label" and is_text(table, c.name)}


def _may_repeat(table: Table, column: str) -> bool:
    return is_text(table, column) or column in table.waived


def _with_mark(cell: str, mark: str) -> str:
    if mark == LABEL:
        return cell + LABEL
    return f"{cell}{'_' if '_' in cell and '-' not in cell else '-'}{mark}"


def _plain(name: str) -> str:
    return name.replace("_", "-")
