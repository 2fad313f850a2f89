"""The slow way for files that break the rules: all that can be kept is loaded, and what cannot is named as a defect."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from jobgraph.errors import InputError
from jobgraph.sources.csv_text import MAX_ROW_BYTES, is_created, load_defects
from jobgraph.sources.tables import Target, is_sayable, sayable, scratch_file

_MAX_VALUE_CHARACTERS = 1 << 20


class Repair:
    """Writes clean rows and defects, both as CSV; rows are numbered from 1."""

    def __init__(self, target: Target, rows: TextIO, defects: TextIO) -> None:
        self._table, self._columns = target.table, target.filled_columns
        # Quotes everywhere: up to Python 3.12 the writer leaves a lone carriage return bare, which ends a row.
        self._rows = csv.writer(rows, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self._defects = csv.writer(defects, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self._rows.writerow(self._columns)
        self._row_number = 0

    def add(self, cells: Sequence[str | None], *, broken: str | None = None) -> None:
        """Add the next row, cut or padded to the width of the table; `broken` is the text of one that is no record."""
        self._row_number += 1
        width = len(self._columns)
        if broken is not None:
            self._note("broken-row", value=broken)
        elif any(cells[width:]):  # empty ones at the end say nothing; the fast way lets one pass, too
            surplus = [sayable(cell or "") for cell in cells[width:]]
            self._note("extra-cells", value=json.dumps(surplus, ensure_ascii=False))
        elif len(cells) < width:
            self._note("missing-cells")
        padded = [*cells[:width], *[None] * (width - len(cells))]
        if not is_sayable("".join(filter(None, padded))):
            padded = [self._kept(*pair) for pair in zip(self._columns, padded, strict=True)]
        self._rows.writerow(padded)

    def _kept(self, column: str, cell: str | None) -> str | None:
        if cell is None or is_sayable(cell):
            return cell
        self._note("nul-character" if is_sayable(cell.replace("\0", "")) else "invalid-utf8", column, cell)
        return None

    def _note(self, rule: str, column: str | None = None, value: str | None = None) -> None:
        said = None if value is None else sayable(value)[:_MAX_VALUE_CHARACTERS]
        self._defects.writerow([self._table, self._row_number, column, said, rule])


@contextmanager
def repairing(target: Target) -> Iterator[Repair]:
    """A place for the rows of the target, which are loaded, with their defects, when all have been added.

    Raises
    ------
    InputError : a repaired row is longer than a row may be.
    StorageError : the work folder is full.
    """
    with scratch_file(target.work_dir, ".csv") as rows, scratch_file(target.work_dir, ".csv") as defects:
        with _written(rows) as row_stream, _written(defects) as defect_stream:
            yield Repair(target, row_stream, defect_stream)
        if not is_created(target, rows):
            raise InputError(f"{target.origin}: a row is longer than {MAX_ROW_BYTES >> 20} MB; shorten it.")
        if defects.stat().st_size:
            load_defects(target, defects)


def _written(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")
