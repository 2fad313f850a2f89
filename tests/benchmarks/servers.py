"""Servers of one graph, as processes on this machine: ours, the stock Oxigraph server, and rdflib-endpoint.

The other two are in an environment of their own, made from pinned requirements, and get the merged graph of a tenant as
the only graph that they have: the least work that it can be for them.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, serialize
from tests.benchmarks.load import HOST

from jobgraph.store import Generation

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-servers"
REQUIREMENTS = Path(__file__).with_name("server_peers.txt")
START_S = 180.0

# As in its README, over a graph of oxrdflib that is filled by the parser of the store.
RDFLIB_ENDPOINT = """
import sys, uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
dataset = Dataset(store="Oxigraph", default_union=True)
dataset.default_context.parse(sys.argv[1], format="ox-nt")
uvicorn.run(SparqlEndpoint(graph=dataset, path="/"), host=sys.argv[2], port=int(sys.argv[3]), log_level="warning")
"""


@dataclass(frozen=True)
class Endpoint:
    """Where a server answers queries, and its process."""

    name: str
    port: int
    path: str
    pid: int


@contextmanager
def our_server(home: Path, tenant: str | None, options: Mapping[str, str]) -> Iterator[Endpoint]:
    """Ours, open for one tenant or, where that is None, to tokens; `options` are settings from the environment."""
    program = Path(sys.executable).with_name("jobgraph")
    port = free_port()
    is_open = ["--open", "--tenant", tenant] if tenant else []
    command = [program, "serve", *is_open, "--home", str(home), "--port", str(port)]
    with _running("ours", command, port, "/sparql", options) as endpoint:
        yield endpoint


@contextmanager
def oxigraph_server(triples: Path, folder: Path) -> Iterator[Endpoint]:
    """`oxigraph serve` over a store in `folder`, without its limit of time."""
    program, port = peers() / "oxigraph", free_port()
    if not folder.exists():
        subprocess.run([program, "load", "--location", folder, "--file", triples], check=True, capture_output=True)
        subprocess.run([program, "optimize", "--location", folder], check=True, capture_output=True)
    command = [program, "serve", "--location", folder, "--bind", f"{HOST}:{port}"]
    with _running("oxigraph serve", command, port, "/query", {}) as endpoint:
        yield endpoint


@contextmanager
def rdflib_server(triples: Path) -> Iterator[Endpoint]:
    """rdflib-endpoint over an Oxigraph store in memory."""
    port = free_port()
    command = [peers() / "python", "-c", RDFLIB_ENDPOINT, triples, HOST, str(port)]
    with _running("rdflib-endpoint", command, port, "/", {}) as endpoint:
        yield endpoint


def write_merged(generation: Generation, path: Path) -> int:
    """Write the merged graphs of a tenant as N-Triples; the number of triples."""
    with generation.open() as store, path.open("wb") as output:
        for graph in generation.names.present(store):
            triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, graph))
            serialize(triples, output, RdfFormat.N_TRIPLES)
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


@cache
def peers() -> Path:
    """The programs of the other servers' environment, made anew when the requirements have changed; else skips."""
    stamp, wanted = ENVIRONMENT / "installed.txt", REQUIREMENTS.read_text(encoding="utf-8")
    programs = ENVIRONMENT / "bin"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return programs
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", str(REQUIREMENTS)]
    run = subprocess.run(
        [programs / "python", "-m", "pip", "install", *options], capture_output=True, text=True, check=False
    )
    if run.returncode:
        pytest.skip(f"the other servers cannot be installed: {(run.stderr.splitlines() or ['pip failed'])[-1]}")
    stamp.write_text(wanted, encoding="utf-8")
    return programs


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(
    name: str, command: Sequence[object], port: int, path: str, options: Mapping[str, str]
) -> Iterator[Endpoint]:
    words = [str(word) for word in command]
    with subprocess.Popen(
        words, env={**os.environ, **options}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(server, port)
            yield Endpoint(name, port, path, server.pid)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/health")
            connection.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{server.args!r} did not begin to answer")
