"""A build on Spark, with real executors: the same as DuckDB's, also when one of them dies; one line where it fails.

Each build starts JVMs and plans hundreds of statements, so the sample with all its tables is among the benchmarks.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from tests.commands import finish, one_line, run
from tests.exports.endpoint_servers import RealEndpoint, oxigraph_endpoint
from tests.mounts import mounted
from tests.pipeline.edits import content
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

from jobgraph.store import Home

__all__ = ["oxigraph_endpoint"]

pytestmark = needs_spark
DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "source", small_tables())


@pytest.fixture(scope="module")
def defects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes of the known defects if an executor dies meanwhile."""
    folder = tmp_path_factory.mktemp("defects")
    process = start_build(DATA / "defects", folder / "out", CLUSTER)
    kill_an_executor(process, folder, tables=20)
    outcome = finish(process, timeout_s=PATIENCE_S)
    assert (outcome.code, outcome.err) == (3, "")
    return folder / "out"


def test_defects_and_a_dead_executor(defects: Path, tmp_path: Path) -> None:
    assert read_outputs(defects) == outputs_of_duckdb(DATA / "defects", tmp_path)


def test_what_it_wrote_is_published_as_the_source_would_be(defects: Path, tmp_path: Path) -> None:
    outcomes = [run("build", source, "--home", tmp_path / source.name) for source in (defects, DATA / "defects")]
    assert [outcome.code for outcome in outcomes] == [3, 3]
    assert content(tmp_path / "out") == content(tmp_path / "defects")
    assert outcomes[0].out == outcomes[1].out


def test_what_it_wrote_is_published_at_an_endpoint(
    defects: Path, oxigraph_endpoint: RealEndpoint, tmp_path: Path
) -> None:
    here = ["--home", tmp_path / "here"]
    there = ["--home", tmp_path / "there", "--store", f"sparql+{oxigraph_endpoint.addresses.graphs}"]
    assert [run("build", DATA / "defects", *here).code, run("build", defects, *there).code] == [3, 3]
    for slug in Home(tmp_path / "here").tenants():
        query = "SELECT * { ?row jg:belongsToTenant ?tenant ; ?property ?value } ORDER BY ?row ?property ?value"
        answers = [run("query", query, "--format", "csv", "--tenant", slug, *where) for where in (here, there)]
        assert answers[0].out.count("\n") > 10
        assert answers[0].out == answers[1].out


@pytest.mark.parametrize(
    ("spoil", "options", "code", "problem"),
    [
        pytest.param(Path.exists, ["--changes"], 2, "--changes", id="changes"),
        pytest.param(Path.exists, ["--include-deleted"], 2, "--include-deleted", id="other_options"),
        pytest.param(Path.exists, ["--tenant", "nobody"], 2, "nobody", id="no_such_tenant"),
        pytest.param(lambda out: rewrite(out, "base", "http://x/"), [], 2, "JOBGRAPH_BASE", id="other_base"),
        pytest.param(lambda out: rewrite(out, "meaning", ""), [], 65, "another version", id="other_ontology"),
        pytest.param(lambda out: (out / "mapped.json").write_text("{"), [], 65, "mapped.json", id="facts_cut_off"),
        pytest.param(lambda out: a_file_of_quads(out).unlink(), [], 65, "quads of", id="quads_lost"),
        pytest.param(lambda out: truncate(a_file_of_quads(out)), [], 65, "unpacked", id="quads_cut_off"),
        pytest.param(lambda out: rmtree(out / "quarantine"), [], 65, "quarantine", id="quarantine_lost"),
    ],
)
def test_folder_that_cannot_be_published(
    spoil: Callable[[Path], object], options: list[str], code: int, problem: str, defects: Path, tmp_path: Path
) -> None:
    out = Path(copytree(defects, tmp_path / "out"))
    spoil(out)
    outcome = run("build", out, "--home", tmp_path / "home", *options)
    assert (outcome.code, problem in one_line(outcome)) == (code, True)
    assert Home(tmp_path / "home").tenants() == []


def rewrite(out: Path, fact: str, value: str) -> None:
    facts = json.loads((out / "mapped.json").read_text(encoding="utf-8"))
    (out / "mapped.json").write_text(json.dumps(facts | {fact: value}), encoding="utf-8")


def a_file_of_quads(out: Path) -> Path:
    return max(out.glob("quads/*/*.nq.zst"), key=lambda path: path.stat().st_size)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


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


def test_master_that_never_answers(small: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes what nobody accepts
        master = f"spark://127.0.0.1:{silent.getsockname()[1]}"
        outcome = finish(start_build(small, tmp_path / "out", master), timeout_s=PATIENCE_S)
    assert (outcome.code, "no application" in one_line(outcome)) == (69, True)
    assert not (tmp_path / "out").exists()


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
