"""2,000 requests and more that schemathesis makes of the OpenAPI document: no server error, no answer beside it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.server.live import NORTHWIND, serving
from tests.server.rest.cases import run_cases

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings

pytestmark = pytest.mark.benchmark


def test_no_request_breaks_the_server_or_the_schema(tmp_path: Path) -> None:
    run_build(Plan(str(resource_path("data", "sample"))), Settings(home=tmp_path / "home"))
    with serving(tmp_path / "home", tmp_path / "log") as server:
        start = time.perf_counter()
        statuses = run_cases(server.client(NORTHWIND), 10)
    print(f"\n{statuses.total():,} requests in {time.perf_counter() - start:.0f} s: {dict(sorted(statuses.items()))}")
    assert statuses.total() >= 2_000
    assert statuses[200] > 500
    assert not [status for status in statuses if status >= 500]
