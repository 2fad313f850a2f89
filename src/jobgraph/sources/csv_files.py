"""CSV files: loaded the fast way where they keep the rules, else record by record with what is wrong named."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from jobgraph.sources.csv_text import MAX_ROW_BYTES, is_created, is_fit, open_text, read_line
from jobgraph.sources.repair import repairing
from jobgraph.sources.tables import Target


def load_csv(target: Target, path: Path) -> None:
    """Create the target from a plain CSV file with a header.

    A blank line is a row only in a table of one column. What breaks the rules of CSV is repaired and stands in
    `source_defects`; empty cells at the end of a row and blanks around a quoted cell do not count as breaking them.

    Raises
    ------
    InputError : a row is longer than 64 MB.
    """
    if not target.columns:
        target.connection.execute(f"CREATE TABLE {target.name} (column_1 VARCHAR)")
    elif len(target.columns) == 1 or not (is_fit(path) and is_created(target, path)):
        # With one column, DuckDB makes one row or two of a blank line, by the ends of the other lines.
        _load_repaired(target, path)


def _load_repaired(target: Target, path: Path) -> None:
    csv.field_size_limit(max(MAX_ROW_BYTES, csv.field_size_limit()))
    with open_text(path) as stream, repairing(target) as repair:
        records = _iter_records(_Lines(stream, target.origin))
        next(record for record in records if record[0])
        for cells, broken in records:
            if cells or len(target.columns) == 1:
                repair.add(cells or [None], broken=broken)


def _iter_records(lines: _Lines) -> Iterator[tuple[list[str], str | None]]:
    """The cells of each record, and the text of a broken one.

    A record that does not parse is taken to be its first line, so that a quote left open costs one row and not all
    that follow; the other lines are read anew.
    """
    records = csv.reader(lines, strict=True)
    while True:
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error:
            line = lines.keep_first().rstrip("\r\n")
            yield next(csv.reader([line])), line
        else:
            lines.keep_all()
            yield cells, None


class _Lines:
    """The lines of a file, remembered until it is known whether they make a record."""

    def __init__(self, stream: TextIO, origin: str) -> None:
        self._stream, self._origin = stream, origin
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else read_line(self._stream, self._origin)
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size > MAX_ROW_BYTES and len(self._taken) > 1:
            raise csv.Error("record too long")
        return line

    def keep_all(self) -> None:
        """The lines taken so far make a record."""
        self._taken.clear()
        self._size = 0

    def keep_first(self) -> str:
        """The first line taken so far, on its own; the others come again."""
        first, *others = self._taken
        self._waiting.extendleft(reversed(others))
        self.keep_all()
        return first
