"""What commands print: lines, tables, CSV and JSON on standard output, or into a file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

_WIDTH = 160  # of tables that go into files and pipes
_MOST_ROWS = 1000  # of a table: laying it out takes all of it in memory
_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    r"""The text with control characters as `\xNN`: data must not steer the terminal.

    >>> print(visible("\x1b[31m"))
    \x1b[31m
    """
    return text.translate(_VISIBLE)


def say(text: str) -> None:
    """Print a line."""
    print(text)  # noqa: T201 the command line's own output


def say_json(value: object) -> None:
    """Print a value as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> int:
    """Print a table of at most 1,000 rows, and a line if there are more; give the number of rows printed."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    left = iter(rows)
    for row in islice(left, _MOST_ROWS):
        table.add_row(*("" if cell is None else visible(str(cell)) for cell in row))
    width = None if sys.stdout.isatty() else _WIDTH
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)
    if next(left, None) is not None:
        say(f"These are the first {_MOST_ROWS:,} rows; --format csv gives all.")
    return table.row_count


def say_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], format_name: str) -> None:
    """Print rows as a table, CSV or JSON.

    Raises
    ------
    UsageError : there is no such format.
    """
    from jobgraph.errors import UsageError

    if format_name == "table":
        say_table(columns, rows)
    elif format_name == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif format_name == "json":
        say_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        raise UsageError(f"There is no format {format_name!r}; choose one of table, csv, json.")


def counted(pairs: Mapping[str, int]) -> str:
    """Names and counts in a line.

    >>> counted({"read": 1200, "stated": 7})
    'read 1,200, stated 7'
    """
    return ", ".join(f"{name} {value:,}" for name, value in pairs.items())


@contextmanager
def opened_output(out: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there under its name only once all is written.

    Raises
    ------
    StorageError : the file cannot be written.
    """
    from jobgraph.store.durable import storage_errors

    if out is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    unfinished = out.with_name(f".{out.name}.partial")
    with storage_errors(out):
        try:
            with unfinished.open("wb") as stream:
                yield stream
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
