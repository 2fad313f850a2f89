"""A build of a million triples on Spark beside DuckDB's mapping of the same source: equal, and how much slower."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from tests.benchmarks.runs import run
from tests.commands import finish
from tests.spark.runs import CLUSTER, needs_spark, outputs_of_duckdb, read_outputs, start_build

from jobgraph.sample import SampleSize, write_sample
from jobgraph.vocabulary import Vocabulary

pytestmark = [pytest.mark.benchmark, needs_spark]


def test_million_triples_on_two_executors(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    write_sample(source, SampleSize(jobs=900, tenants=2, defect_rate=0.001), vocabulary=Vocabulary())
    alone = run([sys.executable, "-m", "jobgraph", "mapping", source, "--out", tmp_path / "quads", "--quiet"])
    start = time.perf_counter()
    outcome = finish(start_build(source, out, CLUSTER), timeout_s=7200)
    on_spark_s = time.perf_counter() - start
    assert outcome.code in {0, 3}, outcome.err
    outputs = read_outputs(out)
    triples = sum(map(len, outputs.quads.values()))
    print(f"\n{triples:,} triples\n  DuckDB {alone}\n  Spark  {on_spark_s:7.2f} s wall")
    print(f"  {on_spark_s / alone.wall_s:.1f} times DuckDB's time")
    assert triples > 800_000
    assert outputs == outputs_of_duckdb(source, tmp_path)
