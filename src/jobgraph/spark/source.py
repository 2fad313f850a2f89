"""A source that is read by tasks of Spark, each of them with the reader that a build on one machine has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb
from pyspark.sql import SparkSession
from pyspark.taskcontext import TaskContext

from jobgraph.contract.sql import SOURCE, name, text
from jobgraph.errors import JobgraphError, UsageError
from jobgraph.pipeline.mapped import table_engine
from jobgraph.pipeline.plan import Plan
from jobgraph.settings import Settings
from jobgraph.sources import Source, open_source
from jobgraph.sources.csv_records import Prints
from jobgraph.spark.connection import SparkConnection

_TASKS_PER_CORE = 2
_DEFECTS = "source_defects"
_DEFECT_COLUMNS = "table_name VARCHAR, row_number BIGINT, column_name VARCHAR, value VARCHAR, rule VARCHAR"


@dataclass(frozen=True)
class Reading:
    """What a task needs to read tables of a source into Parquet files in the new folder `folder`."""

    plan: Plan
    settings: Settings
    snapshot: str
    folder: Path


@dataclass(frozen=True)
class _Loaded:
    """One table that was read: its columns and whether anything was wrong with it, or why it could not be."""

    table: str
    columns: tuple[str, ...] = ()
    has_defects: bool = False
    error: JobgraphError | None = None


class SparkSource:
    """The tables of a source as Spark has them: when the first one is asked for, all that are `wanted` are read.

    The folder of `reading` must be one that all executors see, as must be a source that is a folder.
    """

    def __init__(self, source: Source, spark: SparkSession, reading: Reading, wanted: Iterable[str]) -> None:
        self.location, self.tables, self.snapshot = source.location, source.tables, reading.snapshot
        self._spark, self._reading, self._lock = spark, reading, Lock()
        self._wanted = sorted(source.tables.keys() & set(wanted))
        self._loaded: Mapping[str, _Loaded] = {}

    def load(self, connection: duckdb.DuckDBPyConnection | SparkConnection, table: str) -> str:
        """Make the table in the schema `source`: see `Source.load`."""
        if not isinstance(connection, SparkConnection):
            raise UsageError("A source of Spark is read by Spark alone; open it anew.")
        with self._lock:
            if not self._loaded:
                self._loaded = self._read(connection)
        loaded = self._loaded[table]
        columns = ", ".join(f"`{column.replace('`', '``')}` STRING" for column in loaded.columns)
        path = str(self._reading.folder / f"{table}.parquet")
        connection.add_view(f"{SOURCE}.{table}", self._spark.read.schema(f"rowid BIGINT, {columns}").parquet(path))
        return f"{SOURCE}.{name(table)}"

    def fingerprint(self, table: str) -> str:
        """Nothing, for a build on Spark keeps no record to compare it with: see `Source.fingerprint`."""
        if table not in self.tables:
            raise UsageError(f"{self.location} has no table {table}.")
        return ""

    def records(self, table: str, _before: Prints | None = None, /) -> None:
        """None: see `fingerprint` and `Source.records`."""
        if table not in self.tables:
            raise UsageError(f"{self.location} has no table {table}.")

    def placed_rows(self, table: str) -> None:
        """None: see `fingerprint` and `Source.placed_rows`."""
        if table not in self.tables:
            raise UsageError(f"{self.location} has no table {table}.")

    def close(self) -> None:
        """Forget what was read; the tables stay in the folder."""
        self._loaded = {}

    def _read(self, connection: SparkConnection) -> dict[str, _Loaded]:
        """Read all tables, and add what is wrong with them to `source_defects`."""
        self._reading.folder.mkdir()
        tables, context = self._wanted, self._spark.sparkContext
        tasks = min(len(tables), _TASKS_PER_CORE * context.defaultParallelism)
        reading = self._reading
        shares = [tables[number::tasks] for number in range(tasks)]
        found = context.parallelize(shares, tasks).flatMap(lambda share: _read_tables(reading, share)).collect()
        if error := next((loaded.error for loaded in found if loaded.error), None):
            raise error
        for loaded in found:
            if loaded.has_defects:
                path = str(reading.folder / f"{loaded.table}.defects.parquet")
                connection.append(_DEFECTS, self._spark.read.parquet(path))
        return {loaded.table: loaded for loaded in found}


def _read_tables(reading: Reading, tables: list[str]) -> Iterator[_Loaded]:
    """Read some tables; what a reader refuses is an answer, for trying again would not help."""
    plan = reading.plan
    with TemporaryDirectory() as folder:
        work = Path(folder)
        try:
            with closing(
                open_source(plan.location, schema=plan.schema, work_dir=work, snapshot=reading.snapshot)
            ) as source:
                for table in tables:
                    yield _read_table(reading, source, table, work)
        except JobgraphError as error:
            yield _Loaded(tables[0], error=error)


def _read_table(reading: Reading, source: Source, table: str, work: Path) -> _Loaded:
    with table_engine(work, reading.settings) as connection:
        connection.execute(f"CREATE SCHEMA {SOURCE}")
        connection.execute(f"CREATE TABLE {_DEFECTS}({_DEFECT_COLUMNS})")
        quoted = source.load(connection, table)
        _write(connection, f"SELECT rowid AS rowid, * FROM {quoted}", reading.folder / f"{table}.parquet")
        columns = connection.execute(f"DESCRIBE {quoted}").fetchall()
        has_defects = connection.execute(f"SELECT 1 FROM {_DEFECTS} LIMIT 1").fetchone() is not None
        if has_defects:
            _write(connection, f"FROM {_DEFECTS}", reading.folder / f"{table}.defects.parquet")
    return _Loaded(table, tuple(column for column, *_ in columns), has_defects)


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a file at once: a task that is tried again may meet the other one still running."""
    context = TaskContext.get()
    attempt = path.with_suffix(f".{context.taskAttemptId() if context else 0}.partial")
    connection.execute(f"COPY ({query}) TO {text(str(attempt))} (FORMAT parquet, COMPRESSION zstd)")
    attempt.replace(path)
