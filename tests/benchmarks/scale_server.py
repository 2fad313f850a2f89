"""A server at one size: what its start, its first and its usual answers take, and the memory of its workers."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.benchmarks.load import HOST
from tests.benchmarks.servers import Endpoint, our_server
from tests.benchmarks.test_server_isolation import cpu_seconds, family, resident_mb

SECONDS = 1800  # an answer at a large size may take long; here that is no error
LIMITS = {"JOBGRAPH_QUERY_SECONDS": str(SECONDS), "JOBGRAPH_MEMORY_MB": "16000", "JOBGRAPH_CACHE_MB": "0"}
LOOKUP = "SELECT ?job ?label { ?job a jg:Job ; rdfs:label ?label } LIMIT 10"
PREFIXES = "PREFIX jg: <https://w3id.org/jobgraph/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "


def measure_server(home: Path, slug: str) -> tuple[list[dict[str, Any]], dict[str, object]]:
    """The figures of start, first lookup, the questions that need no parameter, and some analyses; what was asked."""
    start = time.perf_counter()
    with our_server(home, slug, LIMITS) as endpoint:
        figures = [_figure("server start", endpoint, start, {})]
        figures.append(_timed("first lookup", endpoint, [f"/sparql?query={quote(PREFIXES + LOOKUP)}"]))
        figures.append(_timed("lookup", endpoint, [f"/sparql?query={quote(PREFIXES + LOOKUP)}"]))
        questions = _names(endpoint, "/questions")
        figures.append(_timed("questions", endpoint, [f"/questions/{name}?limit=100" for name in questions]))
        figures.append(_timed("first page", endpoint, ["/landscape"]))
        workers = [resident_mb(pid) for pid in family(endpoint.pid)[1:]]
    return figures, {"questions": len(questions), "worker_mb": round(max(workers), 1)}


def _names(endpoint: Endpoint, path: str) -> list[str]:
    """The questions that need no parameter."""
    rows = json.loads(_answer(endpoint, path))["rows"]
    return [row["name"] for row in rows if not any(each["required"] for each in row["parameters"])]


def _timed(stage: str, endpoint: Endpoint, paths: list[str]) -> dict[str, Any]:
    start, before = time.perf_counter(), cpu_seconds(endpoint.pid)
    for path in paths:
        _answer(endpoint, path)
    return _figure(stage, endpoint, start, before)


def _figure(stage: str, endpoint: Endpoint, start: float, before: dict[int, float]) -> dict[str, Any]:
    wall_s = time.perf_counter() - start
    cpu_s = sum(max(0.0, s - before.get(pid, 0.0)) for pid, s in cpu_seconds(endpoint.pid).items())
    most = max(resident_mb(pid) for pid in family(endpoint.pid))
    return {"stage": stage, "wall_s": wall_s, "cpu_s": cpu_s, "peak_mb": most}


def _answer(endpoint: Endpoint, path: str) -> bytes:
    connection = http.client.HTTPConnection(HOST, endpoint.port, timeout=SECONDS)
    accept = "text/html" if path == "/landscape" else "application/json, application/sparql-results+json"
    connection.request("GET", path, headers={"Accept": accept})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {content[:300]!r}")
    return content
