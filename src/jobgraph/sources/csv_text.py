"""CSV text into DuckDB the fast way, as its own reader takes it, and the header of a CSV file."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

import duckdb

from jobgraph.errors import InputError
from jobgraph.sources.tables import Target, column_names, engine_errors, exact_path, text_columns

MAX_ROW_BYTES = 64 << 20
_USUAL_ROW_BYTES = 8 << 20
_MAX_HEADER_CHARACTERS = 1 << 20
_CHUNK_BYTES = 1 << 20
UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = ("\udcff\udcfe", "\udcfe\udcff")

# Nothing is guessed. `new_line` stays unset: told the wrong one, the strict reader gives no rows and no error. The
# buffer is set because DuckDB else takes 16 times the longest row; with small ones two threads can share a file.
_READ = """read_csv($file, columns = $columns, auto_detect = false, header = $header, delim = ',', quote = '"',
    escape = '"', strict_mode = true, null_padding = false, compression = 'none', hive_partitioning = false,
    max_line_size = $row_bytes, buffer_size = $buffer_bytes)"""
_DEFECT_COLUMNS = ("table_name", "row_number", "column_name", "value", "rule")


def open_text(path: Path, *, newline: str = "") -> TextIO:
    """A plain or gzipped file as text; bytes that are no UTF-8 arrive as surrogates, line ends as they are."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    return cast(TextIO, opened(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline=newline))


def read_line(stream: TextIO, origin: object) -> str:
    """The next line with its end; empty at the end of the stream.

    Raises
    ------
    InputError : the line is longer than a row may be.
    """
    line = stream.readline(MAX_ROW_BYTES)
    if len(line) == MAX_ROW_BYTES:
        raise InputError(f"{origin}: a line is longer than {MAX_ROW_BYTES >> 20} MB; shorten it.")
    return line


def read_csv_columns(path: Path) -> tuple[str, ...]:
    """The names in the header of a plain or gzipped CSV file; none for an empty file.

    Raises
    ------
    InputError : the header cannot be read.
    """
    with open_text(path) as stream:
        rows = csv.reader(_header_lines(stream, path))
        try:
            return column_names(next(filter(None, rows), []), path)
        except csv.Error as error:
            raise InputError(
                f"{path}: the header cannot be read: {error}. Name the columns in the first row."
            ) from error


def is_fit(path: Path) -> bool:
    """True unless DuckDB would take the file wrongly without a word: NUL characters, an empty line at the top."""
    with path.open("rb", buffering=0) as stream:
        chunk = stream.read(_CHUNK_BYTES)
        if chunk.removeprefix(UTF8_MARK)[:1] in {b"\r", b"\n"}:
            return False
        while chunk:
            if b"\0" in chunk:
                return False
            chunk = stream.read(_CHUNK_BYTES)
    return True


def is_created(target: Target, path: Path) -> bool:
    """Create the target from a plain file; False if a row breaks the rules of CSV or holds bytes that are no UTF-8."""
    for row_bytes in (_USUAL_ROW_BYTES, MAX_ROW_BYTES):
        try:
            _execute(f"CREATE TABLE {target.name} AS FROM {_READ}", target, path, target.filled_columns, row_bytes)
        except duckdb.InvalidInputException as error:
            if "aximum line size" not in str(error):
                return False
        else:
            return True
    return False


def load_defects(target: Target, path: Path) -> None:
    """Add the rows of a file without header to the table `source_defects`."""
    statement = f"INSERT INTO source_defects ({', '.join(_DEFECT_COLUMNS)}) FROM {_READ}"
    _execute(statement, target, path, _DEFECT_COLUMNS, MAX_ROW_BYTES, header=False)


def _execute(
    statement: str, target: Target, path: Path, columns: tuple[str, ...], row_bytes: int, *, header: bool = True
) -> None:
    parameters = {
        "file": exact_path(path),
        "columns": text_columns(columns),
        "header": header,
        "row_bytes": row_bytes,
        "buffer_bytes": max(4 * _USUAL_ROW_BYTES, 2 * row_bytes),
    }
    with engine_errors():
        target.connection.execute(statement, parameters)


def _header_lines(stream: TextIO, path: Path) -> Iterator[str]:
    left = _MAX_HEADER_CHARACTERS
    while line := stream.readline(left):
        if line.startswith(_UTF16_MARKS):
            raise InputError(f"{path} is UTF-16 text; save it as UTF-8.")
        left -= len(line)
        if not left:
            raise InputError(f"{path}: no header ends within {_MAX_HEADER_CHARACTERS >> 20} MB; close its last quote.")
        yield line
