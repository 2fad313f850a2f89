"""A build of changes that trusts the moments of a Postgres database beside one that compares all rows of it."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.benchmarks.runs import run
from tests.postgres_server import PostgresServer, postgres_server

from jobgraph.contract.moments import moment_column
from jobgraph.sample import SampleSize, write_sample
from jobgraph.vocabulary import Vocabulary

__all__ = ["postgres_server"]
pytestmark = pytest.mark.benchmark

NAME = "jobgraph_moments_benchmark"
JOBS = int(os.environ.get("JOBGRAPH_BENCHMARK_JOBS", "900"))
ONE_IN = 100


def test_trusted_moments_beside_a_comparison(postgres_server: PostgresServer, tmp_path: Path) -> None:
    vocabulary = Vocabulary()
    write_sample(tmp_path / "source", SampleSize(jobs=JOBS, tenants=1), vocabulary=vocabulary)
    url = postgres_server.make_database(NAME)
    with postgres_server.connect(NAME) as connection:
        columns = {path.stem: _copy(connection, path) for path in sorted((tmp_path / "source").glob("*.csv"))}
        _build(url, tmp_path / "first")
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        count = sum(
            _change(connection, name, moment)
            for name, names in columns.items()
            if (moment := moment_column(vocabulary.tables[name], names)) and name != "tenants"
        )
    compared, trusted = _build(url, tmp_path / "first"), _build(url, tmp_path / "second", "--trust-updated")
    print(f"\n{count:,} rows changed\n  compared {compared[1]}\n  trusted  {trusted[1]}")
    print(f"  the comparison takes {compared[0] / trusted[0]:.2f} times the processor time of the other")
    assert count


def _copy(connection: psycopg.Connection, path: Path) -> list[str]:
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    table = sql.Identifier(path.stem)
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in header)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for row in rows:
            copy.write_row(row)
    return header


def _change(connection: psycopg.Connection, name: str, moment: str) -> int:
    """Move the moments of a hundredth of the rows of a table."""
    statement = "UPDATE {} SET {} = to_char(now() - interval '1 minute', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') WHERE "
    found = f"ctid IN (SELECT ctid FROM {{}} TABLESAMPLE BERNOULLI ({100 / ONE_IN}) REPEATABLE (1))"
    table = sql.Identifier(name)
    return connection.execute(sql.SQL(statement + found).format(table, sql.Identifier(moment), table)).rowcount


def _build(source: str, home: Path, *options: str) -> tuple[float, str]:
    command: list[str | Path] = [sys.executable, "-m", "jobgraph", "build", source, "--home", home, "--changes", "-q"]
    found = run([*command, *options], exit_codes=(0, 3))
    return found.cpu_s, str(found)
