"""Every kind of source: how a test writes tables to one, and how it reads them back in one line."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import duckdb
from psycopg import sql
from tests.postgres_server import PostgresServer

from jobgraph.sources import open_source
from jobgraph.sources.tables import quoted

Row = Sequence[str | None]


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: Sequence[Row]


Tables = Mapping[str, Table]
Write = Callable[[Tables], str]


@dataclass(frozen=True)
class Loaded:
    """A loaded table; a defect is its row, column, value and rule."""

    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    defects: list[tuple[Any, ...]]


Load = Callable[[str, str], Loaded]


def make_engine() -> duckdb.DuckDBPyConnection:
    """A DuckDB as a build prepares it."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA source")
    connection.execute(
        "CREATE TABLE source_defects "
        "(table_name VARCHAR, row_number BIGINT, column_name VARCHAR, value VARCHAR, rule VARCHAR)"
    )
    return connection


def load_table(location: str, table: str, work_dir: Path, connection: duckdb.DuckDBPyConnection) -> Loaded:
    """Load one table, and see that the work folder is as empty as before and that row ids have no gap."""
    with closing(open_source(location, work_dir=work_dir)) as source:
        name = source.load(connection, table)
        columns = source.tables[table]
    numbered = connection.execute(f"SELECT rowid, * FROM {name} ORDER BY rowid").fetchall()
    defects = connection.execute(
        "SELECT row_number, column_name, value, rule FROM source_defects WHERE table_name = $1 ORDER BY ALL", [table]
    ).fetchall()
    assert [row[0] for row in numbered] == list(range(len(numbered)))
    assert list(work_dir.iterdir()) == []
    return Loaded(columns, [row[1:] for row in numbered], defects)


def write_csv(path: Path, table: Table, **dialect: Any) -> None:
    with open_packed(path) as stream:
        writer = csv.writer(stream, **dialect)
        writer.writerow(table.columns)
        writer.writerows(table.rows)


def write_json_lines(path: Path, table: Table) -> None:
    with open_packed(path) as stream:
        for row in table.rows:
            print(json.dumps(dict(zip(table.columns, row, strict=True))), file=stream)


def write_parquet(path: Path, table: Table) -> None:
    columns = ", ".join(f"{quoted(column)} VARCHAR" for column in table.columns)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        if table.rows:
            connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(table.columns))})", table.rows)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def open_packed(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return cast(IO[str], gzip.open(path, "wt", encoding="utf-8", newline=""))
    return path.open("w", encoding="utf-8", newline="")


FILE_KINDS: Mapping[str, Callable[[Path, Table], None]] = {
    "csv": write_csv,
    "csv.gz": write_csv,
    "jsonl": write_json_lines,
    "jsonl.gz": write_json_lines,
    "ndjson": write_json_lines,
    "parquet": write_parquet,
}
KINDS = (*FILE_KINDS, "postgres")


def write_folder(kind: str, folder: Path, tables: Tables) -> str:
    """Write each table to a file of the kind; the answer is the location."""
    for name, table in tables.items():
        FILE_KINDS[kind](folder / f"{name}.{kind}", table)
    return str(folder)


def write_database(server: PostgresServer, tables: Tables) -> str:
    """Write each table to a fresh database; the answer is the location."""
    url = server.make_database("jobgraph_kinds")
    with server.connect("jobgraph_kinds") as connection, connection.cursor() as cursor:
        for name, table in tables.items():
            columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in table.columns)
            cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(name), columns))
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                for row in table.rows:
                    copy.write_row(row)
    return url
