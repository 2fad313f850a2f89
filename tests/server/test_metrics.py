from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from prometheus_client.parser import text_string_to_metric_families

from jobgraph.server.metrics import Metrics
from jobgraph.server.settings import ServerSettings
from jobgraph.server.state import Server


def metrics(home: Path) -> Metrics:
    parts: dict[str, Any] = {
        "settings": ServerSettings(home=home, all_workers=7),
        "pool": SimpleNamespace(count=3),
        "cache": SimpleNamespace(hits=2, misses=5),
    }
    return Metrics(cast("Server", SimpleNamespace(**parts)))


def values(found: Metrics) -> dict[str, float]:
    samples = [sample for family in text_string_to_metric_families(found.text().decode()) for sample in family.samples]
    return {sample.name: sample.value for sample in samples}


def test_gauges_are_those_of_the_server(tmp_path: Path) -> None:
    found = values(metrics(tmp_path))
    names = ("workers", "workers_limit", "cache_hits", "cache_misses")
    assert [found[f"jobgraph_{name}"] for name in names] == [3, 7, 2, 5]


def test_disk_and_process_are_measured(tmp_path: Path) -> None:
    found = values(metrics(tmp_path))
    names = ("jobgraph_home_free_bytes", "process_open_fds", "process_max_fds", "process_resident_memory_bytes")
    assert all(found[name] > 0 for name in names)


def test_request_is_counted_by_route_method_and_status(tmp_path: Path) -> None:
    found = metrics(tmp_path)
    found.note("/sparql", "GET", 200, 0.5)
    found.note("/sparql", "BREW", 503, 0.5)
    text = found.text().decode()
    assert 'jobgraph_requests_total{method="GET",route="/sparql",status="200"} 1.0' in text
    assert 'method="other"' in text
    assert 'jobgraph_request_seconds_bucket{le="1.0",route="/sparql"} 2.0' in text
