"""A folder with one file per table, named after it: CSV, Parquet and JSON Lines, plain or gzipped, mixed freely."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import duckdb

from jobgraph.errors import InputError, JobgraphError, UsageError
from jobgraph.sources.csv_files import load_csv
from jobgraph.sources.csv_records import NONE, Prints, Records, read_records
from jobgraph.sources.csv_text import read_csv_columns
from jobgraph.sources.json_lines import load_json_lines, read_json_columns
from jobgraph.sources.parquet import load_parquet, read_parquet_columns
from jobgraph.sources.tables import Engine, Target, first_line, scratch_file


@dataclass(frozen=True)
class Format:
    """How one kind of file is read; `load` takes a plain file, `columns` a gzipped one too."""

    columns: Callable[[Path, Engine], tuple[str, ...]]
    load: Callable[[Target, Path], None]


_CSV = Format(lambda path, _: read_csv_columns(path), load_csv)
_JSON_LINES = Format(read_json_columns, load_json_lines)

FORMATS: Mapping[str, Format] = {
    ".csv": _CSV,
    ".csv.gz": _CSV,
    ".parquet": Format(read_parquet_columns, load_parquet),
    ".jsonl": _JSON_LINES,
    ".jsonl.gz": _JSON_LINES,
    ".ndjson": _JSON_LINES,
    ".ndjson.gz": _JSON_LINES,
}
_CHUNK_BYTES = 1 << 20
_ENDINGS = ", ".join(FORMATS)


@dataclass(frozen=True)
class _TableFile:
    path: Path
    table: str
    format: Format


class FolderSource:
    """The tables in a folder; `shown` is its name as the user gave it."""

    snapshot = ""  # files are taken to stay as they are

    def __init__(self, folder: Path, *, shown: str, work_dir: Path) -> None:
        self.location = shown
        self._work_dir = work_dir
        self._files = {file.table: file for file in _table_files(folder, shown)}
        self.tables: Mapping[str, tuple[str, ...]] = MappingProxyType(_columns(self._files))

    def load(self, connection: duckdb.DuckDBPyConnection, table: str) -> str:
        """Create the table in the schema `source`: see `Source.load`."""
        if table not in self._files:
            raise UsageError(f"{self.location} has no file for the table {table}.")
        file = self._files[table]
        target = Target(connection, table, self.tables[table], str(file.path), self._work_dir)
        with _readable(file.path), _plain(file.path, self._work_dir) as path:
            file.format.load(target, path)
        return target.name

    def fingerprint(self, table: str) -> str:
        """The name and a digest of the table's file: see `Source.fingerprint`."""
        if table not in self._files:
            raise UsageError(f"{self.location} has no file for the table {table}.")
        path = self._files[table].path
        with _readable(path), path.open("rb") as stream:
            return f"{path.name} {hashlib.file_digest(stream, 'blake2b').hexdigest()}"

    def records(self, table: str, before: Prints | None = None, /) -> Records | None:
        """The records of a plain CSV file: see `Source.records`."""
        if table not in self._files:
            raise UsageError(f"{self.location} has no file for the table {table}.")
        path = self._files[table].path
        if path.suffix.lower() != ".csv":
            return None
        with _readable(path):
            return read_records(path, self.tables[table], before or NONE)

    def placed_rows(self, table: str) -> None:
        """None, for a file is read whole: see `Source.placed_rows`."""
        if table not in self._files:
            raise UsageError(f"{self.location} has no file for the table {table}.")

    def close(self) -> None:
        """Forget the files; none stays open between loads."""
        self._files = {}


def _table_files(folder: Path, shown: str) -> list[_TableFile]:
    entries = _entries(folder, shown)
    found: dict[str, _TableFile] = {}
    for file in filter(None, map(_table_file, entries)):
        other = found.setdefault(file.table.casefold(), file)
        if other is not file:
            raise InputError(
                f"{shown}: {other.path.name} and {file.path.name} are both for the table {file.table}; remove one."
            )
    if not found:
        problem = "holds no table file" if entries else "is empty"
        raise InputError(f"{shown} {problem}; put one file per table there, named after it, ending in {_ENDINGS}.")
    return list(found.values())


def _entries(folder: Path, shown: str) -> list[Path]:
    if not folder.exists():
        raise InputError(f"{shown} does not exist; name a folder with one file per table, or postgresql://….")
    if not folder.is_dir():
        raise InputError(f"{shown} is a file; name the folder that it is in.")
    with _readable(folder):
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _table_file(path: Path) -> _TableFile | None:
    name = path.name.lower()
    ending = next((ending for ending in FORMATS if name.endswith(ending)), None)
    if ending is None:
        return None
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the table as one file.")
    return _TableFile(path, path.name[: -len(ending)], FORMATS[ending])


def _columns(files: Mapping[str, _TableFile]) -> dict[str, tuple[str, ...]]:
    columns = {}
    with ExitStack() as stack:
        engine = cache(lambda: stack.enter_context(duckdb.connect()))  # takes 16 ms, and CSV files need none
        for table, file in files.items():
            with _readable(file.path):
                columns[table] = file.format.columns(file.path, engine)
    return columns


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say which file it was that could not be read."""
    try:
        yield
    except JobgraphError:  # some of ours are OSErrors too
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not a complete gzip file ({first_line(error)}); write it anew.") from error
    except (OSError, duckdb.IOException) as error:
        raise InputError(f"{path} cannot be read: {first_line(error)}.") from error


@contextmanager
def _plain(path: Path, work_dir: Path) -> Iterator[Path]:
    """The file itself or, of a gzipped one, its content: DuckDB takes a gzip file without looking at its checksum."""
    if path.suffix.lower() != ".gz":
        yield path
        return
    with scratch_file(work_dir, ".plain") as plain:
        with plain.open("wb") as stream:
            stream.writelines(_unpacked(path))
        yield plain


def _unpacked(path: Path) -> Iterator[bytes]:
    with _readable(path), gzip.open(path) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
