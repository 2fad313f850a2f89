"""What plots are drawn from: the shipped sample, and tenants with little."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobgraph.analysis import Source, open_source
from jobgraph.store import Home


@pytest.fixture(scope="session")
def source(sample_home: Path) -> Iterator[Source]:
    generation = Home(sample_home).tenant("northwind-bio").current()
    assert generation
    with generation.open() as store:
        yield open_source(store, generation.names)
