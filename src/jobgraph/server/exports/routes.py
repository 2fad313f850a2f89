"""`/exports` and what is below: which address answers with what."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from jobgraph.errors import JobgraphError, UsageError
from jobgraph.exports.profile import profile_names
from jobgraph.server.access import Identity
from jobgraph.server.exchange import Exchange, decode_path
from jobgraph.server.exports.changes import send_page, send_root
from jobgraph.server.exports.places import PACKAGE, PACKAGE_FACTS, Place, read_facts
from jobgraph.server.exports.sending import Made, send_package
from jobgraph.server.negotiation import best_type, parse_accept
from jobgraph.server.pages.headers import HTML, page_headers, prefers_html
from jobgraph.server.pages.problem_page import problem_page
from jobgraph.server.problems import ProblemError, problem_of
from jobgraph.server.reading import Question, no_type, query_seconds, send_answer
from jobgraph.server.state import Server
from jobgraph.server.workers import AnswerError, ViewJob
from jobgraph.store import Tenant

PATH = "exports"
_JSON = "application/json"
_READ = ("GET", "HEAD")


@dataclass(frozen=True)
class _Ask:
    """A request for something of a profile, and the rest of its address."""

    server: Server
    exchange: Exchange
    identity: Identity
    place: Place
    steps: tuple[str, ...]


async def answer(server: Server, exchange: Exchange, identity: Identity) -> bool:
    """Answer a request for exports; False where it is none.

    Raises
    ------
    ProblemError, AnswerError, GoneError : there is no answer, or it ends before it is whole.
    """
    steps = [decode_path(step) for step in exchange.raw_path.split("/")[1:]]
    if steps[0] != PATH:
        return False
    exchange.more_headers += page_headers()
    try:
        if exchange.method not in _READ:
            raise ProblemError(405, f"{exchange.method} changes nothing here.", headers={"Allow": "GET, HEAD"})
        await _answer(server, exchange, identity, steps[1:])
    except (ProblemError, AnswerError, JobgraphError) as error:
        if exchange.status or not prefers_html(exchange):
            raise
        raise problem_page(problem_of(error)) from error
    return True


def refuse_all_else(exchange: Exchange, identity: Identity) -> None:
    """Let a token that is limited to profiles reach nothing but exports.

    Raises
    ------
    ProblemError : it asks for something else, which may be there or not.
    """
    if identity.profiles is not None and exchange.path.split("/")[1] != PATH:
        raise ProblemError(403, "This token is for exports and nothing else; /exports lists them.")


async def _answer(server: Server, exchange: Exchange, identity: Identity, steps: list[str]) -> None:
    if not steps:
        await _send_list(server, exchange, identity, "")
        return
    tenant = Tenant(identity.tenant, server.settings.home / "tenants" / identity.tenant)
    place = _place(tenant, steps[0]) if identity.may_fetch(steps[0]) else None
    send = _SENDERS.get(steps[1] if len(steps) > 1 else None)
    if place is None or send is None:
        raise nothing()
    await send(_Ask(server, exchange, identity, place, tuple(steps[2:])))


def _place(tenant: Tenant, name: str) -> Place | None:
    """The place of a profile; None also where its file has a name that none may have, which is the sender's to mend."""
    try:
        return Place.of(tenant, name)
    except UsageError:
        return None


async def _send_list(server: Server, exchange: Exchange, identity: Identity, name: str) -> None:
    """What the token may have, for programs or people."""
    tenant = Tenant(identity.tenant, server.settings.home / "tenants" / identity.tenant)
    names = [name] if name else [each for each in profile_names(tenant) if identity.may_fetch(each)]
    kind = best_type(parse_accept(exchange.header("accept")), (_JSON, HTML))
    if not kind:
        raise no_type((_JSON, HTML))
    around = {":session": "kept" if "session" in exchange.facts else "", ":root": exchange.root}
    limited = "" if identity.profiles is None else "limited"
    arguments = {"one": name, "profiles": json.dumps(names), "limited": limited, **around}
    job = ViewJob("exports", tuple(sorted(arguments.items())), kind, server.settings.answer_mb << 20)
    # What is made, and which profiles there are, may change while the generation stays.
    await send_answer(server, exchange, identity, Question(job, query_seconds(server, None), is_lasting=False))


async def _send_profile(ask: _Ask) -> None:
    _end(ask.steps)
    await _send_list(ask.server, ask.exchange, ask.identity, ask.place.profile)


async def _send_package(ask: _Ask) -> None:
    """The package of the current generation, which is made first where it is not there."""
    _end(ask.steps)
    generation = ask.server.generation(ask.identity.tenant)
    ask.exchange.facts |= {"generation": generation.name}
    place, slug = ask.place, ask.identity.tenant
    folder = place.folder(generation)
    facts = read_facts(folder / PACKAGE_FACTS)
    if facts is None:
        await ask.server.exports.make(slug, "package", place.profile, generation.name)
        facts = read_facts(folder / PACKAGE_FACTS)
    if facts is None:  # the profile, or the generation, changed while it was made
        raise ProblemError(503, "The data changed meanwhile; ask again.", headers={"Retry-After": "1"})
    name = f"{slug}-{place.profile}-{generation.name}.zip"
    made = Made(folder / PACKAGE, facts, place.profile, generation.name, name)
    await send_package(ask.server, ask.exchange, ask.identity, made)


async def _send_changes(ask: _Ask) -> None:
    """The feed of changes, or a page of it."""
    if not ask.steps:
        await send_root(ask.server, ask.exchange, ask.identity, ask.place)
    elif len(ask.steps) == len(("stamp", "step", "number")):
        await send_page(ask.server, ask.exchange, ask.identity, ask.place, ask.steps)
    else:
        raise nothing()


def _end(steps: tuple[str, ...]) -> None:
    if steps:
        raise nothing()


def nothing() -> ProblemError:
    """The answer to an address that names nothing that the asker may have."""
    return ProblemError(404, "There is nothing of this name, or it is not yours.")


_SENDERS: Mapping[str | None, Callable[[_Ask], Awaitable[None]]] = {
    None: _send_profile,
    PACKAGE: _send_package,
    "changes": _send_changes,
}
