from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.server.live import NORTHWIND

from jobgraph.server.settings import ServerSettings
from jobgraph.server.workers import QueryJob, ViewJob, WorkerPool, encode_job, pool
from jobgraph.store import Generation, Home

VIEW = encode_job(ViewJob("analyses", (), "application/json"))
QUERY = encode_job(QueryJob("ASK {}", "http://a/", "text/csv", ""))


@pytest.fixture
def generation(sample_home: Path) -> Generation:
    found = Home(sample_home).tenant(NORTHWIND).current()
    assert found
    return found


async def ask(workers: WorkerPool, generation: Generation, job: bytes, *, is_long: bool) -> int:
    """How many workers there are once a job is answered."""
    assert await workers.ask(generation, job, 60, lambda answer: answer.beginning(1 << 20), is_long=is_long)
    return workers.count


@pytest.mark.parametrize(
    ("slow_s", "counts"),
    [
        pytest.param(60.0, [1, 1, 1, 1], id="quick"),
        pytest.param(0.0, [0, 1, 1, 1], id="slow"),
    ],
)
def test_worker_that_was_slow_stays_for_what_is_long(
    generation: Generation, monkeypatch: pytest.MonkeyPatch, slow_s: float, counts: list[int]
) -> None:
    monkeypatch.setattr(pool, "_SLOW_S", slow_s)

    async def run() -> list[int]:
        workers = WorkerPool(ServerSettings())
        try:
            jobs = [(QUERY, False), (VIEW, True), (QUERY, False), (VIEW, True)]
            return [await ask(workers, generation, job, is_long=is_long) for job, is_long in jobs]
        finally:
            await workers.close()

    assert asyncio.run(run()) == counts
