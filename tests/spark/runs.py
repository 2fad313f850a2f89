"""Builds on Spark in processes of their own, and the same from DuckDB to compare with."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.commands import start

from jobgraph.exports.compression import decompressed
from jobgraph.pipeline.mapped import Task, map_source
from jobgraph.pipeline.plan import Plan
from jobgraph.settings import Settings
from jobgraph.spark.build import QUARANTINE_QUERY, RESULTS_QUERY
from jobgraph.validation import door_results, write_report

needs_spark = pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java")
PATIENCE_S = 3600  # a busy machine is no failure
CLUSTER = "local-cluster[2,1,1024]"  # two executors, each a process with a core and a GB
# Starting and compiling costs more than these tables; a cluster that works for hours is set otherwise. No executor is
# given up because the machine is busy or sleeps for a few minutes.
_SMALL = {
    "spark.network.timeout": "600s",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.worker.timeout": "600",
}


@dataclass(frozen=True)
class Outputs:
    """What a build wrote: sorted quads by tenant, sorted entries in quarantine, results and coverage, and reports."""

    quads: dict[str, list[bytes]]
    quarantine: list[Any]
    results: list[Any]
    coverage: list[Any]
    reports: dict[str, str]


def start_build(source: Path | str, out: Path, master: str, *, wait_s: int = 600) -> subprocess.Popen[bytes]:
    """Start a build; the environment has what a small one needs."""
    options = " ".join(f"--conf {name}={value}" for name, value in _SMALL.items())
    java = '--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"'
    environment = {
        "PYSPARK_SUBMIT_ARGS": f"{java} {options} pyspark-shell",
        "JOBGRAPH_SPARK_WAIT_S": str(wait_s),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(Path.cwd())])),
    }
    return start("build", source, "--engine", f"spark={master}", "--out", out, "--json", env=environment)


def executors_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The executors below a process, each with a JVM of its own."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(entry.name)] = int(status.rpartition(")")[2].split()[1]), command
    return [
        pid
        for pid, (_, command) in parents.items()
        if b"ExecutorBackend" in command and _is_below(pid, process.pid, parents)
    ]


def _is_below(pid: int, top: int, parents: dict[int, tuple[int, bytes]]) -> bool:
    while pid in parents and pid != top:
        pid = parents[pid][0]
    return pid == top


def kill_an_executor(process: subprocess.Popen[bytes], folder: Path, *, tables: int) -> None:
    """Kill one executor when `tables` tables were read for a build into the folder."""
    while len(list(folder.glob(".work.*/source/*.parquet"))) < tables:
        assert process.poll() is None
        time.sleep(0.2)
    os.kill(executors_of(process)[0], signal.SIGKILL)


def read_outputs(out: Path) -> Outputs:
    """What a build on Spark wrote."""
    folders = sorted((out / "quads").iterdir())
    return Outputs(
        quads={folder.name.removeprefix("tenant="): sorted(_lines(folder)) for folder in folders},
        quarantine=_rows(f"FROM '{out}/quarantine/*.parquet'"),
        results=_rows(f"FROM '{out}/results/*.parquet'"),
        coverage=_rows(f"FROM '{out}/coverage/*.parquet'"),
        reports={path.stem: path.read_text(encoding="utf-8") for path in (out / "reports").iterdir()},
    )


def _lines(folder: Path) -> Iterator[bytes]:
    for path in folder.iterdir():
        with path.open("rb") as packed, decompressed(packed, "zstd") as lines:
            yield from lines.read().splitlines()


def _rows(query: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute(f"{query} ORDER BY ALL").fetchall()


def outputs_of_duckdb(source: Path | str, folder: Path) -> Outputs:
    """The same from the door of a build on one machine, which works in `folder`."""
    task = Task(Plan(str(source)), folder, Settings(), lambda _stage, _count, _unit="": None)
    with map_source(task) as mapped:
        connection, base, reports = mapped.admitted.connection, Settings().base, {}
        for key, slug in mapped.tenants.items():
            found = door_results(mapped.admitted, mapped.vocabulary, tenant=key, base=base)
            write_report(found, folder / "report.ttl")
            reports[slug] = (folder / "report.ttl").read_text(encoding="utf-8")
        return Outputs(
            quads={slug: sorted(path.read_bytes().splitlines()) for slug, path in sorted(mapped.files.items())},
            quarantine=connection.execute(f"{QUARANTINE_QUERY} ORDER BY ALL").fetchall(),
            results=connection.execute(f"{RESULTS_QUERY} ORDER BY ALL").fetchall(),
            coverage=[astuple(table) for table in mapped.coverage.tables],
            reports=reports,
        )
