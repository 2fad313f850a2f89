"""What the tests of the sources share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from tests.postgres_server import PostgresServer, postgres_server
from tests.sources.kinds import KINDS, Load, Tables, Write, load_table, make_engine, write_database, write_folder

__all__ = ["postgres_server"]


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with make_engine() as connection:
        yield connection


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tables"
    path.mkdir()
    return path


@pytest.fixture
def load(engine: duckdb.DuckDBPyConnection, work_dir: Path) -> Load:
    return lambda location, table: load_table(location, table, work_dir, engine)


@pytest.fixture(params=KINDS)
def write(request: pytest.FixtureRequest, folder: Path) -> Write:
    """Write tables to a source of each kind."""
    kind = request.param
    if kind != "postgres":
        return lambda tables: write_folder(kind, folder, tables)
    server: PostgresServer = request.getfixturevalue("postgres_server")

    def write_tables(tables: Tables) -> str:
        return write_database(server, tables)

    return write_tables
