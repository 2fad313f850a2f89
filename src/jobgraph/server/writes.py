"""Changes of a tenant's graph over HTTP: SPARQL updates, and graphs that are put, posted, patched and removed."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from pyoxigraph import RdfFormat, Store, parse

from jobgraph import errors
from jobgraph.server.access import Identity
from jobgraph.server.audit_log import Event
from jobgraph.server.description import to_bytes
from jobgraph.server.exchange import Exchange, decode_text
from jobgraph.server.forms import read_files
from jobgraph.server.negotiation import GRAPH_TYPES, wanted_type
from jobgraph.server.operations import UPDATE, Operation
from jobgraph.server.problems import ProblemError, status_of
from jobgraph.server.settings import ServerSettings
from jobgraph.server.state import Server
from jobgraph.server.workers import WriteJob, WriteRefusedError, WriterPool
from jobgraph.store import GraphName
from jobgraph.writing import Change, DeleteGraph, PatchGraph, PostGraph, PutGraph, SparqlUpdate
from jobgraph.writing.reach import Reach

_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
}
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class PostParts:
    """Several bodies for one graph, at once or not at all."""

    parts: tuple[PostGraph, ...]
    kind: ClassVar[str] = "post"

    @property
    def target(self) -> GraphName | None:
        """The graph."""
        return self.parts[0].target

    def reach(self) -> Reach:
        """The graph."""
        return self.parts[0].reach()

    def apply(self, store: Store) -> None:
        """Add the triples of each."""
        for part in self.parts:
            part.apply(store)


class Writes:
    """Reads what a request wants changed, has it done, and says how it went; each is a line of the audit log."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._pool = WriterPool(settings)

    async def close(self) -> None:
        """End the processes that write."""
        await self._pool.close()

    async def update(self, server: Server, exchange: Exchange, identity: Identity, operation: Operation) -> None:
        """Answer a SPARQL update."""
        change = SparqlUpdate(
            operation.text,
            operation.default_graphs or (),
            operation.named_graphs or (),
            base=exchange.url(server.public_url),
        )
        told = await self._write(server, exchange, identity, change, operation.text, operation.seconds)
        await _confirm(exchange, 200, told)

    async def change_graph(self, server: Server, exchange: Exchange, identity: Identity, graph: str | None) -> None:
        """Answer PUT, POST, PATCH and DELETE of a graph; '' is the unnamed one, None the store."""
        headers: list[tuple[str, str]] = []
        is_new = graph is None
        if graph is None:
            if exchange.method != "POST":
                raise ProblemError(400, "Name the graph: ?graph=IRI, ?default, or an address below /graphs.")
            graph = f"{exchange.url(server.public_url).rstrip('/')}/{uuid.uuid4()}"
            headers = [("location", graph)]
        change = await self._read_change(exchange, graph or None)
        told = await self._write(server, exchange, identity, change, graph or "the unnamed graph")
        created = is_new or (told["created"] and exchange.method in {"PUT", "POST"})
        await _confirm(exchange, 201 if created else 200, told, headers)

    async def _read_change(self, exchange: Exchange, graph: str | None) -> Change:
        if exchange.method == "DELETE":
            return DeleteGraph(graph)
        body = await exchange.body(self._settings.request_mb << 20)
        media_type, parameters = exchange.content_type
        if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"} or b"\x00" in body:
            raise ProblemError(415, "Graphs are read as UTF-8 text only; send them so.")
        if exchange.method == "PATCH":
            if media_type != UPDATE:
                raise ProblemError(415, f"PATCH takes {UPDATE}, not {media_type or 'nothing'}.")
            return PatchGraph(graph, decode_text(body))
        if media_type == _MULTIPART and exchange.method == "POST":
            files = read_files(parameters.get("boundary", ""), body)
            return PostParts(tuple(PostGraph(graph, content, _format(kind)) for kind, content in files))
        kind = PutGraph if exchange.method == "PUT" else PostGraph
        return kind(graph, body, _format(media_type))

    async def _write(
        self,
        server: Server,
        exchange: Exchange,
        identity: Identity,
        change: Change,
        what: str,
        seconds: float | None = None,
    ) -> dict[str, Any]:
        before = server.generation(identity.tenant).name
        expected = _expected(exchange.header("if-match"), before)
        outcome, after = "failed", before
        exchange.facts["written"] = "tried"
        try:
            told = await _to_the_end(self._pool.write(identity.tenant, WriteJob(change, expected, seconds)))
            outcome, after = (
                "published" if told["generation_after"] != before else "unchanged",
                told["generation_after"],
            )
        except WriteRefusedError as error:
            outcome = f"refused: {error.detail}"
            raise _problem(exchange, error) from None
        finally:
            event = Event(change.kind, what, outcome, identity, before, after)
            await asyncio.to_thread(server.audit.append, event)
        exchange.facts |= {"generation": after}
        if server.shards and not server.shards.has(identity.tenant):
            raise ProblemError(503, "This host lost touch while it wrote; read whether the change is there.")
        return told


async def _to_the_end(work: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """Finish a change whether or not its client still waits."""
    return await asyncio.shield(asyncio.ensure_future(work))


async def _confirm(
    exchange: Exchange, status: int, told: dict[str, Any], headers: list[tuple[str, str]] | None = None
) -> None:
    facts = {
        "generation": told["generation_after"],
        "added": told["added"],
        "removed": told["removed"],
        "results": told["severities"],
    }
    tag = ("etag", f'"{told["generation_after"]}"')
    kind = ("content-type", "application/json")
    await exchange.respond(status, [kind, tag, *(headers or [])], json.dumps(facts).encode())


def _expected(header: str | None, current: str) -> str | None:
    """The generation that the writer saw; tags of answers begin with it.

    Raises
    ------
    ProblemError : it is not the current one.
    """
    if header is None or header.strip() == "*":
        return None
    seen = [
        item.strip().strip('"').partition(".")[0] for item in header.split(",") if not item.strip().startswith("W/")
    ]
    if current not in seen:
        raise ProblemError(412, f"The graph is at generation {current}; read it again, then write.")
    return current


def _problem(exchange: Exchange, error: WriteRefusedError) -> ProblemError:
    """What the client is told; where shapes forbid a change, and it takes RDF, the report."""
    status = status_of(getattr(errors, error.kind))
    named = exchange.header("accept") or ""
    if error.report and any(media_type in named for media_type in GRAPH_TYPES):
        media_type = wanted_type(named, GRAPH_TYPES)
        triples = (quad.triple for quad in parse(io.StringIO(error.report), RdfFormat.TURTLE))
        return ProblemError(status, error.detail, content=(media_type, to_bytes(triples, media_type)))
    headers = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    extra = {"report": error.report} if error.report else None
    return ProblemError(status, error.detail, headers=headers, extra=extra)


def _format(media_type: str) -> RdfFormat:
    try:
        return _FORMATS[media_type]
    except KeyError:
        raise ProblemError(415, f"Graphs are {', '.join(GRAPH_TYPES)}, not {media_type or 'without a type'}.") from None
