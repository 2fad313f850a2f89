"""Files that are the same for everybody: style, script, picture, and the JSON-LD context."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jobgraph.exports.json_ld_context import context_document
from jobgraph.exports.markup import read_style
from jobgraph.server.exchange import Exchange
from jobgraph.server.html.layout import STYLE
from jobgraph.server.pages.headers import READ
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import is_known
from jobgraph.vocabulary import Vocabulary

CONTEXT = "/context.jsonld"
_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_DAY = 86_400


@dataclass(frozen=True)
class _File:
    """A file in memory."""

    media_type: str
    body: bytes
    tag: str


async def send_file(exchange: Exchange) -> bool:
    """Answer with a file that anybody may have; False where the address is none of them."""
    if exchange.path != CONTEXT and not exchange.path.startswith("/static/"):
        return False
    found = _files().get(exchange.path) or (await asyncio.to_thread(_context) if exchange.path == CONTEXT else None)
    if found is None:
        raise ProblemError(404, "There is nothing of this name, or it is not yours.")
    if exchange.method not in READ:
        raise ProblemError(405, f"{exchange.method} changes nothing here.", headers={"Allow": "GET, HEAD"})
    headers = [
        ("etag", found.tag),
        ("cache-control", f"public, max-age={_DAY}"),
        ("access-control-allow-origin", "*"),
    ]
    if is_known(exchange.header("if-none-match"), found.tag):
        await exchange.respond(304, headers)
    else:
        await exchange.respond(200, [*headers, ("content-type", found.media_type)], found.body)
    return True


@cache
def _files() -> Mapping[str, _File]:
    paths = (path for path in _FOLDER.iterdir() if path.suffix in _TYPES)
    files = {f"/static/{path.name}": _file(_TYPES[path.suffix], path.read_bytes()) for path in paths}
    return {**files, STYLE: _file(_TYPES[".css"], read_style(_FOLDER / Path(STYLE).name))}


@cache
def _context() -> _File:
    return _file("application/ld+json", context_document(Vocabulary()))


def _file(media_type: str, body: bytes) -> _File:
    return _File(media_type, body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
