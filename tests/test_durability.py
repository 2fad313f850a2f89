"""A build that dies, a full disk, a database that goes away: the old state or the new, and nothing left over."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pyoxigraph import Literal
from tests.commands import finish, one_line, run, start
from tests.mounts import mounted
from tests.postgres_server import PostgresServer, postgres_server
from tests.sample_database import load_table
from tests.small_source import job, tenant, write_tables

from jobgraph.store import Home, run_query
from jobgraph.vocabulary import JG

__all__ = ["postgres_server"]

TENANTS = ("acme", "bolt")
KILLS = 30
FULL = 4000  # jobs of a tenant in a build that takes 30 MB
STATE = f"SELECT ?state (COUNT(?job) AS ?jobs) {{ ?job <{JG}situation> ?state }} GROUP BY ?state"


def write_state(folder: Path, state: int, *, jobs: int = 500) -> Path:
    """A source whose every job says which state it is of."""
    rows = [job(f"{slug}{n}", slug, situation=f"state {state}") for slug in TENANTS for n in range(jobs)]
    return write_tables(folder, {"tenants": [tenant(slug) for slug in TENANTS], "jobs_to_be_done": rows})


def states(home: Path, *, jobs: int = 500) -> dict[str, int]:
    """The state that is served of each tenant: of all its jobs the same."""
    served = {}
    for slug in TENANTS:
        generation = Home(home).tenant(slug).current()
        assert generation
        with generation.open() as store:
            ((state, count),) = run_query(store, STATE, graphs=generation.names).rows()
        assert isinstance(state, Literal)
        assert isinstance(count, Literal)
        assert int(count.value) == jobs
        served[slug] = int(state.value.removeprefix("state "))
    return served


def leftovers(home: Path) -> list[Path]:
    """Locks and unfinished files and folders."""
    return [path for path in home.rglob("*") if path.name[0] == "." or path.suffix == ".tmp" or path.name == "LOCK"]


def kill_builds(folder: Path, kills: int) -> None:
    """Kill so many builds in a folder, each with all of its processes, at moments spread over its whole run."""
    home, source = folder / "home", write_state(folder / "source", 0)
    assert finish(start("build", source, "--home", home)).code == 0
    duration_s, killed, chance = timed_build(source, home), 0, random.Random(folder.name)
    for state in range(1, 2 * kills):
        process = start("build", write_state(source, state), "--home", home)
        time.sleep(duration_s * (state % kills + chance.random()) / kills)
        os.killpg(process.pid, signal.SIGKILL)
        killed += finish(process).code == -signal.SIGKILL
        assert all(now in (state - 1, state) for now in states(home).values())
        duration_s = timed_build(source, home)  # anew, for other work on the machine comes and goes
        assert states(home) == dict.fromkeys(TENANTS, state)
        assert leftovers(home) == []
        if killed == kills:
            return
    pytest.fail(f"only {killed} builds were still alive when they were to be killed")


def timed_build(source: Path, home: Path) -> float:
    """The seconds that a build takes, which nobody kills."""
    started = time.monotonic()
    assert finish(start("build", source, "--home", home)).code == 0
    return time.monotonic() - started


def test_killed_build_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor(len(folders)) as pool:
        list(pool.map(kill_builds, folders, [KILLS // len(folders)] * len(folders)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[float], None]]]:
    """A folder on a disk of its own, and a way to leave just so many megabytes of it free."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def leave_free(megabytes: float) -> None:
        disk = os.statvfs(folder)
        size = (disk.f_blocks - disk.f_bfree) * disk.f_frsize + int(megabytes * 1e6)
        subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)

    with mounted(folder, "size=500m"):
        yield folder, leave_free


@pytest.mark.parametrize(
    "free_megabytes",
    [
        pytest.param(0.01, id="for_nothing"),
        pytest.param(3, id="for_some_quads"),
        pytest.param(12, id="for_most_quads"),
        pytest.param(20, id="for_a_part_of_the_first_tenant"),
        pytest.param(25, id="for_the_first_tenant"),
    ],
)
def test_full_disk_leaves_the_old_state(
    tmp_path: Path, small_disk: tuple[Path, Callable[[float], None]], free_megabytes: float
) -> None:
    disk, leave_free = small_disk
    home, source = disk / "home", tmp_path / "source"
    assert run("build", write_state(source, 1, jobs=FULL), "--home", home).code == 0
    leave_free(free_megabytes)
    outcome = finish(start("build", write_state(source, 2, jobs=FULL), "--home", home))
    assert outcome.code == 74
    assert "No space left on device" in one_line(outcome)
    served = states(home, jobs=FULL)
    assert served["bolt"] == 1  # it comes last
    assert served["acme"] == 1 or "bolt" in outcome.err
    assert leftovers(home) == []
    leave_free(100)
    assert run("build", source, "--home", home).code == 0
    assert states(home, jobs=FULL) == dict.fromkeys(TENANTS, 2)


def fill(connection: psycopg.Connection, folder: Path) -> None:
    connection.execute("CREATE EXTENSION ltree")
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            load_table(connection, path.stem, next(rows), rows, key_type="text")


@contextmanager
def held(server: PostgresServer, database: str, table: str) -> Iterator[None]:
    """Nobody can read the table inside the block; the server may be gone at its end."""
    connection = psycopg.connect(server.url(database))
    try:
        connection.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
        yield
    finally:
        connection.close()


def wait_for_reader(server: PostgresServer) -> int:
    """The process of the server that waits for a table on behalf of a build."""
    query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'jobgraph' AND wait_event_type = 'Lock'"
    with server.connect() as connection:
        for _ in range(600):
            if found := connection.execute(query).fetchone():
                return int(found[0])
            time.sleep(0.05)
    pytest.fail("no build came to read")


def cut_connection(server: PostgresServer, process_id: int) -> None:
    with server.connect() as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [process_id])


def stop_server(server: PostgresServer, process_id: int) -> None:
    assert process_id
    server.stop()


@pytest.mark.parametrize("cut", [cut_connection, stop_server])
def test_database_that_goes_away_changes_nothing(
    tmp_path: Path, postgres_server: PostgresServer, cut: Callable[[PostgresServer, int], None]
) -> None:
    home, location = tmp_path / "home", postgres_server.make_database("durable")
    with postgres_server.connect("durable") as connection:
        fill(connection, write_state(tmp_path / "source", 1))
        assert run("build", location, "--home", home).code == 0
        connection.execute("UPDATE jobs_to_be_done SET situation = 'state 2'")
    with held(postgres_server, "durable", "jobs_to_be_done"):
        process = start("build", location, "--home", home)
        cut(postgres_server, wait_for_reader(postgres_server))
        outcome = finish(process)
    if cut is stop_server:
        postgres_server.start()
    assert outcome.code == 75
    assert "went away while public.jobs_to_be_done was read" in one_line(outcome)
    assert states(home) == dict.fromkeys(TENANTS, 1)
    assert leftovers(home) == []
    assert run("build", location, "--home", home).code == 0
    assert states(home) == dict.fromkeys(TENANTS, 2)
