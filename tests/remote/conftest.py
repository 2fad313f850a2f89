"""The server that takes long to start, once for all tests of the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.exports.endpoint_servers import RealEndpoint, running_virtuoso


@pytest.fixture(scope="session")
def virtuoso() -> Iterator[RealEndpoint]:
    """Virtuoso that answers with 1,000 rows at most."""
    yield from running_virtuoso("[SPARQL]\nResultSetMaxRows = 1000\n")
