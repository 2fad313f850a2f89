"""A real Postgres for tests: its own data folder, a free port on the loopback address, gone when the tests are done."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

PASSWORD = "s3cret word%"
_TRIES = 5


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `programs` holds its executables, `folder` its data and its socket."""

    programs: Path
    folder: Path
    port: int

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the superuser, each statement for itself."""
        return psycopg.connect(self.url(database), autocommit=True)

    def make_database(self, name: str) -> str:
        """An empty database in place of an older one of this name; the answer is its URL."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8'").format(sql.Identifier(name)))
        return self.url(name)

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -F -c shared_buffers=16MB -c max_connections=30"
        self._control("start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop at once, as if the power failed."""
        self._control("stop", "-m", "immediate")

    def _control(self, *arguments: str) -> None:
        run(self.programs / "pg_ctl", "-D", self.folder / "data", *arguments, cwd=self.folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no Postgres server is installed here (Debian: apt-get install postgresql)")
    # Not below pytest's own folder, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="jobgraph-postgres-"))
    try:
        make_data(programs, folder)
        server = started(programs, folder)
        yield server
        with suppress(subprocess.CalledProcessError):  # a test may have stopped it
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """The folder of the newest installed server."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def make_data(programs: Path, folder: Path) -> None:
    password = folder / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    for path in (password, folder):
        shutil.chown(path, server_user())
    run(
        programs / "initdb",
        *("-D", folder / "data", "-U", "postgres", "--pwfile", password, "-A", "scram-sha-256"),
        *("-E", "UTF8", "--no-locale", "--no-sync"),
        cwd=folder,
    )


def started(programs: Path, folder: Path) -> PostgresServer:
    """The server on a port that was free a moment ago, or on the next one if somebody was faster."""
    for _ in range(_TRIES):
        server = PostgresServer(programs, folder, free_port())
        with suppress(subprocess.CalledProcessError):
            server.start()
            return server
    pytest.fail(f"Postgres does not start:\n{(folder / 'log').read_text(encoding='utf-8')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def server_user() -> str:
    """Who the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def run(*command: object, cwd: Path) -> None:
    as_other: dict[str, Any] = {}
    if os.geteuid() == 0:
        entry = pwd.getpwnam(server_user())
        as_other = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_other,
    )
