"""Packages on their way: whole or in part, on record before the first byte, and few at once."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from jobgraph.server.access import Identity
from jobgraph.server.audit_log import Event
from jobgraph.server.exchange import Exchange
from jobgraph.server.exports.places import refusal_today
from jobgraph.server.exports.ranges import wanted_range
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import is_known
from jobgraph.server.state import Server

_PART_BYTES = 1 << 18
_ZIP = "application/zip"


@dataclass(frozen=True)
class Made:
    """A package that was made: its file, what was written down about it, and how it is called."""

    path: Path
    facts: dict[str, Any]
    profile: str
    generation: str
    file_name: str

    @property
    def tag(self) -> str:
        """The entity tag: the hash of its bytes."""
        return f'"{self.facts["sha256"]}"'

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every answer with it."""
        digest = base64.b64encode(bytes.fromhex(self.facts["sha256"])).decode()
        return {
            "etag": self.tag,
            "accept-ranges": "bytes",
            "cache-control": "private, no-cache",
            "vary": "Authorization",
            "content-type": _ZIP,
            "content-disposition": f'attachment; filename="{self.file_name}"',
            "repr-digest": f"sha-256=:{digest}:",  # RFC 9530: of the whole file, also where a part is sent
        }


async def send_package(server: Server, exchange: Exchange, identity: Identity, made: Made) -> None:
    """Answer with a package, or the part of it that the request wants.

    Raises
    ------
    ProblemError : its policy does not hold today, too many are sent, or it has no such part.
    StorageError : it cannot go on record; then nothing is sent.
    """
    if reason := refusal_today(made.facts):
        raise ProblemError(403, reason)
    if is_known(exchange.header("if-none-match"), made.tag):
        await exchange.respond(304, [item for item in made.headers.items() if item[0] != "content-disposition"])
        return
    size = int(made.facts["size"])
    part = _part(exchange, made, size)
    first, end = part or (0, size)
    headers = {**made.headers, "content-length": str(end - first)}
    if part:
        headers["content-range"] = f"bytes {first}-{end - 1}/{size}"
    if exchange.method == "HEAD":
        await exchange.stream(200, headers.items(), _nothing())
        return
    server.exports.begin_sending()
    try:
        with _opened(made.path) as stream:
            await _put_on_record(server, identity, made, (first, end) if part else None)
            content = _bytes_of(stream, first, end)
            await exchange.unless_gone(exchange.stream(206 if part else 200, headers.items(), content))
    finally:
        server.exports.end_sending()


def _part(exchange: Exchange, made: Made, size: int) -> tuple[int, int] | None:
    """The part that is wanted; all, where the client has the beginning of another file (RFC 9110, 13.1.5)."""
    condition = exchange.header("if-range")
    if exchange.method != "GET" or (condition and condition.strip() != made.tag):
        return None
    return wanted_range(exchange.header("range"), size)


@contextmanager
def _opened(path: Path) -> Any:  # noqa: ANN401 an iterator of a stream
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise ProblemError(503, "It was made anew just now; ask again.", headers={"Retry-After": "1"}) from None
    with stream:
        yield stream


async def _put_on_record(server: Server, identity: Identity, made: Made, part: tuple[int, int] | None) -> None:
    """Who gets what: profile, generation, how many triples, and the hashes of file and data."""
    facts = made.facts
    bytes_sent = f"bytes {part[0]}-{part[1] - 1} of {facts['size']}" if part else f"{facts['size']} bytes"
    what = (
        f"package {made.profile} of generation {made.generation}, {facts['triples']} triples, {bytes_sent}, "
        f"sha256 {facts['sha256']}, data set {facts['dataset']}"
    )
    await asyncio.to_thread(server.audit.append, Event("export", what, "sent", identity))


async def _bytes_of(stream: BinaryIO, first: int, end: int) -> AsyncIterator[bytes]:
    stream.seek(first)
    left = end - first
    while left:
        content = await asyncio.to_thread(stream.read, min(left, _PART_BYTES))
        if not content:  # what is short now was whole when it was made
            raise ProblemError(503, "The package was cut off on the server; ask again.")
        left -= len(content)
        yield content


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
