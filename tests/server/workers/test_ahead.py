from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.server.live import NORTHWIND, wait_until

from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers import ahead
from jobgraph.server.workers.ahead import Ahead
from jobgraph.server.workers.jobs import Job, QueryJob, ViewJob
from jobgraph.store import Home

QUERY = QueryJob("ASK {}", "http://a/", "text/csv", "")
PAGE = ViewJob("home_page", (), "text/html")


@pytest.fixture
def tenant(sample_home: Path) -> Iterator[Tenant]:
    generation = Home(sample_home).tenant(NORTHWIND).current()
    assert generation is not None
    with generation.open() as store:
        yield Tenant(store, generation, generation.names)


def is_in_memory(tenant: Tenant) -> bool:
    return tenant.merged.memory_for("ASK {}") is not None


def test_small_generation_is_in_memory_after_many_queries(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_MANY", 3)
    watching = Ahead(tenant)
    for job in (QUERY, QUERY, PAGE):
        watching.note(job)
    time.sleep(0.1)
    assert not is_in_memory(tenant)
    watching.note(QUERY)
    wait_until(lambda: is_in_memory(tenant), "all is in memory")


@pytest.mark.parametrize(
    ("job", "is_read"), [(PAGE, True), (replace(PAGE, media_type="application/json"), False), (QUERY, False)]
)
def test_first_page_has_the_next_ones_prepared(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, job: Job, *, is_read: bool
) -> None:
    read: list[Tenant] = []
    monkeypatch.setattr("jobgraph.server.views.reading_ahead.read_ahead", read.append)
    watching = Ahead(tenant)
    watching.note(job)
    watching.note(job)
    if is_read:
        wait_until(lambda: bool(read), "it is read")
    time.sleep(0.1)
    assert read == [tenant] * is_read


def test_what_analyses_need_is_kept_for_others(tenant: Tenant) -> None:
    from jobgraph.server.views.reading_ahead import read_ahead

    read_ahead(tenant)
    assert list(tenant.generation.cache_path.glob("views/*.parquet"))
    assert source_of(tenant).views["jobs"].height > 0
