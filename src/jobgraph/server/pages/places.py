"""The overview, the search and the editor."""

from __future__ import annotations

from jobgraph.server.negotiation import best_type, parse_accept
from jobgraph.server.pages.asking import Ask
from jobgraph.server.pages.headers import EDITOR, HTML, page_headers
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import no_type

_SEARCH_TYPES = ("application/json", HTML)
_MOST_TEXT = 200


async def send_home(ask: Ask, _rest: str) -> None:
    """The overview of the tenant's graph."""
    await ask.send_view("home_page")


async def send_search(ask: Ask, _rest: str) -> None:
    """Things by their names, of one class where the field `class` names it.

    Raises
    ------
    ProblemError : the text is too long, or the client takes no form that there is.
    """
    kind = best_type(parse_accept(ask.exchange.header("accept")), _SEARCH_TYPES)
    if not kind:
        raise no_type(_SEARCH_TYPES)
    text = ask.field("q").strip()
    if len(text) > _MOST_TEXT:
        raise ProblemError(400, f"q has {len(text)} characters; search for at most {_MOST_TEXT}.")
    await ask.send("search_answer", {"text": text, "class": ask.field("class")[:_MOST_TEXT]}, kind)


async def send_editor(ask: Ask, _rest: str) -> None:
    """The editor of queries."""
    ask.exchange.more_headers[:] = page_headers(EDITOR)
    access = "open" if ask.server.access.everybody else "session" if "session" in ask.exchange.facts else "token"
    await ask.send_view("editor_page", access=access)
