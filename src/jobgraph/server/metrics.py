"""What a server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from shutil import disk_usage

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from jobgraph.server.state import Server

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Metrics:
    """Requests by route, method and status, their seconds, the workers, the cache's hits, the disk and the process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, server: Server) -> None:
        self._registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("jobgraph_requests", "Requests that are over.", labels, registry=self._registry)
        self._seconds = Histogram(
            "jobgraph_request_seconds",
            "Seconds from request to answer.",
            ("route",),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._counts: dict[tuple[str, str, int], Counter] = {}  # to look one up by its labels takes longer
        self._times: dict[str, Histogram] = {}
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "workers": ("Processes that answer queries.", lambda: server.pool.count),
            "workers_limit": ("Processes that answer queries, at most.", lambda: server.settings.all_workers),
            "cache_hits": ("Answers given again.", lambda: server.cache.hits),
            "cache_misses": ("Answers that were not kept.", lambda: server.cache.misses),
            "home_free_bytes": ("Space on the disk of the home.", lambda: disk_usage(server.settings.home).free),
        }
        for name, (words, read) in gauges.items():
            Gauge(f"jobgraph_{name}", words, registry=self._registry).set_function(read)
        ProcessCollector(registry=self._registry)

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that is over; status 0 is one whose client went away."""
        key = (route, method if method in _METHODS else "other", status)
        if key not in self._counts:
            self._counts[key] = self._requests.labels(*key)
            self._times[route] = self._seconds.labels(route)
        self._counts[key].inc()
        self._times[route].observe(seconds)

    def text(self) -> bytes:
        """All of it in the text format."""
        return generate_latest(self._registry)
