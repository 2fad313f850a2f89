"""Which page or which data an address names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from jobgraph.errors import JobgraphError
from jobgraph.server.access import Identity
from jobgraph.server.exchange import Exchange
from jobgraph.server.pages.asking import Ask
from jobgraph.server.pages.headers import READ, page_headers, prefers_html
from jobgraph.server.pages.linked_data import redirect, send_data, send_page
from jobgraph.server.pages.places import send_editor, send_home, send_search
from jobgraph.server.pages.problem_page import problem_page
from jobgraph.server.pages.terms import send_term
from jobgraph.server.problems import ProblemError, problem_of
from jobgraph.server.state import Server
from jobgraph.server.workers import AnswerError

_Send = Callable[[Ask, str], Awaitable[None]]
_FOLDERS: dict[str, _Send] = {"/page/": send_page, "/data/": send_data, "/ontology/": send_term}
_PLACES: dict[str, _Send] = {"/ontology": send_term, "/search": send_search}
_SHARED: dict[str, _Send] = {"/": send_home, "/sparql": send_editor}  # for people only; programs get data there
# First steps of addresses that are never entities, for a base of IRIs that is the root of its host.
_TAKEN = {"analysis", "coverage", "docs", "generations", "graphs", "metrics", "quarantine", "questions", "sparql"} | {
    "static",
    "update",
    "validation",
    ".well-known",
}


async def answer(server: Server, exchange: Exchange, identity: Identity) -> bool:
    """Answer a request for a page or for linked data; False where it is neither."""
    found = _find(server, exchange, identity)
    if found is None:
        return False
    send, rest = found
    exchange.more_headers += page_headers()
    try:
        if exchange.method not in READ:
            raise ProblemError(405, f"{exchange.method} changes nothing here.", headers={"Allow": "GET, HEAD"})
        await send(Ask(server, exchange, identity), rest)
    except (ProblemError, AnswerError, JobgraphError) as error:
        if exchange.status or not prefers_html(exchange):
            raise
        raise problem_page(problem_of(error)) from error
    return True


def _find(server: Server, exchange: Exchange, identity: Identity) -> tuple[_Send, str] | None:
    """What answers, and the rest of the address."""
    path = exchange.raw_path
    if path in _SHARED:
        is_question = path == "/sparql" and any(name in {"query", "update"} for name, _ in exchange.fields)
        is_ours = exchange.method in READ and not is_question and prefers_html(exchange)
        return (_SHARED[path], "") if is_ours else None
    if path in _PLACES:
        return _PLACES[path], ""
    for folder, send in _FOLDERS.items():
        if path.startswith(folder):
            return send, path.removeprefix(folder)
    return _entity(server, path, identity)


def _entity(server: Server, path: str, identity: Identity) -> tuple[_Send, str] | None:
    """Where a path is that of the IRIs of entities."""
    first, _, other = path.removeprefix("/").partition("/")
    if first in _TAKEN or (not other and first):
        return None
    start = urlsplit(str(server.generation(identity.tenant).manifest["base"])).path or "/"
    return (redirect, path.removeprefix(start)) if path.startswith(start) else None
