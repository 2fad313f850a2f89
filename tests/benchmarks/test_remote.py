"""A tenant of a quarter of a million triples at real endpoints, beside the same one on this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from tests.benchmarks.runs import Run, run
from tests.benchmarks.servers import our_server
from tests.exports.endpoint_servers import RealEndpoint, oxigraph_endpoint, running_virtuoso
from tests.server.live import Client

from jobgraph.sample import SampleSize, write_sample
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

__all__ = ["oxigraph_endpoint"]
pytestmark = pytest.mark.benchmark

SLUG = "northwind-bio"
# What Debian's package comes with, but for the isolation that publication needs.
AS_INSTALLED = "[SPARQL]\nResultSetMaxRows = 10000\nMaxQueryExecutionTime = 60\nMaxQueryCostEstimationTime = 400\n"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
READS: Mapping[str, tuple[str, ...]] = {
    "query": ("query", COUNT, "--format", "csv"),
    "ask": ("ask", "highest_opportunities", "--format", "json"),
    "analyze": ("analyze", "gaps", "--format", "json"),
    "validate": ("validate", "--format", "json"),
    "dump": ("dump", "--format", "nquads"),
    "export": ("export", "--profile", "partner", "--out", "-"),
}


@dataclass(frozen=True)
class Larger:
    """A source, and the home that was built of it on this machine."""

    source: Path
    home: Path
    triples: int
    build: Run


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Larger:
    folder = tmp_path_factory.mktemp("larger")
    write_sample(folder / "source", SampleSize(jobs=180, tenants=1), vocabulary=Vocabulary())
    build = run(_command("build", folder / "source", "--home", folder / "home", "--quiet"))
    generation = Home(folder / "home").tenant(SLUG).current()
    assert generation is not None
    return Larger(folder / "source", folder / "home", generation.triples or 0, build)


@pytest.fixture(scope="module")
def installed_virtuoso() -> Iterator[RealEndpoint]:
    yield from running_virtuoso(AS_INSTALLED)


@pytest.mark.parametrize("engine", ["oxigraph_endpoint", "installed_virtuoso"])
def test_larger_tenant_at_an_endpoint(
    engine: str, larger: Larger, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint: RealEndpoint = request.getfixturevalue(engine)
    _give_user(endpoint, tmp_path / "users", monkeypatch)
    store = ("--store", f"sparql+{endpoint.addresses.graphs}", "--home", str(tmp_path / "home"))
    print(f"\n{engine}, {larger.triples:,} triples\n  {'build here':16}{larger.build}")
    _compare("build there", larger.build, run(_command("build", larger.source, *store, "--quiet")))
    _compare("first read", None, run(_command("query", COUNT, *store, "--tenant", SLUG)))
    for name, words in READS.items():
        here, there = tmp_path / f"{name}.here", tmp_path / f"{name}.there"
        local = run(_command(*words, "--home", larger.home, "--tenant", SLUG), output=here)
        _compare(name, local, run(_command(*words, *store, "--tenant", SLUG), output=there))
        assert _content(here) == _content(there), name
    with _timed("serve, first"), _answers(tmp_path / "served", store[1]) as client:
        (row,) = client.query(COUNT).rows
        assert int(row["n"]) > larger.triples / 2
    asked = run(_command("query", COUNT, "--at-endpoint", *store, "--tenant", SLUG))
    print(f"  {'the engine itself':16}{asked}")


def _content(path: Path) -> list[bytes]:
    """The lines in no order, but for those on the build; of a package, whose files tell of it, their names."""
    if is_zipfile(path):
        with ZipFile(path) as package:
            return [name.encode() for name in sorted(package.namelist())]
    return sorted(line for line in path.read_bytes().splitlines() if b"/metadata> ." not in line)


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "jobgraph", *map(str, words)]


def _give_user(endpoint: RealEndpoint, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if endpoint.credentials:
        folder.mkdir()
        folder.joinpath(SLUG).touch(mode=0o600)
        folder.joinpath(SLUG).write_text(f"{endpoint.credentials.user}\n{endpoint.credentials.password}\n")
        monkeypatch.setenv("JOBGRAPH_STORE_CREDENTIALS", str(folder))


def _compare(name: str, local: Run | None, there: Run) -> None:
    ratio = f"{there.wall_s / local.wall_s:5.1f} times as long as here" if local else ""
    print(f"  {name:16}{there}  {ratio}")


@contextmanager
def _timed(name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"  {name:16}{time.perf_counter() - begun:7.2f} s wall")


@contextmanager
def _answers(home: Path, store: str) -> Iterator[Client]:
    """A server that has no copy yet."""
    with our_server(home, SLUG, {"JOBGRAPH_STORE": store}) as server:
        yield Client(server.port)
