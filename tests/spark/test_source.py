"""Parquet on Spark, cells with the types that a real database has: the same as DuckDB's of that source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.commands import finish
from tests.spark.runs import PATIENCE_S, needs_spark, outputs_of_duckdb, read_outputs, start_build
from tests.test_same_graph import converted

pytestmark = needs_spark
# Of the sample: lists, JSON, decimals, booleans, dates and times of day. Links to the tables left out go nowhere.
TABLES = ("llm_models", "persona_week_in_life", "skills", "tenants")


@pytest.fixture
def parquet(tmp_path: Path) -> str:
    (tmp_path / "all").mkdir()
    return str(some_tables(converted(tmp_path / "all", "FORMAT parquet"), tmp_path / "source"))


def some_tables(folder: Path, target: Path) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        if path.stem in TABLES:
            shutil.copy(path, target)
    return target


def test_equal_to_duckdb(parquet: str, tmp_path: Path) -> None:
    outcome = finish(start_build(parquet, tmp_path / "out", "local[2]"), timeout_s=PATIENCE_S)
    assert (outcome.code, outcome.err) == (3, "")
    outputs = read_outputs(tmp_path / "out")
    assert outputs == outputs_of_duckdb(parquet, tmp_path)
    assert sum(map(len, outputs.quads.values())) > 500
