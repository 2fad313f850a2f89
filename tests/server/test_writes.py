from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from jobgraph.server.access import Identity, Role
from jobgraph.server.operations import Operation
from jobgraph.server.problems import ProblemError
from jobgraph.server.settings import ServerSettings
from jobgraph.server.writes import Writes

WRITTEN = {"generation_after": "000002", "added": 1, "removed": 0, "severities": {}}


class Pool:
    async def write(self, _slug: str, _job: object) -> dict[str, Any]:
        return WRITTEN


def test_write_that_ends_after_its_tenant_went_is_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that was cut off meanwhile may not be the one that has the tenant."""
    writes = Writes(ServerSettings())
    monkeypatch.setattr(writes, "_pool", Pool())
    server: Any = SimpleNamespace(
        generation=lambda _slug: SimpleNamespace(name="000001"),
        audit=SimpleNamespace(append=lambda _event: ""),
        shards=SimpleNamespace(has=lambda _slug: False),
        public_url="",
    )
    exchange: Any = SimpleNamespace(header=lambda _name: None, facts={}, url=lambda _public: "http://acme.test/update")
    operation = Operation("update", "INSERT DATA { <x:a> <x:b> <x:c> }", None, None, None)
    with pytest.raises(ProblemError) as caught:
        asyncio.run(writes.update(server, exchange, Identity("acme", Role.WRITER, "key"), operation))
    assert caught.value.status == 503
