from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.conftest import CopyHome
from tests.server.live import NORTHWIND, Client, LiveServer, serving

from jobgraph.server.access import Role
from jobgraph.server.access.tokens import TokenFile


@pytest.fixture(scope="package")
def exporting(copy_home: CopyHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose exports are those of the sample; tests change what it has only in ways that they take back."""
    with serving(copy_home(), tmp_path_factory.mktemp("log") / "server.log", settings=PATIENT) as server:
        yield server


@pytest.fixture
def tenant_reader(exporting: LiveServer) -> Client:
    """Who may read the whole graph."""
    return exporting.client(NORTHWIND)


@pytest.fixture
def partner(exporting: LiveServer) -> Client:
    """Who may fetch exports of the profile `partner`, and nothing else."""
    return limited(exporting.home, exporting.port, "partner")


def limited(home: Path, port: int, *profiles: str) -> Client:
    token = TokenFile(home).create(NORTHWIND, Role.READER, lasts=None, profiles=profiles)
    return Client(port, token, 120)


PATIENT = {"export_wait_seconds": 110}
