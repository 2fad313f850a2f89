"""Where tables come from: a folder of files or a live Postgres, both loaded into DuckDB as text exactly as spelled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import duckdb

    from jobgraph.sources.csv_records import Prints, Records

POSTGRES_SCHEMES = ("postgresql://", "postgres://")
PLACE = "place of the row"  # a column that no table of ours has


class PlacedRows(Protocol):
    """The rows of one table, each at a place by which it can be asked for while the source is open."""

    def list_all(self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
        """Create a table with `PLACE` and the given columns of all rows, in the order of `Source.load`.

        It is in the schema `listed` of `connection`; the answer is its quoted name.

        Raises
        ------
        InputError, SourceGoneError, StorageError : as for `Source.load`.
        """

    def load(self, connection: duckdb.DuckDBPyConnection, places: Sequence[str]) -> str:
        """Create a table with `PLACE` and all columns of the rows at these places, in any order.

        It is in the schema `fetched` of `connection`; the answer is its quoted name.

        Raises
        ------
        InputError, SourceGoneError, StorageError : as for `Source.load`.
        """


class Source(Protocol):
    """A set of tables that can be loaded, one at a time and in any order."""

    @property
    def location(self) -> str:
        """Where the tables are, fit to print: without a password."""

    @property
    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """Every table found, by name, with its column names in the order of the source."""

    @property
    def snapshot(self) -> str:
        """What another process tells `open_source` to read the same rows while this source is open; '' of a folder."""

    def load(self, connection: duckdb.DuckDBPyConnection, table: str) -> str:
        """Create `table` in the schema `source` of `connection`; the answer is its quoted name.

        Every column is text as the source spells it, an empty text is NULL, and `rowid + 1` is the number of the data
        row. What is wrong with single cells and rows goes into the table `source_defects`. A table without any column
        gets one, `column_1`, which stays NULL. Not inside an open transaction: a file that needs repair would abort it.

        Raises
        ------
        UsageError : the source has no such table.
        InputError : the table cannot be read.
        SourceGoneError : the source went away.
        StorageError : the work folder or the memory of the table engine is full.
        """

    def fingerprint(self, table: str) -> str:
        """What only equal content has, asked before the table is loaded; '' where only loading it tells.

        Raises
        ------
        UsageError : the source has no such table.
        InputError : the table cannot be read.
        """

    def records(self, table: str, before: Prints | None = None, /) -> Records | None:
        """The rows as they are written; None where only loading the table tells them.

        `before` has the prints of the table in the last build, which make this take less time.

        Raises
        ------
        UsageError : the source has no such table.
        InputError : the table cannot be read.
        """

    def placed_rows(self, table: str) -> PlacedRows | None:
        """The rows by their places; None where a table can only be read whole.

        Raises
        ------
        UsageError : the source has no such table.
        """

    def close(self) -> None:
        """Let go of connections and files; the loaded tables stay."""


def open_source(location: str, *, schema: str = "public", work_dir: Path, snapshot: str = "") -> Source:
    """Open the folder or the Postgres database at `location` and list its tables.

    Parameters
    ----------
    schema : the Postgres schema to read; a folder has none.
    work_dir : an existing folder for short-lived files, as large as the largest table.
    snapshot : that of a source that is open, in this or another process, to see the same rows of a database.

    Raises
    ------
    InputError : there is nothing readable at `location`; the sentence says what to do.
    SourceGoneError : the database cannot be reached.
    """
    if location.startswith(POSTGRES_SCHEMES):
        from jobgraph.sources.postgres import PostgresSource  # psycopg costs 50 ms that a folder need not pay

        return PostgresSource(location, schema=schema, work_dir=work_dir, snapshot=snapshot)
    from jobgraph.sources.files import FolderSource

    return FolderSource(Path(location), shown=_without_password(location), work_dir=work_dir)


def _without_password(location: str) -> str:
    """The location as it may be printed, also where a slip made a folder name of a database address."""
    return re.sub(r"(/[^/:@]*):[^@]*@", r"\1@", location)
