"""The DuckDB tables that sources fill: their quoted names, their column names, and the scratch files on the way."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jobgraph.errors import InputError, JobgraphError, StorageError

Engine = Callable[[], duckdb.DuckDBPyConnection]

# NUL, and the surrogates: those that stand for bytes that are no UTF-8, and those that a JSON escape smuggled in.
_UNSAYABLE = re.compile("[\0\ud800-\udfff]")
_BYTES = range(0xDC80, 0xDD00)


@dataclass(frozen=True)
class Target:
    """One table to fill, in the schema `schema`: `origin` is the file or table that messages name."""

    connection: duckdb.DuckDBPyConnection
    table: str
    columns: tuple[str, ...]
    origin: str
    work_dir: Path
    schema: str = "source"

    @property
    def name(self) -> str:
        """The quoted name of the table in its schema."""
        return f"{self.schema}.{quoted(self.table)}"

    @property
    def filled_columns(self) -> tuple[str, ...]:
        """The columns that the DuckDB table has: DuckDB knows no table without columns."""
        return self.columns or ("column_1",)


def quoted(name: str) -> str:
    """`name` as an SQL identifier.

    >>> print(quoted('a"b'))
    "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


def exact_path(path: Path) -> str:
    """`path` as DuckDB must be told it to open that one file: `*`, `?` and `[` would match others.

    >>> exact_path(Path("jobs[1].csv"))
    'jobs[[]1].csv'
    """
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))


def column_names(cells: Iterable[str], origin: object) -> tuple[str, ...]:
    """The names in a header; a blank one becomes `column_N`.

    Raises
    ------
    InputError : two columns have one name; case makes no difference, as in SQL.
    """
    names = tuple(sayable(cell) if cell.strip() else f"column_{n}" for n, cell in enumerate(cells, start=1))
    seen: dict[str, str] = {}
    for name in names:
        if name.casefold() in seen:
            raise InputError(
                f"{origin}: two columns are named {seen[name.casefold()]!r} and {name!r}; rename or remove one."
            )
        seen[name.casefold()] = name
    return names


def is_sayable(text: str) -> bool:
    """True for text without NUL characters and without traces of bytes that are no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def sayable(text: str) -> str:
    r"""`text` with NUL characters and undecodable bytes written as `\xNN`.

    >>> print(sayable(b"caf\xe9".decode("utf-8", "surrogateescape")))
    caf\xe9
    """
    return _UNSAYABLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code else "\\x00"


def first_line(error: Exception) -> str:
    """What an error of a library says, short enough for a sentence of ours."""
    return str(error).partition("\n")[0].strip()[:300]


def text_columns(names: Sequence[str]) -> dict[str, str]:
    """The `columns` argument of DuckDB's readers: all text."""
    return dict.fromkeys(names, "VARCHAR")


@contextmanager
def scratch_file(work_dir: Path, suffix: str) -> Iterator[Path]:
    """A new empty file in `work_dir` that is gone afterwards, whatever happens.

    Raises
    ------
    StorageError : the file cannot be made or written.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=work_dir, prefix="source-", suffix=suffix, delete=False) as stream:
            path = Path(stream.name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
    except JobgraphError:  # some of ours are OSErrors too
        raise
    except OSError as error:
        raise StorageError(f"The work folder {work_dir} cannot be written: {error.strerror or error}.") from error


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn the table engine's want of memory or disk into an error of ours."""
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise StorageError(f"The table engine ran out of memory or disk: {first_line(error)}") from error
