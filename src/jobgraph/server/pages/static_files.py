"""Files that are the same for everybody: style, script, picture, and the JSON-LD context."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from jobgraph.exports.json_ld_context import context_document
from jobgraph.server.exchange import Exchange
from jobgraph.server.html.built import read_files, version_of
from jobgraph.server.pages.headers import READ
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import is_known
from jobgraph.vocabulary import Vocabulary

CONTEXT = "/context.jsonld"
_FOLDER = "/static/"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_CHUNK = re.compile(r"chunk-[A-Z0-9]+\.js")  # the name says what is in it
_DAY, _FOREVER, _NEVER = "public, max-age=86400", "public, max-age=31536000, immutable", "public, no-cache"
_WEIGHT = re.compile(r"\s*(?:gzip|\*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE)


@dataclass(frozen=True)
class _File:
    """A file in memory, as it is and compressed."""

    media_type: str
    body: bytes
    packed: bytes
    tag: str


async def send_file(exchange: Exchange) -> bool:
    """Answer with a file that anybody may have; False where the address is none of them."""
    if exchange.path != CONTEXT and not exchange.path.startswith(_FOLDER):
        return False
    name = exchange.path.removeprefix(_FOLDER)
    if exchange.path != CONTEXT and name not in read_files():
        raise ProblemError(404, "There is nothing of this name, or it is not yours.")
    if exchange.method not in READ:
        raise ProblemError(405, f"{exchange.method} changes nothing here.", headers={"Allow": "GET, HEAD"})
    found = await asyncio.to_thread(_context if exchange.path == CONTEXT else _static, name)
    await _send(exchange, found, _DAY if exchange.path == CONTEXT else _lasting(exchange, name))
    return True


async def _send(exchange: Exchange, found: _File, lasting: str) -> None:
    is_packed = len(found.packed) < len(found.body) and _takes_gzip(exchange.header("accept-encoding") or "")
    tag = f'"{found.tag}{"-gzip" if is_packed else ""}"'
    headers = [
        ("etag", tag),
        ("cache-control", lasting),
        ("vary", "Accept-Encoding"),
        ("access-control-allow-origin", "*"),
    ]
    if is_known(exchange.header("if-none-match"), tag):
        await exchange.respond(304, headers)
        return
    headers += [("content-type", found.media_type), *([("content-encoding", "gzip")] if is_packed else [])]
    await exchange.respond(200, headers, found.packed if is_packed else found.body)


def _lasting(exchange: Exchange, name: str) -> str:
    """How long a browser may keep a file: for good where its address says what is in it, else it asks each time."""
    asked = exchange.scope["query_string"].decode("latin-1")
    return _FOREVER if asked == f"v={version_of(name)}" or _CHUNK.fullmatch(name) else _NEVER


def _takes_gzip(header: str) -> bool:
    """Whether Accept-Encoding names gzip, or anything, with a weight that is not 0.

    >>> _takes_gzip("br, gzip;q=0.5"), _takes_gzip("gzip;q=0"), _takes_gzip("")
    (True, False, False)
    """
    found = [match for item in header.split(",") if (match := _WEIGHT.fullmatch(item))]
    return any(float(match[1] or 1) > 0 for match in found)


@cache
def _static(name: str) -> _File:
    return _file(_TYPES[PurePath(name).suffix], read_files()[name])


@cache
def _context(_name: str) -> _File:
    return _file("application/ld+json", context_document(Vocabulary()))


def _file(media_type: str, body: bytes) -> _File:
    return _File(media_type, body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:20])
