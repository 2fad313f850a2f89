"""What is said of a thing over the generations that are kept: what came and went from one to the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.errors import StorageError
from jobgraph.exports.markup import Child, Markup, said, tag
from jobgraph.server.html.layout import crumbs, page
from jobgraph.server.html.links import link
from jobgraph.server.html.values import literal
from jobgraph.server.views.answers import missing
from jobgraph.server.views.linked_data_things import Term, Things
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import Generation
from jobgraph.store import Tenant as StoredTenant

LATEST = "latest"
_STEPS = 8  # generations in one answer; each is opened
_SHOWN = 50  # statements that came, or went, in one generation
_MOST = 20_000  # statements about the thing that are compared
_DEEPEST = 4  # unnamed nodes inside each other

_Facts: TypeAlias = Mapping[tuple[str, str], "tuple[NamedNode, Term]"]


@dataclass(frozen=True)
class Said:
    """A statement about the thing: its property and value, what people call them, and the store that says so."""

    property: NamedNode
    value: Term
    name: str
    text: str

    def to_json(self) -> Mapping[str, str]:
        """The same for programs."""
        return {"property": self.property.value, "name": self.name, "value": str(self.value), "text": self.text}


@dataclass(frozen=True)
class Step:
    """What a generation changed of a thing, against the generation that it was made from.

    `before` is the name of that one; '' where it is not kept, so that nothing can be compared. `is_known` tells whether
    anything is said of the thing in it.
    """

    generation: Generation
    before: str
    is_known: bool
    came: Sequence[Said] = ()
    went: Sequence[Said] = ()

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        if not self.before:
            return "the oldest that is kept" if self.is_known else "nothing is said of it"
        if not self.came and not self.went:
            return "nothing changed" if self.is_known else "nothing is said of it"
        return f"{len(self.came):,} statement{'' if len(self.came) == 1 else 's'} came, {len(self.went):,} went"


def thing_history(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Iterable[bytes]:
    """The history of a thing, the newest generation first, from the one that `history` names.

    Raises
    ------
    AnswerError : there is no such thing or generation.
    """
    things = Things(tenant)
    node = things.find(arguments["iri"])
    kept = _kept(tenant, arguments["history"])
    steps = list(iter_steps(tenant, node, kept[:_STEPS]))
    older = f"{arguments['address']}?{urlencode({'history': kept[_STEPS].name})}" if len(kept) > _STEPS else ""
    if media_type == "application/json":
        answer = {"iri": node.value, "generation": tenant.generation.name, "next": older or None}
        text = json.dumps({**answer, "steps": [_described(step, tenant) for step in steps]}, ensure_ascii=False)
        return [text.encode()]
    name = things.name(node)
    content = (
        crumbs(tag("a", "Overview", href="/"), link(node.value, name, things.base), "History"),
        tag("h1", "History of ", said(name)),
        tag("p", "What is said of it, in the generations that are kept, each against the one it was made from."),
        [_section(things, step, tenant) for step in steps],
        tag("p", tag("a", "Older generations", href=older, rel="next")) if older else None,
    )
    return [page(f"History of {name}", *content, frame=frame(tenant, arguments))]


def iter_steps(tenant: Tenant, node: NamedNode, generations: Sequence[Generation]) -> Iterator[Step]:
    """What each generation changed of a thing; one that is removed meanwhile is left out."""
    for generation in generations:
        try:
            yield _step(tenant, node, generation)
        except StorageError:
            if generation.path.is_dir():
                raise


def _kept(tenant: Tenant, start: str) -> list[Generation]:
    """The generations from one on, the newest first."""
    found = StoredTenant(tenant.names.slug, tenant.generation.path.parents[1]).generations()[::-1]
    if start == LATEST:
        return found
    first = next((at for at, each in enumerate(found) if each.name == start), None)
    if first is None:
        raise missing()
    return found[first:]


def _step(tenant: Tenant, node: NamedNode, generation: Generation) -> Step:
    parent = generation.manifest.get("parent")
    before = generation.path.with_name(str(parent)) if parent else None
    with ExitStack() as opened:
        now = _opened(tenant, generation, opened)
        facts = _facts(now, node)
        if before is None or not before.is_dir():
            return Step(generation, "", bool(facts))
        then = _opened(tenant, Generation(generation.slug, before), opened)
        old = _facts(then, node)
        came, went = _only_in(facts, old, now), _only_in(old, facts, then)
    return Step(generation, before.name, bool(facts), came, went)


def _opened(tenant: Tenant, generation: Generation, opened: ExitStack) -> Things:
    if generation == tenant.generation:
        return Things(tenant)
    store = opened.enter_context(generation.open())
    return Things(Tenant(store, generation, generation.names))


def _facts(things: Things, node: NamedNode) -> _Facts:
    """The statements about a thing by what tells them apart, whatever unnamed nodes are called."""
    found = islice(things.statements(node), _MOST)
    return {(s.property.value, _text(things, s.value)): (s.property, s.value) for s in found}


def _text(things: Things, term: Term, depth: int = 0) -> str:
    if not isinstance(term, BlankNode) or depth > _DEEPEST:
        return "_:" if isinstance(term, BlankNode) else str(term)
    inside = (f"{s.property} {_text(things, s.value, depth + 1)}" for s in things.statements(term))
    return f"[ {' ; '.join(sorted(inside))} ]"


def _only_in(these: _Facts, those: _Facts, things: Things) -> list[Said]:
    found = [these[key] for key in these.keys() - those.keys()]
    named = (Said(p, value, things.name(p), _called(things, value)) for p, value in found)
    return sorted(named, key=lambda each: (each.name.casefold(), each.text))


def _called(things: Things, value: Term) -> str:
    if isinstance(value, NamedNode):
        return things.name(value)
    return _text(things, value) if isinstance(value, BlankNode) else str(getattr(value, "value", value))


def _described(step: Step, tenant: Tenant) -> Mapping[str, object]:
    return {
        "generation": step.generation.name,
        "created": step.generation.manifest["created"],
        "isCurrent": step.generation == tenant.generation,
        "change": step.generation.manifest.get("change"),
        "before": step.before or None,
        "sentence": step.sentence,
        "came": {"count": len(step.came), "first": [each.to_json() for each in step.came[:_SHOWN]]},
        "went": {"count": len(step.went), "first": [each.to_json() for each in step.went[:_SHOWN]]},
    }


def _section(things: Things, step: Step, tenant: Tenant) -> Markup:
    name = step.generation.name
    created = str(step.generation.manifest["created"]).replace("T", " ").removesuffix("Z")
    is_current = step.generation == tenant.generation
    against = f", against generation {step.before}" if step.before else ""
    return tag(
        "section",
        tag("h2", f"Generation {name}", " ", tag("span", "current", class_="badge") if is_current else None, id=name),
        tag("p", f"{created} UTC{against}: {step.sentence}."),
        _list(things, "Came", step.came),
        _list(things, "Went", step.went),
        aria_labelledby=name,
    )


def _list(things: Things, title: str, found: Sequence[Said]) -> Child:
    if not found:
        return None
    rows = [tag("div", tag("dt", said(each.name)), tag("dd", _shown(things, each))) for each in found[:_SHOWN]]
    more = tag("p", f"and {len(found) - _SHOWN:,} more") if len(found) > _SHOWN else None
    return (tag("h3", title), tag("dl", rows, class_=title.lower()), more)


def _shown(things: Things, each: Said) -> Markup:
    """A value, with the way to its page where there still is one."""
    if isinstance(each.value, Literal):
        return literal(each.value)
    is_there = isinstance(each.value, NamedNode) and things.is_known(each.value)
    return link(str(getattr(each.value, "value", "")), each.text, things.base) if is_there else said(each.text)
