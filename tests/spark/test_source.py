"""Every kind of source on Spark, cells with the types that a real database has: the same as DuckDB's of that source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.commands import finish
from tests.postgres_server import PostgresServer, postgres_server
from tests.sample_database import load_sample
from tests.spark.runs import CLUSTER, PATIENCE_S, needs_spark, outputs_of_duckdb, read_outputs, start_build
from tests.test_same_graph import SAMPLE, converted

__all__ = ["postgres_server"]

pytestmark = needs_spark
# Of the sample: lists, JSON, decimals, booleans, dates and times of day. Links to the tables left out go nowhere.
TABLES = ("llm_models", "persona_week_in_life", "skills", "tenants")


@pytest.fixture
def parquet(tmp_path: Path) -> str:
    (tmp_path / "all").mkdir()
    return str(some_tables(converted(tmp_path / "all", "FORMAT parquet"), tmp_path / "source"))


@pytest.fixture
def postgres(tmp_path: Path, postgres_server: PostgresServer) -> str:
    url = postgres_server.make_database("jobgraph_spark")
    with postgres_server.connect("jobgraph_spark") as connection:
        load_sample(connection, some_tables(SAMPLE, tmp_path / "source"))
    return url


def some_tables(folder: Path, target: Path) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        if path.stem in TABLES:
            shutil.copy(path, target)
    return target


@pytest.mark.parametrize(("kind", "master"), [("parquet", "local[2]"), ("postgres", CLUSTER)])
def test_equal_to_duckdb(kind: str, master: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    location = request.getfixturevalue(kind)
    outcome = finish(start_build(location, tmp_path / "out", master), timeout_s=PATIENCE_S)
    assert (outcome.code, outcome.err) == (3, "")
    outputs = read_outputs(tmp_path / "out")
    assert outputs == outputs_of_duckdb(location, tmp_path)
    assert sum(map(len, outputs.quads.values())) > 500
