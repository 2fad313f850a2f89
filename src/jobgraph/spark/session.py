"""A Spark session for one build: found or refused in bounded time, watched while it works, its errors in our words."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from jobgraph.errors import ClusterError, JobgraphError, StorageError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CONNECT_S = 10
_LOOKED_S = 1  # between looks at the executors
_STANDALONE = re.compile(r"spark://(.+)")
# Text and moments must come out as DuckDB's do, whatever the cluster prefers.
_OPTIONS: dict[str, bool | float | int | str | None] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    "spark.python.daemon.module": "jobgraph.spark.daemon",
    "spark.ui.showConsoleProgress": "false",
}
_SILENT = "All masters are unresponsive"  # in the log alone; what Spark raises then is that its context was stopped
_FULL = re.compile("No space left on device|Disk quota exceeded")


def check_installed() -> None:
    """Raise a UsageError if what Spark needs is not there: its libraries, or Java."""
    missing = [library for library in ("pyspark", "sqlglot") if find_spec(library) is None]
    if missing:
        raise UsageError(f"Spark needs {' and '.join(missing)}; install with: pip install 'jobgraph[spark]'.")
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=str(Path(home, "bin")) if home else None):
        raise UsageError("Spark needs Java 17 or newer; install it, or name its folder in JAVA_HOME.")


@contextmanager
def spark_session(master: str, *, log: Path, wait_s: int) -> Iterator[SparkSession]:
    """A session on the cluster at `master`, or on the one that Spark's own configuration names; ends with the block.

    What Spark writes about its work goes to the file `log`.

    Raises
    ------
    UsageError : Spark is not installed, or does not know such a master.
    ClusterError : the cluster cannot be reached, or had no executor for `wait_s` seconds.
    StorageError : a disk is full.
    """
    check_installed()
    _check_reachable(master)
    with _spark_errors(master, log) as lost:
        session = _start(master, log)
        done = Event()
        watcher = Thread(target=_watch, args=(session, wait_s, done, lost), daemon=True)
        watcher.start()
        try:
            yield session
        finally:
            done.set()
            watcher.join()
            with suppress(*_errors()):
                session.stop()


def _check_reachable(master: str) -> None:
    """Knock at a standalone master: Spark itself would ask for minutes."""
    found = _STANDALONE.fullmatch(master)
    for address in found[1].split(",") if found else ():
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
        except (OSError, ValueError) as error:
            problem = error
        else:
            return
    if found:
        raise ClusterError(f"The Spark master {master} cannot be reached ({problem}); check the address, or start it.")


def _start(master: str, log: Path) -> SparkSession:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that are there and not used
        from pyspark.sql import SparkSession
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("jobgraph")
    builder = builder.master(master) if master else builder
    with _errors_to(log):
        return builder.config(map=_OPTIONS).getOrCreate()


@contextmanager
def _errors_to(log: Path) -> Iterator[None]:
    """What processes that start in the block write as errors goes to a file."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with log.open("ab") as stream:
            os.dup2(stream.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _watch(session: SparkSession, wait_s: int, done: Event, lost: Event) -> None:
    """End the session when it had no executor for too long: Spark would wait for one for ever."""
    context = session.sparkContext
    if str(context.master).startswith("local["):
        return
    in_java, missed_s = context._jsc.sc(), 0
    tracker = in_java.statusTracker()
    while not done.wait(_LOOKED_S):
        with suppress(*_errors()):  # the session may have ended by itself
            has_executors = len(tracker.getExecutorInfos()) > 1  # one is the driver
            missed_s = 0 if has_executors else missed_s + _LOOKED_S
            if missed_s >= wait_s:
                lost.set()
                in_java.stop()  # what runs in Python learns it with its next call
                return


def _errors() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return Py4JError, PySparkException, ConnectionError


@contextmanager
def _spark_errors(master: str, log: Path) -> Iterator[Event]:
    """Say in one line what Spark says in pages; gives what to set when the executors are lost."""
    lost, place = Event(), master or "as configured"
    try:
        yield lost
    except _errors() as error:
        if isinstance(error, JobgraphError):  # some of ours are ConnectionErrors, too
            raise
        if lost.is_set():
            raise ClusterError(
                f"The Spark cluster {place} has no executor left or gave none; see {log}, and build again when it has."
            ) from error
        problem = str(error)
        if full := _FULL.search(problem):
            raise StorageError(f"A disk of the Spark cluster {place}: {full[0]}; see {log}, and free some.") from error
        if "Could not parse Master URL" in problem:
            raise UsageError(f"Spark knows no master {master!r}; write spark://host:port, local[2] or yarn.") from error
        if _SILENT in log.read_text(encoding="utf-8", errors="replace"):
            raise ClusterError(
                f"The Spark master {place} takes connections and no application; see {log}, and start it anew."
            ) from error
        raise ClusterError(f"The Spark cluster {place} failed: {_reason(problem)}; see {log}.") from error


def _reason(problem: str) -> str:
    r"""The first line that names a cause, short enough for a sentence.

    >>> print(_reason("An error occurred while calling x.\n: java.io.IOException: Out of tea.\n\tat y"))
    java.io.IOException: Out of tea
    """
    lines = [line.strip().removeprefix(": ") for line in problem.splitlines() if line.strip()]
    causes = [line for line in lines if re.match(r"(Caused by: |[\w.]+(Error|Exception|Failure)\b)", line)]
    return (causes or lines or ["for a reason unknown"])[0].rstrip(".")[:300]
