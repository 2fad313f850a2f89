"""Tables as a client reads them: page by page, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from tests.server.live import Client, Reply

CSV = "text/csv"


def get(client: Client, target: str, accept: str = "application/json") -> Reply:
    return client.ask("GET", target, headers={"Accept": accept})


def page_of(client: Client, target: str) -> Any:
    reply = get(client, target)
    assert reply.status == 200, (target, reply.text[:300])
    return reply.json


def all_rows(client: Client, target: str) -> list[Mapping[str, Any]]:
    """The rows of all pages, by the `next` of each, which is that of its Link header."""
    rows: list[Mapping[str, Any]] = []
    while target:
        reply = get(client, target)
        assert reply.status == 200, (target, reply.text[:300])
        rows += reply.json["rows"]
        following = reply.json["next"]
        assert reply.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
        target = urljoin(target, following) if following else ""
    return rows


def csv_of(client: Client, target: str) -> list[list[str]]:
    reply = get(client, target, CSV)
    assert reply.status == 200, (target, reply.text[:300])
    return list(csv.reader(io.StringIO(reply.body.decode(), newline="")))


def as_csv(cell: Any) -> str:
    """What a cell of JSON is in CSV."""
    if isinstance(cell, dict) and "iri" in cell:
        return str(cell["iri"])
    if isinstance(cell, list):
        return json.dumps([each["iri"] if isinstance(each, dict) and "iri" in each else each for each in cell])
    if isinstance(cell, dict | bool | int | float):
        return json.dumps(cell)
    return "" if cell is None else str(cell)
