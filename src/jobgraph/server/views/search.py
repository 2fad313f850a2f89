"""Things by their names, codes and short names, as a page or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import Literal, NamedNode

from jobgraph.exports.markup import Markup, said, tag
from jobgraph.server.html.layout import page
from jobgraph.server.html.links import address_of
from jobgraph.server.html.things import thing_list
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant

_SHOWN = 50
_MOST = 2_000  # names that are looked at; the store stops there


@dataclass(frozen=True)
class Hit:
    """A thing whose name fits, and the name that does."""

    thing: NamedNode
    name: str


def search_answer(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Iterable[bytes]:
    """What is called as a text says, the closest names first: all words of it stand in one name."""
    things, text = Things(tenant), arguments["text"]
    hits, is_cut = find(things, text)
    if media_type == "application/json":
        return [_to_json(things, text, hits, is_cut=is_cut)]
    content = (
        tag("h1", "Search"),
        tag("p", _sentence(text, hits, is_cut=is_cut), class_="lead", role="status"),
        thing_list([_row(things, hit) for hit in hits[:_SHOWN]], things.base),
        tag("p", "Names, codes and short names are searched; upper and lower case are the same.") if not hits else None,
    )
    return [page(f"Search: {text}" if text else "Search", *content, frame=frame(tenant, arguments, asked=text))]


def find(things: Things, text: str) -> tuple[list[Hit], bool]:
    """The things with all words of a text in one of their names, and whether there may be more."""
    words = sorted(text.lower().split(), key=len, reverse=True)
    if not words:
        return [], False
    best: dict[NamedNode, tuple[tuple[int, int, str], str]] = {}
    rows = 0
    for row in islice(things.query("names_with", f"LIMIT {_MOST}", text=Literal(words[0])), _MOST):
        rows += 1
        thing, name = row["thing"], str(getattr(row["name"], "value", ""))
        if isinstance(thing, NamedNode) and all(word in name.lower() for word in words):
            rank = _rank(name.lower(), text.lower())
            best[thing] = min(best.get(thing, (rank, name)), (rank, name))
    ordered = sorted(best.items(), key=lambda item: (item[1], item[0].value))
    return [Hit(thing, name) for thing, (_, name) in ordered], rows == _MOST


def _rank(name: str, text: str) -> tuple[int, int, str]:
    """How close a name is to a text: the same, begins with it, has it at the start of a word, has it at all."""
    closeness = (name == text, name.startswith(text), f" {text}" in name, text in name)
    return (closeness.index(True) if True in closeness else len(closeness)), len(name), name


def _sentence(text: str, hits: list[Hit], *, is_cut: bool) -> Markup:
    if not text:
        return tag("span", "Type a part of a name or a code.")
    count = f"{'More than ' if is_cut else ''}{len(hits):,}"
    shown = f"; the {_SHOWN} closest are shown" if len(hits) > _SHOWN else ""
    return tag("span", f"{count} found for “", said(text), f"”{shown}.")


def _row(things: Things, hit: Hit) -> tuple[NamedNode, str, str]:
    """A thing with its name, and a word on it: its class, and the code that fits where that is not its name."""
    name = things.name(hit.thing)
    words = [*map(things.name, things.classes(hit.thing)[:1]), *([hit.name] if hit.name != name else [])]
    return hit.thing, name, ", ".join(words)


def _to_json(things: Things, text: str, hits: list[Hit], *, is_cut: bool) -> bytes:
    results = [
        {
            "iri": hit.thing.value,
            "name": hit.name,
            "class": next((class_.value for class_ in things.classes(hit.thing)), None),
            "page": address_of(hit.thing.value, things.base),
        }
        for hit in hits[:_SHOWN]
    ]
    answer = {"text": text, "found": len(hits), "more": is_cut, "results": results}
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
