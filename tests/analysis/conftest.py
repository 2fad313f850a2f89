"""The shipped sample, built once, and what its tables say to SQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pyoxigraph import Store

from jobgraph.analysis import Source, open_source
from jobgraph.resources import resource_path
from jobgraph.store import Home

TENANT = "northwind-bio"


@pytest.fixture(scope="session")
def sample_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two tenants of the sample, and one without anything."""
    home = tmp_path_factory.mktemp("analysis") / "home"
    shutil.copytree(sample_home, home)
    Home(home).create_tenant("empty", base="https://example.org/id/")
    return home


@pytest.fixture(scope="session")
def sample_store(sample_home: Path) -> Iterator[Store]:
    generation = Home(sample_home).tenant(TENANT).current()
    assert generation is not None
    with generation.open() as store:
        yield store


@pytest.fixture(scope="session")
def sample(sample_home: Path, sample_store: Store) -> Source:
    generation = Home(sample_home).tenant(TENANT).current()
    assert generation is not None
    return open_source(sample_store, generation.names)


@pytest.fixture(scope="session")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the sample as views, with only the rows of one tenant that are not deleted where that is said."""
    with duckdb.connect() as connection:
        for path in sorted(resource_path("data", "sample").glob("*.csv")):
            connection.execute(f"CREATE TABLE {path.stem} AS FROM read_csv('{path}', all_varchar = true)")
        ours = "(SELECT id FROM tenants WHERE slug = 'northwind-bio')"
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            columns = {row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
            if "tenant_id" in columns:
                connection.execute(f"DELETE FROM {name} WHERE tenant_id <> {ours}")
            if "deleted_at" in columns:
                connection.execute(f"DELETE FROM {name} WHERE deleted_at IS NOT NULL")
        yield connection
