"""A live Postgres: the tables of one schema as one snapshot, streamed out by COPY and loaded as CSV."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from jobgraph.errors import InputError, JobgraphError, SourceGoneError, UsageError
from jobgraph.sources import PLACE
from jobgraph.sources.csv_files import load_csv
from jobgraph.sources.csv_records import Prints
from jobgraph.sources.tables import Target, column_names, first_line, scratch_file

# What an address may say otherwise. A server that vanishes without a word is noticed after two minutes.
_CONNECTION = {
    "connect_timeout": 10,
    "application_name": "jobgraph",
    "keepalives_idle": 60,
    "keepalives_interval": 15,
    "keepalives_count": 4,
}

# Text comes out the same, and unchanged rows in the same order, whatever the server, the database or the user prefers.
_SESSION = """SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601';
SET extra_float_digits = 3; SET bytea_output = 'hex'; SET client_encoding = 'UTF8'; SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0; SET synchronize_seqscans = off; SET search_path = pg_catalog"""

# One row per column, without tables for a schema without tables, none for no such schema. A partition is part of its
# table. Booleans are marked, for COPY spells them `t` and `f`.
_COLUMNS = """SELECT c.relname, a.attname, 'boolean'::regtype IN (t.oid, t.typbasetype)
FROM pg_namespace n
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname = %s ORDER BY c.relname, a.attnum"""

_ALL_ROWS = sql.SQL("")
# A snapshot sees each row at one place, by which it is found without a search. A partition has places of its own.
_PLACE = sql.SQL("tableoid::text || ctid::text")
_AT_PLACES = sql.SQL("(tableoid = {}::oid AND ctid = ANY({}::tid[]))")

# libpq gives no SQLSTATE for a refused connection. What the server says itself (FATAL) is final but for these.
_PASSING = re.compile(r"starting up|shutting down|in recovery|not yet accepting|too many|connection slots|terminating")
_FINAL = re.compile(r"FATAL|fe_sendauth|^(connection is bad: )?invalid |SSL was required|certificate verify")
# Connection lost; out of resources; an operator's doing; a conflict with a standby.
_GONE_CLASSES = ("08", "53", "57", "40")


class PostgresSource:
    """The tables and partitioned tables of one schema, all as they stood when the source was opened."""

    def __init__(self, location: str, *, schema: str, work_dir: Path, snapshot: str = "") -> None:
        address = _address(location)
        self.location = _shown(address)
        self._schema, self._work_dir = schema, work_dir
        self._connection = _connect(address)
        try:
            self._columns = self._read_columns(snapshot)
        except JobgraphError:
            self.close()
            raise
        self.tables: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {table: tuple(columns) for table, columns in self._columns.items()}
        )

    @property
    def snapshot(self) -> str:
        """The name of the snapshot, for others to read the same rows: see `Source.snapshot`."""
        with self._server_errors("the snapshot"):
            row = self._connection.execute("SELECT pg_export_snapshot()").fetchone()
        return str(row[0]) if row else ""

    def load(self, connection: duckdb.DuckDBPyConnection, table: str) -> str:
        """Create the table in the schema `source`: see `Source.load`.

        Booleans are `true` and `false`, times ISO in UTC, intervals ISO 8601, arrays Postgres literals.
        """
        self._check(table)
        origin = f"{self._schema}.{table}"
        target = Target(connection, table, column_names(self.tables[table], origin), origin, self._work_dir)
        return self._load(target, self._cells(table, self.tables[table]))

    def fingerprint(self, table: str) -> str:
        """Empty, for a database does not tell: see `Source.fingerprint`."""
        self._check(table)
        return ""

    def records(self, table: str, _before: Prints | None = None, /) -> None:
        """None, for a database has no text of its rows: see `Source.records`."""
        self._check(table)

    def placed_rows(self, table: str) -> _PlacedRows | None:
        """The rows by their places in the snapshot; None where cells may be no text: see `Source.placed_rows`."""
        self._check(table)
        return None if self._is_raw else _PlacedRows(self, table)

    def close(self) -> None:
        """Close the connection, and with it the snapshot."""
        self._connection.close()

    def _read_columns(self, snapshot: str) -> dict[str, dict[str, bool]]:
        """The columns of each table, and whether they are booleans."""
        with self._server_errors("the catalog"):
            if snapshot:
                self._connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
            self._connection.execute(_SESSION)
            rows = self._connection.execute(_COLUMNS, [self._schema]).fetchall()
        if not rows:
            raise InputError(f"{self.location} has no schema {self._schema!r}; name the right one with --schema.")
        tables: dict[str, dict[str, bool]] = {}
        for table, column, is_boolean in rows:
            if table is not None:
                columns = tables.setdefault(table, {})
                columns |= {column: is_boolean} if column is not None else {}
        if not tables:
            raise InputError(f"{self.location}: the schema {self._schema!r} has no tables; name another with --schema.")
        return tables

    @property
    def _is_raw(self) -> bool:
        """Whether the database has no encoding and may hold any bytes, which are judged like those of a file."""
        return self._connection.info.parameter_status("server_encoding") == "SQL_ASCII"

    def _check(self, table: str) -> None:
        if table not in self._columns:
            raise UsageError(f"{self.location} has no table {self._schema}.{table}.")

    def _cells(self, table: str, columns: Iterable[str]) -> list[sql.Composable]:
        return [_cell((column, self._columns[table][column])) for column in columns]

    def _load(self, target: Target, cells: Sequence[sql.Composable], where: sql.Composable = _ALL_ROWS) -> str:
        """Create the target from these cells of its table; an empty one if there are none."""
        with scratch_file(self._work_dir, ".csv") as rows:
            if cells:
                with rows.open("wb") as stream:
                    stream.writelines(self._chunks(target.table, cells, where))
            load_csv(target, rows)
        return target.name

    def _chunks(
        self, table: str, cells: Sequence[sql.Composable], where: sql.Composable
    ) -> Iterator[bytes | bytearray | memoryview]:
        """The rows as CSV with a header."""
        statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT csv, HEADER, ENCODING {})").format(
            sql.SQL(", ").join(cells),
            sql.Identifier(self._schema, table),
            where,
            sql.Literal("SQL_ASCII" if self._is_raw else "UTF8"),
        )
        with (
            self._server_errors(f"{self._schema}.{table}"),
            self._connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            yield from copy

    @contextmanager
    def _server_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            state = error.sqlstate or "08"
            if isinstance(error, psycopg.OperationalError) and state.startswith(_GONE_CLASSES):
                raise SourceGoneError(
                    f"{self.location} went away while {what} was read ({first_line(error)}); try again."
                ) from error
            raise InputError(f"{self.location}: {what} cannot be read: {first_line(error)}.") from error


class _PlacedRows:
    """The rows of one table: see `sources.PlacedRows`."""

    def __init__(self, source: PostgresSource, table: str) -> None:
        self._source, self._table = source, table

    def list_all(self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
        """Place and some cells of all rows: see `PlacedRows.list_all`."""
        return self._load(connection, "listed", columns, _ALL_ROWS)

    def load(self, connection: duckdb.DuckDBPyConnection, places: Sequence[str]) -> str:
        """All cells of some rows: see `PlacedRows.load`."""
        of_table = defaultdict(list)
        for place in places:
            table, _, row = place.partition("(")
            of_table[table].append(f'"({row}"')
        rows = (
            _AT_PLACES.format(sql.Literal(table), sql.Literal(f"{{{','.join(found)}}}"))
            for table, found in of_table.items()
        )
        where = sql.SQL(" WHERE ") + (sql.SQL(" OR ").join(rows) if places else sql.SQL("false"))
        return self._load(connection, "fetched", self._source.tables[self._table], where)

    def _load(
        self, connection: duckdb.DuckDBPyConnection, schema: str, columns: Sequence[str], where: sql.Composable
    ) -> str:
        source, origin = self._source, f"{self._source._schema}.{self._table}"
        target = Target(
            connection, self._table, column_names((PLACE, *columns), origin), origin, source._work_dir, schema
        )
        return source._load(target, [_PLACE, *source._cells(self._table, columns)], where)


def _cell(column: tuple[str, bool]) -> sql.Composed:
    name, is_boolean = sql.Identifier(column[0]), column[1]
    return sql.SQL("{}::text AS {}").format(name, name) if is_boolean else sql.Composed([name])


def _address(location: str) -> dict[str, Any]:
    """The parts of an address; libpq's own words on a bad one may quote the password."""
    try:
        parts = conninfo_to_dict(location)
    except psycopg.ProgrammingError:
        raise InputError(
            "The postgresql:// address cannot be read; write postgresql://user:password@host:port/database, "
            "with special characters percent-encoded (% is %25, @ is %40)."
        ) from None
    if not re.fullmatch(r"[0-9,]*", str(parts.get("port", ""))):
        raise InputError(
            f"The port in {_shown(parts)} is no number; write postgresql://user:password@host:port/database."
        )
    return parts


def _shown(address: Mapping[str, Any]) -> str:
    """The address without its password."""
    user, host, port, database = (address.get(part) for part in ("user", "host", "port", "dbname"))
    server = (f"{user}@" if user else "") + (host or "") + (f":{port}" if port else "")
    return f"postgresql://{server}/{database or ''}"


def _connect(address: Mapping[str, Any]) -> psycopg.Connection:
    """A connection that starts one read-only snapshot with its first statement."""
    try:
        connection = psycopg.connect(**{**_CONNECTION, **address})
    except psycopg.Error as error:
        problem = first_line(error).rpartition(" failed: ")[2]
        if _FINAL.search(problem) and not _PASSING.search(problem):
            raise InputError(f"{_shown(address)} refuses the connection ({problem}); correct the address.") from None
        raise SourceGoneError(
            f"{_shown(address)} cannot be reached ({problem}); check the address, or try again."
        ) from None
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection
