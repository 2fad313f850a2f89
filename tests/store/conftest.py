"""A home with one tenant, a way to publish for it, and a store in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.store.content import BASE, Publish, publish, store_in_memory

from jobgraph.store import Home, Tenant


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def tenant(home: Home) -> Tenant:
    return home.create_tenant("acme", base=BASE)


@pytest.fixture(name="publish")
def publish_for_tenant(tenant: Tenant, tmp_path: Path) -> Publish:
    return lambda text: publish(tenant, text, tmp_path)


@pytest.fixture
def store() -> Store:
    """A triple or two in each graph."""
    return store_in_memory("""
        <ex:job> <ex:label> "clean the pump" {asserted} .
        <ex:job> <ex:score> "12.5"^^<http://www.w3.org/2001/XMLSchema#decimal> {asserted} .
        <ex:job> <ex:level> <ex:high> {inferred} .
        <ex:high> <ex:label> "hoch"@de {shared} .
        <ex:run> <ex:secret> "of the build" {metadata} .
    """)
