"""The ASGI application: who asks, what for, and how it went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from jobgraph.errors import InputError, JobgraphError, RefusedError, StorageError
from jobgraph.server import pages
from jobgraph.server.access import Identity, Role
from jobgraph.server.audit_log import Event
from jobgraph.server.description import data_set_description, service_description, to_bytes
from jobgraph.server.exchange import Exchange, GoneError, Receive, Scope, Send
from jobgraph.server.exports import routes as exports
from jobgraph.server.graphs import PATH as GRAPHS
from jobgraph.server.graphs import read_graph, target
from jobgraph.server.limits import RateLimit, Room
from jobgraph.server.metrics import Metrics
from jobgraph.server.negotiation import GRAPH_TYPES, wanted_type
from jobgraph.server.operations import read_operation
from jobgraph.server.problems import ProblemError, problem_of
from jobgraph.server.reading import no_type
from jobgraph.server.rest import routes as rest
from jobgraph.server.shards import routes as shard_routes
from jobgraph.server.sparql import answer_query
from jobgraph.server.state import Server
from jobgraph.server.workers import AnswerError

_Handler = Callable[[Exchange, Identity], Awaitable[None]]
_FORBIDDEN = frozenset({401, 403, 429})
_AUDITED_REFUSALS = 10  # a second: each waits for the disk
_BODIES = 4  # of the largest size, that are held at once
_MAX_OPERATION = 4 << 20  # bytes of a form; a query of 1 MB is about three when it is percent-encoded
_READ, _WRITE = ("GET", "HEAD"), ("PUT", "POST", "DELETE", "PATCH")


class Application:
    """Answers every request: what is wrong with one is a problem, never a trace."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._metrics = Metrics(server)
        self._room = Room(_BODIES * server.settings.request_mb << 20)
        self._log = structlog.get_logger("jobgraph.server")
        self._bound_log: Any = None
        self._refusals = RateLimit(_AUDITED_REFUSALS)
        self._routes: Mapping[str, _Handler] = {
            "/sparql": self._sparql,
            "/update": self._sparql,
            GRAPHS: self._graphs,
            "/metrics": self._show_metrics,
            "/.well-known/void": self._void,
            "/": self._void,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # the server takes it as a refusal
        await self._answer(Exchange(scope, receive, send, self._room, root=self.server.root))

    async def _answer(self, exchange: Exchange) -> None:
        start = time.perf_counter()
        try:
            await self._route(exchange)
        except GoneError:
            exchange.facts["outcome"] = "gone"
        except (ProblemError, AnswerError, JobgraphError) as error:  # of any other, the server says 500 and logs it
            problem = problem_of(error)
            exchange.facts["outcome"] = problem.detail
            await self._audit_refusal(exchange, problem)
            if not exchange.status:  # else the answer has begun, and what is not whole is broken off
                await exchange.problem(problem)
        finally:
            exchange.release()
            self._note(exchange, time.perf_counter() - start)

    async def _route(self, exchange: Exchange) -> None:
        shards = self.server.shards
        if shards:
            if await shard_routes.answer(self.server, shards, exchange):
                return
            await shards.admit_name(exchange)
        if await pages.answer_openly(self.server, exchange):
            return
        identity = self._identify(exchange)
        exchange.identity = identity
        exchange.facts |= {"tenant": identity.tenant, "role": identity.role, "key": identity.key}
        if shards:
            await shards.admit(exchange, identity.tenant)
        self.server.rates.check(f"{identity.tenant}/{identity.key}")
        exports.refuse_all_else(exchange, identity)
        if await pages.answer(self.server, exchange, identity):
            return
        path = GRAPHS if exchange.path.startswith(f"{GRAPHS}/") else exchange.path
        if route := self._routes.get(path):
            await route(exchange, identity)
        elif not await self._answer_elsewhere(exchange, identity):
            raise ProblemError(404, "There is nothing of this name, or it is not yours.")

    async def _answer_elsewhere(self, exchange: Exchange, identity: Identity) -> bool:
        return await exports.answer(self.server, exchange, identity) or await rest.answer(
            self.server, exchange, identity
        )

    def _identify(self, exchange: Exchange) -> Identity:
        """Who asks. A token file or keys that are broken are a fault of ours, and let nobody in."""
        try:
            return self.server.access.identify(exchange.scope["headers"])
        except (RefusedError, InputError, StorageError) as error:
            self._log.error("access", error=str(error))
            raise ProblemError(503, "Nobody can be let in just now; it is in the log of the server.") from None

    async def _sparql(self, exchange: Exchange, identity: Identity) -> None:
        operation = await read_operation(exchange, min(_MAX_OPERATION, self.server.settings.request_mb << 20))
        if operation is None:
            await self._describe(exchange, identity)
        elif operation.kind == "query":
            await answer_query(self.server, exchange, identity, operation)
        else:
            demand(identity, Role.WRITER)
            await self.server.writes.update(self.server, exchange, identity, operation)

    async def _graphs(self, exchange: Exchange, identity: Identity) -> None:
        graph = target(self.server, exchange)
        if exchange.method in _WRITE:
            demand(identity, Role.WRITER)
            await self.server.writes.change_graph(self.server, exchange, identity, graph)
        elif exchange.method not in _READ:
            allowed = ", ".join(_READ + _WRITE)
            raise ProblemError(405, f"{exchange.method} is not for graphs.", headers={"Allow": allowed})
        elif graph is None:
            await self._void(exchange, identity)
        else:
            await read_graph(self.server, exchange, identity, graph)

    async def _describe(self, exchange: Exchange, identity: Identity) -> None:
        endpoint = exchange.url(self.server.public_url)
        await self._say(exchange, to_bytes_of(service_description(endpoint, writable=identity.role >= Role.WRITER)))

    async def _void(self, exchange: Exchange, identity: Identity) -> None:
        generation = self.server.generation(identity.tenant)
        root = exchange.url(self.server.public_url).removesuffix(exchange.raw_path)
        about = data_set_description(f"{root}/", f"{root}/sparql", generation)
        await self._say(exchange, to_bytes_of(about))

    async def _say(self, exchange: Exchange, write: Callable[[str], bytes]) -> None:
        if exchange.method not in _READ:
            raise ProblemError(405, f"{exchange.method} changes nothing here.", headers={"Allow": "GET, HEAD"})
        media_type = wanted_type(exchange.header("accept"), GRAPH_TYPES)
        if not media_type:
            raise no_type(GRAPH_TYPES)
        headers = [
            ("content-type", media_type),
            ("vary", "Accept, Authorization"),
            ("cache-control", "private, no-cache"),
        ]
        await exchange.respond(200, headers, write(media_type))

    async def _show_metrics(self, exchange: Exchange, identity: Identity) -> None:
        demand(identity, Role.ADMIN)
        await exchange.respond(200, [("content-type", self._metrics.content_type)], self._metrics.text())

    async def _audit_refusal(self, exchange: Exchange, problem: ProblemError) -> None:
        """A line of the audit log for a request that was forbidden; writes have theirs already."""
        if problem.status not in _FORBIDDEN or "written" in exchange.facts:
            return
        with suppress(ProblemError, StorageError):  # many at once are not all worth a line
            self._refusals.check("all")
            event = Event(exchange.method.lower(), exchange.path, f"refused: {problem.detail}", exchange.identity)
            await asyncio.to_thread(self.server.audit.append, event)

    def _note(self, exchange: Exchange, seconds: float) -> None:
        """One line of the log and the metrics of a request that is over."""
        route = exchange.path if exchange.path in self._routes else "other"
        self._metrics.note(route, exchange.method, exchange.status, seconds)
        if self._bound_log is None:  # looked up once, when it is known how to log
            self._bound_log = self._log.bind()
        self._bound_log.info(
            "request",
            method=exchange.method,
            path=exchange.path,
            status=exchange.status,
            ms=round(1000 * seconds, 1),
            bytes=exchange.sent,
            **exchange.facts,
        )


def demand(identity: Identity, role: Role) -> None:
    """Let pass who has a role.

    Raises
    ------
    ProblemError : the role is lower.
    """
    if identity.role < role:
        raise ProblemError(403, f"This needs the role {role}, and the token has {identity.role}.")


def to_bytes_of(triples: object) -> Callable[[str], bytes]:
    """Triples waiting for their media type."""
    return lambda media_type: to_bytes(triples, media_type)  # type: ignore[arg-type]  # an iterator of triples
