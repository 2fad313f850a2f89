"""Builds on two executors beside DuckDB's mapping of the same source: equal, and how much slower.

The sample has every table, and loses an executor on the way; the other source has a million triples.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from tests.benchmarks.runs import run
from tests.commands import finish
from tests.spark.runs import (
    CLUSTER,
    PATIENCE_S,
    kill_an_executor,
    needs_spark,
    outputs_of_duckdb,
    read_outputs,
    start_build,
)

from jobgraph.sample import SampleSize, write_sample
from jobgraph.vocabulary import Vocabulary

pytestmark = [pytest.mark.benchmark, needs_spark]
SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def test_sample_and_a_dead_executor(tmp_path: Path) -> None:
    start = time.perf_counter()
    process = start_build(SAMPLE, tmp_path / "out", CLUSTER)
    kill_an_executor(process, tmp_path, tables=100)
    outcome = finish(process, timeout_s=PATIENCE_S)
    print(f"\n  Spark  {time.perf_counter() - start:7.2f} s wall")
    assert (outcome.code, outcome.err) == (0, "")
    assert read_outputs(tmp_path / "out") == outputs_of_duckdb(SAMPLE, tmp_path)


def test_million_triples_on_two_executors(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    write_sample(source, SampleSize(jobs=900, tenants=2, defect_rate=0.001), vocabulary=Vocabulary())
    alone = run([sys.executable, "-m", "jobgraph", "mapping", source, "--out", tmp_path / "quads", "--quiet"])
    start = time.perf_counter()
    outcome = finish(start_build(source, out, CLUSTER), timeout_s=PATIENCE_S)
    on_spark_s = time.perf_counter() - start
    assert outcome.code in {0, 3}, outcome.err
    outputs = read_outputs(out)
    triples = sum(map(len, outputs.quads.values()))
    print(f"\n{triples:,} triples\n  DuckDB {alone}\n  Spark  {on_spark_s:7.2f} s wall")
    print(f"  {on_spark_s / alone.wall_s:.1f} times DuckDB's time")
    assert triples > 800_000
    assert outputs == outputs_of_duckdb(source, tmp_path)
