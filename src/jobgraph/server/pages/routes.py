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
from jobgraph.server.pages.workbench import is_workbench, send_workbench
from jobgraph.server.problems import ProblemError, problem_of
from jobgraph.server.state import Server
from jobgraph.server.workers import AnswerError

_Send = Callable[[Ask, str], Awaitable[None]]
_FOLDERS: dict[str, _Send] = {"/page/": send_page, "/data/": send_data, "/ontology/": send_term}
_PLACES: dict[str, _Send] = {"/ontology": send_term, "/search": send_search}
_SHARED: dict[str, _Send] = {"/": send_home, "/sparql": send_editor}  # for people only; programs get data there
# First steps of addresses that are never entities, whatever the base of the IRIs.
_TAKEN = frozenset(
    [
        ".well-known",
        "analysis",
        "changes",
        "coverage",
        "docs",
        "exports",
        "generations",
        "graphs",
        "metrics",
        "openapi.json",
        "quarantine",
        "questions",
        "sparql",
        "update",
        "validation",
    ]
)


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
        raise problem_page(problem_of(error), exchange.root) from error
    return True


def _find(server: Server, exchange: Exchange, identity: Identity) -> tuple[_Send, str] | None:
    """What answers, and the rest of the address."""
    path = exchange.raw_path
    if path in _SHARED:
        is_ours = exchange.method in READ and not _is_question(exchange) and prefers_html(exchange)
        return (_SHARED[path], "") if is_ours else None
    if is_workbench(path):
        return send_workbench, ""
    if path in _PLACES:
        return _PLACES[path], ""
    for folder, send in _FOLDERS.items():
        if path.startswith(folder):
            return send, path.removeprefix(folder)
    if path.split("/")[1] in _TAKEN:
        return None
    step = entity_step(path, str(server.generation(identity.tenant).manifest["base"]))
    return None if step is None else (redirect, step)


def _is_question(exchange: Exchange) -> bool:
    """Whether SPARQL is in the address."""
    return exchange.raw_path == "/sparql" and any(name in {"query", "update"} for name, _ in exchange.fields)


def entity_step(path: str, base: str) -> str | None:
    """What the IRI of an entity has behind the base, by the path that leads to it; None for any other path.

    Whatever the host of the base is: this server answers under its path.

    >>> entity_step("/id/job/1", "https://example.org/id/")
    'job/1'
    """
    start = urlsplit(base).path or "/"
    is_inside = path.startswith(start) and (start != "/" or "/" in path[1:])
    return path.removeprefix(start) if is_inside else None
