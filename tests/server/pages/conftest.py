from __future__ import annotations

import pytest
from tests.server.live import NORTHWIND, Client, LiveServer


@pytest.fixture(scope="session")
def live_reader(live: LiveServer) -> Client:
    """The reader, for what is looked up once for many tests."""
    return live.client(NORTHWIND)
