"""`/shards/…`: what the proxy asks, and what whoever moves a tenant has a host do."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from jobgraph.server.access import Identity, Role, TokenFile
from jobgraph.server.audit_log import Event
from jobgraph.server.exchange import Exchange
from jobgraph.server.problems import ProblemError
from jobgraph.server.shards.copies import copied_bytes, iter_copy, known_generations, read_copy
from jobgraph.server.shards.hosting import HOST_HEADER, Shards, not_now
from jobgraph.server.shards.incoming import incoming_folder, install, retire
from jobgraph.server.state import Server
from jobgraph.store import Home, Tenant

PATH = "/shards/"
_MAX_FORM = 1 << 20
_Answer = Callable[[Server, Shards, Exchange, str], Awaitable[None]]


async def answer(server: Server, shards: Shards, exchange: Exchange) -> bool:
    """Answer a request about hosts and their tenants; False where it is none.

    Raises
    ------
    ProblemError, JobgraphError : it has no key, or cannot be done.
    """
    if not exchange.path.startswith(PATH):
        return False
    if exchange.path == f"{PATH}where":
        await _say_where(shards, exchange)
        return True
    if not shards.knows(exchange.header("authorization")):
        raise ProblemError(401, "This needs the key of the hosts.", headers={"WWW-Authenticate": "Bearer"})
    steps = exchange.path.removeprefix(PATH).split("/")
    slug = steps[1] if len(steps) > 1 else ""
    found = _ANSWERS.get((exchange.method, steps[0], *(["*"] if slug else []), *steps[2:]))
    if found is None:
        raise ProblemError(404, "There is nothing of this name.")
    if slug:
        Home(server.settings.home).tenant(slug, missing_ok=True)  # refuses what is no name
    await shards.look()
    await found(server, shards, exchange, slug)
    return True


async def _say_where(shards: Shards, exchange: Exchange) -> None:
    """Name the host of the tenant whose name was called; this one, where nobody may answer for it: it says why.

    Raises
    ------
    ProblemError : this host does not know; the proxy asks another.
    """
    called = shards.options.called_tenant(exchange.header("host") or "")
    if not shards.is_current:
        raise not_now()
    place = shards.table.place(called) if called else None
    name = place.name if place else shards.options.name
    await exchange.respond(200, [(HOST_HEADER, name)])


async def _describe(server: Server, shards: Shards, exchange: Exchange, _slug: str) -> None:
    """The host, the table that it goes by, and all tenants in its home."""
    tenants = await asyncio.to_thread(_inventory, server.settings.home)
    await _say(exchange, {"name": shards.options.name, "epoch": shards.table.epoch, "tenants": tenants})


async def _send_copy(server: Server, _shards: Shards, exchange: Exchange, slug: str) -> None:
    """All that a tenant has, but for the generations that the other host has already."""
    tenant = Home(server.settings.home).tenant(slug)
    known: dict[str, str] = json.loads(await exchange.body(_MAX_FORM))
    parts = iter_copy(tenant, TokenFile(server.settings.home).tokens_of(slug), known)
    await exchange.stream(200, [("content-type", "application/x-tar")], _in_thread(parts))


async def _take_copy(server: Server, shards: Shards, exchange: Exchange, slug: str) -> None:
    """Keep what comes aside; `?more` adds to what came before."""
    _refuse_own(shards, slug)
    folder = incoming_folder(server.settings.home, slug, is_new=exchange.scope["query_string"] != b"more")
    reading, writing = os.pipe()

    def read() -> None:
        with os.fdopen(reading, "rb") as stream:
            read_copy(stream, folder)

    reader = asyncio.create_task(asyncio.to_thread(read))
    try:
        await _write_parts(exchange, writing)
    finally:
        os.close(writing)
        await asyncio.wait([reader])  # a client that went away is what there is to say then
        failure = reader.exception()
    if failure:
        raise failure
    await _say(exchange, {"generations": known_generations(Tenant(slug, folder))})


async def _install(server: Server, shards: Shards, exchange: Exchange, slug: str) -> None:
    """Make a tenant of what came; nobody is answered from it before the table says so."""
    _refuse_own(shards, slug)
    told = json.loads(await exchange.body(_MAX_FORM))
    why = f"{slug} is arriving on {shards.options.name}; try again in a moment."
    generation = await asyncio.to_thread(install, server.settings.home, slug, why)
    server.forget(slug)
    origin = f"from {told['from']}" + (f", whose audit log ends in {told['head']}" if told["head"] else "")
    await _note(server, "arrive", f"{slug} {origin}", slug, generation)
    await _say(exchange, {"generation": generation})


async def _hold(server: Server, shards: Shards, exchange: Exchange, slug: str) -> None:
    """Let nobody write to a tenant; give the generation that it stays at."""
    tenant = Home(server.settings.home).tenant(slug)
    why = f"{slug} is being moved from {shards.options.name} to another host; try again in a moment."
    await asyncio.to_thread(tenant.hold, why)
    current = tenant.current()
    name = current.name if current else ""
    head = await _note(server, "depart", f"{slug} is held to be moved", slug, name)
    await _say(exchange, {"generation": name, "head": head})


async def _release(server: Server, shards: Shards, exchange: Exchange, slug: str) -> None:
    """Let writers in, where the tenant is here."""
    if not shards.has(slug):
        raise ProblemError(409, f"{slug} is not on {shards.options.name}; it stays held there.")
    tenant = Home(server.settings.home).tenant(slug)
    if tenant.is_held:
        await asyncio.to_thread(tenant.release)
        current = tenant.current()
        await _note(server, "open", f"{slug} may be written", slug, current.name if current else "")
    await _say(exchange, {})


async def _retire(server: Server, shards: Shards, exchange: Exchange, slug: str) -> None:
    """Remove the copy of a tenant that is on another host; not while somebody still reads it."""
    _refuse_own(shards, slug)
    server.forget(slug)
    is_gone = await asyncio.to_thread(retire, server.settings.home, slug)
    if is_gone:
        await _note(server, "retire", f"{slug}, which is on another host", slug, "")
    await _say(exchange, {"retired": is_gone})


def _refuse_own(shards: Shards, slug: str) -> None:
    """What answers for a tenant is neither replaced nor removed."""
    if shards.has(slug) or not shards.is_current:
        raise ProblemError(
            409, f"{slug} is on {shards.options.name}, or the table cannot be read; nothing was changed."
        )


def _inventory(home: Path) -> list[dict[str, Any]]:
    """Each tenant with its current generation, triples, bytes, and whether it is held."""
    told = []
    for slug in Home(home).tenants():
        tenant = Home(home).tenant(slug)
        current = tenant.current()
        if current:
            facts = {"triples": current.triples or 0, "bytes": copied_bytes(tenant), "held": tenant.is_held}
            told.append({"tenant": slug, "generation": current.name, **facts})
    return told


async def _write_parts(exchange: Exchange, writing: int) -> None:
    try:
        async for part in exchange.parts():
            left = memoryview(part)
            while left:
                left = left[await asyncio.to_thread(os.write, writing, left) :]
    except BrokenPipeError:
        pass  # who reads it has failed, and says why


async def _in_thread(parts: Any) -> AsyncIterator[bytes]:  # noqa: ANN401 an iterator of bytes
    while part := await asyncio.to_thread(next, parts, b""):
        yield part


async def _note(server: Server, action: str, what: str, slug: str, generation: str) -> str:
    """A line of the audit log; gives its hash."""
    event = Event(action, what, "done", Identity(slug, Role.ADMIN, "shards"), after=generation or None)
    return await asyncio.to_thread(server.audit.append, event)


async def _say(exchange: Exchange, facts: Mapping[str, Any]) -> None:
    await exchange.respond(200, [("content-type", "application/json")], json.dumps(facts).encode())


_ANSWERS: Mapping[tuple[str, ...], _Answer] = {
    ("GET", "host"): _describe,
    ("POST", "tenants", "*", "copy"): _send_copy,
    ("PUT", "tenants", "*"): _take_copy,
    ("POST", "tenants", "*", "install"): _install,
    ("POST", "tenants", "*", "hold"): _hold,
    ("POST", "tenants", "*", "release"): _release,
    ("POST", "tenants", "*", "retire"): _retire,
}
