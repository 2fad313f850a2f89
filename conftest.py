"""The shipped sample, built once a run; examples in docstrings call it `kg`, and the folder that it is in `home`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestItem

from jobgraph.api import open_graph
from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings

_TENANT = "northwind-bio"


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the shipped sample, to read only."""
    home = tmp_path_factory.mktemp("sample") / "home"
    run_build(Plan(str(resource_path("data", "sample"))), Settings(home=home))
    return home


@pytest.fixture(autouse=True)
def _names_of_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> Iterator[None]:
    """Give the examples that speak of a graph one."""
    item = request.node
    if not isinstance(item, DoctestItem) or not any(
        "kg" in e.source or "home" in e.source for e in item.dtest.examples
    ):
        yield
        return
    home = request.getfixturevalue("sample_home")
    with open_graph(_TENANT, home=home) as kg:
        doctest_namespace.update(kg=kg, home=home)
        yield
