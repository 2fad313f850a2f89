"""Things by their names, codes and short names, as a page or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import Literal, NamedNode

from jobgraph.exports.markup import Child, Markup, said, tag
from jobgraph.server.html.links import address_of, link
from jobgraph.server.html.workbench import data_table, empty_state, workbench_page
from jobgraph.server.paging import Page
from jobgraph.server.views.linked_data_things import TYPE, Things
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.vocabulary import JG

_SHOWN = 50
_MOST = 2_000  # names that are looked at; the store stops there
_COLUMNS = ("Name", "What it is", "Code", "Found as")


@dataclass(frozen=True)
class Hit:
    """A thing whose name fits, and the name that does."""

    thing: NamedNode
    name: str


def search_answer(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Iterable[bytes]:
    """What is called as a text says, the closest names first: all words of it stand in one name.

    Of one class where `class` names it; then no text finds the first of all by name.
    """
    things, text = Things(tenant), arguments["text"]
    hits, is_cut = find(things, text, _class(arguments.get("class", "")))
    if media_type == "application/json":
        return [_to_json(things, text, hits, is_cut=is_cut)]
    content = (
        tag("h1", "Search"),
        tag("p", _sentence(text, hits, is_cut=is_cut), class_="lead", role="status"),
        _results(things, text, hits[:_SHOWN]),
    )
    title = f"Search: {text}" if text else "Search"
    return [workbench_page(title, *content, frame=frame(tenant, arguments, asked=text), here="/search")]


def find(things: Things, text: str, class_: NamedNode | None = None) -> tuple[list[Hit], bool]:
    """The things with all words of a text in one of their names, and whether there may be more."""
    words = sorted(text.lower().split(), key=len, reverse=True)
    if not words:
        return _first(things, class_) if class_ else ([], False)
    best: dict[NamedNode, tuple[tuple[int, int, str], str]] = {}
    rows = 0
    named = _named(things, words[0]) if class_ is None else _named_in(things, words[0], class_)
    for thing, name in islice(named, _MOST):
        rows += 1
        if all(word in name.lower() for word in words):
            rank = _rank(name.lower(), text.lower())
            best[thing] = min(best.get(thing, (rank, name)), (rank, name))
    ordered = sorted(best.items(), key=lambda item: (item[1], item[0].value))
    return [Hit(thing, name) for thing, (_, name) in ordered], rows == _MOST


def _class(local: str) -> NamedNode | None:
    return NamedNode(f"{JG}{local}") if local.isascii() and local.isalnum() else None


def _first(things: Things, class_: NamedNode) -> tuple[list[Hit], bool]:
    """The first things of a class."""
    total = things.incoming_counts(class_).get(TYPE, 0)
    members = things.members(class_, Page(1, total, _SHOWN, ""))
    return [Hit(thing, things.name(thing)) for thing in members], total > _SHOWN


def _named(things: Things, word: str) -> Iterator[tuple[NamedNode, str]]:
    """The things with a word in a name, and that name."""
    for row in things.query("names_with", f"LIMIT {_MOST}", text=Literal(word)):
        thing, name = row["thing"], row["name"]
        if isinstance(thing, NamedNode) and isinstance(name, Literal):
            yield thing, name.value


def _named_in(things: Things, word: str, class_: NamedNode) -> Iterator[tuple[NamedNode, str]]:
    """The same of a class; to look at its things one by one is much faster than to ask the store for both."""
    for thing in things.all_of(class_):
        yield from ((thing, name) for name in things.names(thing) if word in name.lower())


def _rank(name: str, text: str) -> tuple[int, int, str]:
    """How close a name is to a text: the same, begins with it, has it at the start of a word, has it at all."""
    closeness = (name == text, name.startswith(text), f" {text}" in name, text in name)
    return (closeness.index(True) if True in closeness else len(closeness)), len(name), name


def _sentence(text: str, hits: Sequence[Hit], *, is_cut: bool) -> Markup:
    if not text:
        return tag("span", "Type a part of a name or a code.")
    count = f"{'More than ' if is_cut else ''}{len(hits):,}"
    shown = f"; the {_SHOWN} closest are shown. Type more of the name to see others" if len(hits) > _SHOWN else ""
    return tag("span", f"{count} found for “", said(text), f"”{shown}.")


def _results(things: Things, text: str, hits: Sequence[Hit]) -> Markup | None:
    if hits:
        return data_table(_COLUMNS, _rows(things, hits), "What is called so")
    if not text:
        return None
    what = "Names, codes and short names are searched; upper and lower case are the same. Try fewer or shorter words."
    return empty_state("Nothing is called so.", what)


def _rows(things: Things, hits: Sequence[Hit]) -> Iterator[Sequence[Child]]:
    """Things with what tells them from others of their names: class and code, and the name that fits if another."""
    apart = things.apart(hit.thing for hit in hits)
    for hit in hits:
        name = things.name(hit.thing)
        kinds = [said(things.name(class_)) for class_ in things.classes(hit.thing)[:1]]
        code = tag("code", said(apart[hit.thing] or things.code(hit.thing)))
        other = said(hit.name) if hit.name not in {name, things.own_code(hit.thing)} else None
        yield link(hit.thing.value, name, things.base), kinds, code, other


def _to_json(things: Things, text: str, hits: Sequence[Hit], *, is_cut: bool) -> bytes:
    results = [_described(things, hit) for hit in hits[:_SHOWN]]
    answer = {"text": text, "found": len(hits), "more": is_cut, "results": results}
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"


def _described(things: Things, hit: Hit) -> Mapping[str, str | None]:
    class_ = next(iter(things.classes(hit.thing)), None)
    return {
        "iri": hit.thing.value,
        "name": hit.name,
        "label": things.name(hit.thing),
        "code": things.own_code(hit.thing) or None,
        "class": None if class_ is None else class_.value,
        "kind": None if class_ is None else things.name(class_),
        "page": address_of(hit.thing.value, things.base),
    }
