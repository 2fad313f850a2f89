"""One server for all tests of this folder that do not need one of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.server.live import ALPINE, NORTHWIND, Client, LiveServer, serving

from jobgraph.store import Home

CopyHome = Callable[[], Path]


@pytest.fixture(scope="session")
def copy_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> CopyHome:
    """Copies the sample, to write to."""

    def copy() -> Path:
        return Path(shutil.copytree(sample_home, tmp_path_factory.mktemp("served") / "home"))

    return copy


@pytest.fixture(scope="session")
def live(copy_home: CopyHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of two tenants; what a test writes goes to graphs of its own, or is taken back."""
    settings = {"keep_generations": 1_000}  # tests ask for the first
    with serving(copy_home(), tmp_path_factory.mktemp("log") / "server.log", settings=settings) as server:
        yield server


@pytest.fixture
def reader(live: LiveServer) -> Client:
    return live.client(NORTHWIND)


@pytest.fixture
def writer(live: LiveServer) -> Client:
    return live.client(NORTHWIND, "writer")


@pytest.fixture
def other_reader(live: LiveServer) -> Client:
    return live.client(ALPINE)


@pytest.fixture
def other_generation(live: LiveServer) -> Callable[[], str]:
    """The current generation of the other tenant."""

    def name() -> str:
        generation = Home(live.home).tenant(ALPINE).current()
        assert generation
        return generation.name

    return name
