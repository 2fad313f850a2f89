"""What a server counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from jobgraph.server.state import Server

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Metrics:
    """Requests by route, method and status, their seconds, the workers, and the cache's hits."""

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
        workers = Gauge("jobgraph_workers", "Processes that answer queries.", registry=self._registry)
        workers.set_function(lambda: server.pool.count)
        for name, words in (("hits", "Answers given again."), ("misses", "Answers that were not kept.")):
            gauge = Gauge(f"jobgraph_cache_{name}", words, registry=self._registry)
            gauge.set_function(lambda name=name: getattr(server.cache, name))  # type: ignore[misc]

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
