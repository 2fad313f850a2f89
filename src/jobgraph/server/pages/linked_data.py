"""IRIs of entities over HTTP: from the thing to its page or its data, and the data in many forms and profiles."""

from __future__ import annotations

import re

from jobgraph.server.negotiation import GRAPH_TYPES, best_type, parse_accept
from jobgraph.server.pages.asking import Ask
from jobgraph.server.pages.headers import HTML, prefers_html
from jobgraph.server.pages.profiles import FRAMED, chosen_profile, profile_links
from jobgraph.server.pages.static_files import CONTEXT
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import no_type
from jobgraph.server.views.answers import missing

_JSON, _JSON_LD = "application/json", "application/ld+json"
_LIST = re.compile(r"([a-z0-9-]+)/?")


async def redirect(ask: Ask, step: str) -> None:
    """Lead from a thing, which no file can be, to what is known about it."""
    folder = "page" if prefers_html(ask.exchange) else "data"
    query = ask.exchange.scope["query_string"].decode("latin-1")
    place = f"/{folder}/{step}{'?' if query else ''}{query}"
    headers = [
        ("location", place),
        ("vary", "Accept, Authorization"),
        ("cache-control", "private, max-age=300"),
        ("content-type", "text/plain; charset=utf-8"),
    ]
    await ask.exchange.respond(303, headers, f"See {place}\n".encode("latin-1", "replace"))


async def send_page(ask: Ask, step: str) -> None:
    """The page of a thing or a class, of what refers to a thing, of its history, or of why a statement stands.

    Raises
    ------
    ProblemError, AnswerError : there is no such thing or page, or the client takes no HTML.
    """
    history = ask.field("history")
    types = (HTML, _JSON) if history else (HTML,)
    kind = best_type(parse_accept(ask.exchange.header("accept")), types)
    if not kind:
        raise no_type(types)
    _add_link(ask, step, f'</data/{step}>; rel="alternate"')
    page = str(ask.page_number())
    if found := _LIST.fullmatch(step):
        await ask.send_view("class_page", step=found[1], page=page, address=ask.address())
        return
    iri = f"{ask.base}{step}"
    if why := ask.field("why"):
        await ask.send_view("reason_page", iri=iri, property=why, value=ask.field("value"))
    elif to := ask.field("to"):
        await ask.send_view("incoming_page", iri=iri, property=to, page=page, address=ask.address("to"))
    elif history:  # other generations come and go while this one stays
        arguments = {"iri": iri, "history": history, "address": ask.address()}
        await ask.send("thing_history", arguments, kind, is_lasting=False)
    else:
        context = f"{ask.root}{CONTEXT}"
        await ask.send_view("thing_page", iri=iri, step=step, address=ask.address(), context=context)


async def send_data(ask: Ask, step: str) -> None:
    """A thing or a class as RDF, in the form and profile that the client wants.

    Raises
    ------
    ProblemError, AnswerError : there is no such thing or page, or it cannot be had in this way.
    """
    page = str(ask.page_number())
    if found := _LIST.fullmatch(step):
        kind = graph_type(ask)
        _add_link(ask, step, f'</page/{step}>; rel="alternate"; type="{HTML}"')
        await ask.send_view("class_data", kind, step=found[1], page=page, address=ask.address("_mediatype"))
        return
    profile = chosen_profile(ask.exchange)
    kind = graph_type(ask, (_JSON_LD,) if profile == FRAMED else GRAPH_TYPES)
    iri = f"{ask.base}{step}"
    ask.exchange.more_headers += [
        ("vary", "Accept-Profile"),
        ("link", profile_links(f"/data/{step}", profile, iri)),
    ]
    arguments = {"iri": iri, "profile": profile, "page": page, "address": ask.address("_mediatype", "_profile")}
    await ask.send_view("thing_data", kind, context=f"{ask.root}{CONTEXT}", **arguments)


def graph_type(ask: Ask, available: tuple[str, ...] = GRAPH_TYPES) -> str:
    """The media type of RDF that the client wants, by `_mediatype` or by Accept.

    Raises
    ------
    ProblemError : there is none that it takes.
    """
    wanted = ask.field("_mediatype")
    if wanted:
        if wanted not in available:
            raise ProblemError(406, f"There is no {wanted!r} of this; choose one of {', '.join(available)}.")
        return wanted
    chosen = best_type(parse_accept(ask.exchange.header("accept")), available)
    if not chosen:
        raise no_type(available)
    return chosen


def _add_link(ask: Ask, step: str, link: str) -> None:
    if not step:
        raise missing()
    ask.exchange.more_headers.append(("link", f'<{ask.base}{step}>; rel="canonical", {link}'))
