"""Real SPARQL servers for tests, each with a folder of its own that is gone when the tests are done."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from jobgraph.errors import JobgraphError
from jobgraph.exports import push
from jobgraph.exports.endpoint import Addresses, Endpoint, Patience, find_addresses
from jobgraph.exports.login import Credentials

START_S = 120.0

# With the isolation that it has by default, a query that runs while another commits can see rows of both.
VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 20
Striping = 0
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
Striping = 0
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
ServerThreads = 10
CheckpointInterval = 0
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
DirsAllowed = .
DefaultIsolation = 4
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 6
"""


@dataclass(frozen=True)
class RealEndpoint:
    """A server that runs, with who may write to it."""

    addresses: Addresses
    credentials: Credentials | None = None
    sql_port: int = 0  # of Virtuoso

    def open(self, *, timeout_s: float = 60) -> Endpoint:
        patience = Patience(timeout_s=timeout_s, wait_s=0.1)
        return Endpoint(self.addresses, credentials=self.credentials, patience=patience)

    def names_start(self, target: NamedNode) -> str:
        return push._names_start(target)


@pytest.fixture(scope="module")
def oxigraph_endpoint() -> Iterator[RealEndpoint]:
    """`oxigraph serve`, from PyPI."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the Oxigraph server is not installed here (pip install oxigraph)")
    port = free_port()
    with new_folder() as folder:
        command = [program, "serve", "--location", folder / "store", "--bind", f"127.0.0.1:{port}"]
        yield from running(command, folder, RealEndpoint(find_addresses(f"http://127.0.0.1:{port}/store")))


@pytest.fixture(scope="module")
def virtuoso_endpoint() -> Iterator[RealEndpoint]:
    """Virtuoso 7, from Debian."""
    yield from running_virtuoso()


def running_virtuoso(more: str = "") -> Iterator[RealEndpoint]:
    """Virtuoso with more settings, while it runs."""
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("Virtuoso is not installed here (Debian: apt-get install virtuoso-opensource-7-bin)")
    port = free_port()
    address = f"http://127.0.0.1:{port}/sparql-graph-crud-auth"
    with new_folder() as folder:
        sql_port = free_port()
        settings = VIRTUOSO.format(port=port, sql_port=sql_port) + more
        folder.joinpath("virtuoso.ini").write_text(settings, encoding="utf-8")
        endpoint = RealEndpoint(find_addresses(address), Credentials("dba", "dba"), sql_port)
        yield from running([program, "-f", "-c", "virtuoso.ini"], folder, endpoint)


@contextmanager
def new_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jobgraph-endpoint-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def running(command: Sequence[object], folder: Path, endpoint: RealEndpoint) -> Iterator[RealEndpoint]:
    """The endpoint once it answers; the server is killed in the end."""
    with ExitStack() as stack:
        log = stack.enter_context((folder / "output").open("wb"))
        server = subprocess.Popen([str(word) for word in command], cwd=folder, stdout=log, stderr=log)
        stack.callback(server.wait)
        stack.callback(server.kill)
        wait_until_it_answers(server, endpoint, folder)
        yield endpoint


def wait_until_it_answers(server: subprocess.Popen[bytes], endpoint: RealEndpoint, folder: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with Endpoint(
                endpoint.addresses, credentials=endpoint.credentials, patience=Patience(timeout_s=5, tries=1)
            ) as client:
                client.count(NamedNode("https://example.org/none"))
        except JobgraphError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError((folder / "output").read_text(encoding="utf-8", errors="replace"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
