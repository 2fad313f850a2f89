"""What all requests of a server share: settings, who may ask, the current generations, workers and kept answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from jobgraph.server.access import Access, Identity
from jobgraph.server.audit_log import AuditLog
from jobgraph.server.cache import AnswerCache
from jobgraph.server.exchange import Exchange
from jobgraph.server.exports.making import ExportPool
from jobgraph.server.limits import RateLimit
from jobgraph.server.operations import Operation
from jobgraph.server.problems import ProblemError
from jobgraph.server.settings import ServerSettings
from jobgraph.server.shards.hosting import Shards
from jobgraph.server.workers import WorkerPool
from jobgraph.store import Generation, Home


class Writes(Protocol):
    """Changes what a tenant has."""

    async def close(self) -> None:
        """End what works for it."""

    async def update(self, server: Server, exchange: Exchange, identity: Identity, operation: Operation) -> None:
        """Answer a SPARQL update."""

    async def change_graph(self, server: Server, exchange: Exchange, identity: Identity, graph: str | None) -> None:
        """Answer PUT, POST, PATCH and DELETE of a graph; '' is the unnamed one, None the store."""


@dataclass
class Server:
    """The parts that requests are answered with."""

    settings: ServerSettings
    access: Access
    pool: WorkerPool
    cache: AnswerCache
    rates: RateLimit
    writes: Writes
    audit: AuditLog
    exports: ExportPool
    public_url: str = ""
    shards: Shards | None = None  # None where one host has all tenants
    _currents: dict[str, tuple[Path, tuple[int, int], Generation]] = field(default_factory=dict)

    @cached_property
    def root(self) -> str:
        """The path of the server on its host, as clients see it, without a slash at its end."""
        return urlsplit(self.public_url).path.rstrip("/")

    def generation(self, slug: str) -> Generation:
        """The current generation of a tenant, looked up again when the file that names it changed.

        Raises
        ------
        ProblemError : there is none.
        StorageError : the tenant's folder is broken.
        """
        known = self._currents.get(slug)
        pointer = known[0] if known else self.settings.home / "tenants" / slug / "CURRENT"
        try:
            found = pointer.stat()
        except FileNotFoundError:
            raise _nothing_there() from None
        version = (found.st_ino, found.st_mtime_ns)
        if known and known[1] == version:
            return known[2]
        generation = Home(self.settings.home).tenant(slug, missing_ok=True).current()
        if generation is None:
            raise _nothing_there()
        self._currents[slug] = (pointer, version, generation)
        return generation

    def forget(self, slug: str) -> None:
        """Keep nothing that was read of a tenant, whose folder is another one now."""
        self._currents.pop(slug, None)
        self.cache.clear()
        self.pool.forget(slug)


def _nothing_there() -> ProblemError:
    return ProblemError(404, "There is nothing of this name, or it is not yours.")
