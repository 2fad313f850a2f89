"""A graph of the shipped sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobgraph.api import KnowledgeGraph, open_graph


@pytest.fixture(scope="session")
def kg(sample_home: Path) -> Iterator[KnowledgeGraph]:
    with open_graph("northwind-bio", home=sample_home) as found:
        yield found
