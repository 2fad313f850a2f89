"""A real Postgres for tests: its own data folder, a free port on the loopback address, gone when the tests are done."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

PASSWORD = "s3cret word%"


# The server ends when the shell's input does, so also when the tests are killed; QUIT is as if the power failed.
_SHELL = """"$@" & read -r _; kill -QUIT $!; wait $!"""


class PostgresServer:
    """A server; `programs` holds its executables, `folder` its data and its socket."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self.programs, self.folder, self.port = programs, folder, port
        self._process: subprocess.Popen[bytes] | None = None

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
        """Start and wait until the server answers; TimeoutError if it does not."""
        options = ("-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder, "-F", "-c", "shared_buffers=16MB")
        command = ("sh", "-c", _SHELL, "sh", self.programs / "postgres", "-D", self.folder / "data", *options)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **self._surroundings()
            )
        for _ in range(200):
            with suppress(psycopg.OperationalError), self.connect() as connection:
                # Somebody may have been faster to take the port.
                if connection.execute("SHOW data_directory").fetchone() == (str(self.folder / "data"),):
                    return
            time.sleep(0.05)
        self.stop()
        raise TimeoutError((self.folder / "log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """Stop at once, as if the power failed; nothing happens to a stopped server."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def make_data(self) -> None:
        """Make the data folder, with a password for all."""
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        for path in (password, self.folder):
            shutil.chown(path, server_user())
        options = (
            "-U",
            "postgres",
            "--pwfile",
            password,
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        )
        command = (self.programs / "initdb", "-D", self.folder / "data", *options)
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **self._surroundings())

    def _surroundings(self) -> dict[str, Any]:
        """Where and as whom a program runs: Postgres refuses to run as root."""
        if os.geteuid() != 0:
            return {"cwd": self.folder}
        entry = pwd.getpwnam(server_user())
        return {"cwd": self.folder, "user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no Postgres server is installed here (Debian: apt-get install postgresql)")
    # Not below pytest's own folder, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="jobgraph-postgres-"))
    server = PostgresServer(programs, folder, free_port())
    try:
        server.make_data()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """The folder of the newest installed server."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def server_user() -> str:
    """Who the server runs as."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
