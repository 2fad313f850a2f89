"""A build on Spark, with real executors: the same as DuckDB's, also when one of them dies; one line where it fails.

Each build starts JVMs and plans hundreds of statements, so the sample with all its tables is among the benchmarks.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from tests.commands import finish, one_line, run
from tests.mounts import mounted
from tests.small_source import small_tables, write_tables
from tests.spark.runs import (
    CLUSTER,
    PATIENCE_S,
    executors_of,
    kill_an_executor,
    needs_spark,
    outputs_of_duckdb,
    read_outputs,
    start_build,
)

pytestmark = needs_spark
DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "source", small_tables())


def test_defects_and_a_dead_executor(tmp_path: Path) -> None:
    process = start_build(DATA / "defects", tmp_path / "out", CLUSTER)
    kill_an_executor(process, tmp_path, tables=20)
    outcome = finish(process, timeout_s=PATIENCE_S)
    assert (outcome.code, outcome.err) == (3, "")
    assert read_outputs(tmp_path / "out") == outputs_of_duckdb(DATA / "defects", tmp_path)


def test_executors_lost_for_good(small: Path, tmp_path: Path) -> None:
    process = start_build(small, tmp_path / "out", CLUSTER, wait_s=3)
    while process.poll() is None:
        for pid in executors_of(process):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
    outcome = finish(process, timeout_s=PATIENCE_S)
    assert (outcome.code, outcome.err.count("\n")) == (69, 1)
    assert not (tmp_path / "out").exists()


def test_full_disk(small: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    with mounted(tmp_path / "disk", "size=64k"):
        outcome = finish(start_build(small, tmp_path / "disk" / "out", "local[1]"), timeout_s=PATIENCE_S)
        assert not (tmp_path / "disk" / "out").exists()
    assert (outcome.code, outcome.err.count("\n")) == (74, 1)


def test_master_that_nobody_is(small: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = run("build", small, "--engine", f"spark=spark://127.0.0.1:{port}", "--out", tmp_path / "out")
    assert (outcome.code, "cannot be reached" in one_line(outcome)) == (69, True)


def test_no_java(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    outcome = run("build", small, "--engine", "spark", "--out", tmp_path / "out")
    assert (outcome.code, "Java 17" in one_line(outcome)) == (2, True)


def test_no_library(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobgraph.spark.session.find_spec", lambda _: None)
    outcome = run("build", small, "--engine", "spark", "--out", tmp_path / "out")
    assert (outcome.code, "jobgraph[spark]" in one_line(outcome)) == (2, True)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(["--engine", "spark"], "--out", id="no_folder"),
        pytest.param(["--out", "somewhere"], "--engine", id="folder_without_spark"),
        pytest.param(["--engine", "sparkle"], "no engine", id="unknown_engine"),
        pytest.param(["--engine", "spark", "--out", "new", "--strict"], "--strict", id="strict"),
        pytest.param(["--engine", "spark", "--out", "new", "--changes"], "--changes", id="changes"),
        pytest.param(["--engine", "spark", "--out", "."], "already", id="folder_that_is_there"),
    ],
)
def test_options(small: Path, options: list[str], problem: str) -> None:
    outcome = run("build", small, *options)
    assert (outcome.code, problem in one_line(outcome)) == (2, True)
