"""The feed of changes over HTTP: a first page that leads to all others, which never change."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse, serialize

from jobgraph.exports.feed import FOLDER
from jobgraph.server.access import Identity
from jobgraph.server.audit_log import Event
from jobgraph.server.exchange import Exchange
from jobgraph.server.exports.places import FEED_FACTS, Place, read_facts, refusal_today
from jobgraph.server.exports.stream import Stream, page_quads, root_quads
from jobgraph.server.negotiation import best_type, parse_accept
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import is_known, no_type
from jobgraph.server.state import Server
from jobgraph.store import PREFIXES

_TYPES = ("application/trig", "application/n-quads", "application/ld+json")  # a member is a graph of its own
_FOR_EVER = "private, max-age=31536000, immutable"
_PREFIXES = {
    **PREFIXES,
    "as": "https://www.w3.org/ns/activitystreams#",
    "ldes": "https://w3id.org/ldes#",
    "tree": "https://w3id.org/tree#",
}


async def send_root(server: Server, exchange: Exchange, identity: Identity, place: Place) -> None:
    """Answer with the first page.

    Raises
    ------
    ProblemError : there is no feed today, or the client takes no RDF with graphs.
    """
    media_type = _media_type(exchange)
    facts = await _feed(server, exchange, identity, place)
    stream = _stream(server, exchange, place)
    body = _to_bytes(root_quads(stream, facts["steps"]), media_type)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    await _respond(exchange, media_type, tag, "private, no-cache", body)


async def send_page(
    server: Server, exchange: Exchange, identity: Identity, place: Place, steps: tuple[str, ...]
) -> None:
    """Answer with a page of members, whose address says of which profile as it was, which step, and its number.

    Raises
    ------
    ProblemError : there is no such page, or not any more, or the client takes no RDF with graphs.
    """
    media_type = _media_type(exchange)
    facts = await _feed(server, exchange, identity, place)
    stamp, name, number = steps
    found = next((step for step in facts["steps"] if step["step"] == name), None) if stamp == place.stamp else None
    if found is None or not number.isdecimal() or not 0 < int(number) <= len(found["pages"]):
        raise ProblemError(410, "This page is gone, or never was; begin with the first page of the feed.")
    stream = _stream(server, exchange, place)
    sha256 = found["pages"][int(number) - 1]
    address = f"{stream.root}/{stamp}/{name}/{int(number)}"
    tag = f'"{hashlib.sha256(f"{address} {sha256} {media_type}".encode()).hexdigest()[:32]}"'
    if is_known(exchange.header("if-none-match"), tag):
        await _respond(exchange, media_type, tag, _FOR_EVER, None)
        return
    generation = place.tenant.generation(found["generation"])
    path = place.folder(generation) / FOLDER / name / f"{int(number)}.nq"
    body, count = await asyncio.to_thread(_page, stream, address, path, media_type)
    if exchange.method == "GET":
        what = f"changes {place.profile} of step {name}, page {int(number)}, {count} versions, sha256 {sha256}"
        await asyncio.to_thread(server.audit.append, Event("export", what, "sent", identity))
    await _respond(exchange, media_type, tag, _FOR_EVER, body)


async def _feed(server: Server, exchange: Exchange, identity: Identity, place: Place) -> dict[str, Any]:
    """What the steps of the feed hold; they are made first where they are not there, or where others are kept now."""
    generation = server.generation(identity.tenant)
    exchange.facts |= {"generation": generation.name}
    kept = [each.name for each in place.tenant.generations() if each.number <= generation.number]
    path = place.folder(generation) / FEED_FACTS
    facts = read_facts(path)
    if facts is None or facts["kept"] != kept:
        await server.exports.make(identity.tenant, "feed", place.profile, generation.name)
        facts = read_facts(path)
    if facts is None:
        raise ProblemError(503, "The data changed meanwhile; ask again.", headers={"Retry-After": "1"})
    if reason := refusal_today(facts):
        raise ProblemError(403, reason)
    return facts


def _stream(server: Server, exchange: Exchange, place: Place) -> Stream:
    top = exchange.url(server.public_url).removesuffix(exchange.raw_path)
    return Stream(f"{top}/exports/{place.profile}/changes", place.profile, place.stamp)


def _page(stream: Stream, address: str, path: Path, media_type: str) -> tuple[bytes, int]:
    """A page as it is sent, and how many members it has."""
    try:
        members = list(parse(path=path, format=RdfFormat.N_QUADS))
    except FileNotFoundError:
        raise ProblemError(410, "This page is gone; begin with the first page of the feed.") from None
    quads, count = page_quads(stream, address, members)
    return _to_bytes(quads, media_type), count


def _to_bytes(quads: list[Quad], media_type: str) -> bytes:
    return serialize(quads, format=RdfFormat.from_media_type(media_type), prefixes=_PREFIXES) or b""


def _media_type(exchange: Exchange) -> str:
    chosen = best_type(parse_accept(exchange.header("accept")), _TYPES)
    if not chosen:
        raise no_type(_TYPES)
    return chosen


async def _respond(exchange: Exchange, media_type: str, tag: str, caching: str, body: bytes | None) -> None:
    """Answer with a page; that it is not modified, where there is none to send or the client has it."""
    headers = {"etag": tag, "vary": "Accept, Authorization", "cache-control": caching, "content-type": media_type}
    if body is None or is_known(exchange.header("if-none-match"), tag):
        await exchange.respond(304, headers.items())
    else:
        await exchange.respond(200, headers.items(), body)
