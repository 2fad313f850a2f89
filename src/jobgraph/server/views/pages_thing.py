"""What the page of a thing says beside its facts: its neighbours, its data as text, and the questions that take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode

from jobgraph.questions import Question
from jobgraph.server.html.entity import Neighbour, Raw, Tie
from jobgraph.server.html.links import address_of
from jobgraph.server.html.things import Incoming
from jobgraph.server.rest.known import known_questions
from jobgraph.server.views.linked_data import to_bytes
from jobgraph.server.views.linked_data_framed import framed
from jobgraph.server.views.linked_data_things import TYPE, Statement, Things

_ON_A_SIDE = 15  # neighbours that a thing links to, and as many that link to it
_RAW_STATEMENTS = 500
_TURTLE, _JSON_LD = "text/turtle", "application/ld+json"


def ties(things: Things, statements: Iterable[Statement], incoming: Sequence[Incoming]) -> list[Tie]:
    """What a thing is tied to: some of each property, so that no property hides the others."""
    linked: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    for statement in statements:
        value = statement.value
        if statement.property != TYPE and isinstance(value, NamedNode) and value.value.startswith(things.base):
            linked[statement.property] += [value] if value not in linked[statement.property] else []
    outgoing = [(things.name(by), len(found), found) for by, found in linked.items() if found]
    others = [(each.name, each.count, [node for node, _, _ in each.first]) for each in incoming if each.first]
    return [*_side(things, others, is_incoming=True), *_side(things, outgoing, is_incoming=False)]


def raw_forms(things: Things, node: NamedNode, step: str, context: str, *, size: int) -> list[Raw]:
    """A thing in Turtle and JSON-LD; without its text where it has many statements, of which `size` is the count."""
    is_short = size <= _RAW_STATEMENTS
    turtle = to_bytes(things.description(node), _TURTLE).decode() if is_short else None
    tree = framed(things, node, context).decode() if is_short else None
    stem = quote(step.replace("/", "-")[:60], safe="")
    return [
        Raw("Turtle", turtle, f"/data/{step}?{urlencode({'_mediatype': _TURTLE})}", f"{stem}.ttl"),
        Raw(
            "JSON-LD",
            tree,
            f"/data/{step}?{urlencode({'_mediatype': _JSON_LD, '_profile': 'framed'})}",
            f"{stem}.jsonld",
        ),
    ]


def questions_about(things: Things, node: NamedNode, classes: Sequence[NamedNode]) -> list[tuple[str, str]]:
    """The questions that take a thing of these classes, each with the address of its answer for this one."""
    kinds = {class_.value for class_ in classes}
    found = [(question, name) for question in known_questions().values() if (name := _taking(question, kinds))]
    code = things.own_code(node) or node.value
    return [(question.text, f"/ask/{question.name}?{urlencode({name: code})}") for question, name in found]


def _taking(question: Question, kinds: set[str]) -> str:
    """The parameter that takes a thing of some classes; '' where there is none, or others are needed, too."""
    needed = {parameter.name for parameter in question.parameters if parameter.is_required}
    fitting = (parameter.name for parameter in question.parameters if parameter.target in kinds)
    return next((name for name in fitting if needed <= {name}), "")


def _side(things: Things, found: Sequence[tuple[str, int, Sequence[NamedNode]]], *, is_incoming: bool) -> Iterator[Tie]:
    room = _shares([len(nodes) for _, _, nodes in found], _ON_A_SIDE)
    for (name, count, nodes), most in sorted(zip(found, room, strict=True), key=lambda pair: pair[0][0].casefold()):
        if most:
            yield Tie(name, is_incoming, count, _neighbours(things, nodes[:most]))


def _shares(sizes: Sequence[int], room: int) -> list[int]:
    """How many of each there are where all together have so much room: small ones whole, the others the same.

    >>> _shares([1, 9, 9], 11), _shares([2, 2], 11)
    ([1, 5, 5], [2, 2])
    """
    shares = [0] * len(sizes)
    for _ in range(room):
        open_ones = [at for at, size in enumerate(sizes) if shares[at] < size]
        if not open_ones:
            break
        shares[min(open_ones, key=lambda at: shares[at])] += 1
    return shares


def _neighbours(things: Things, nodes: Sequence[NamedNode]) -> list[Neighbour]:
    """Things with what they are, and what tells them apart where names are alike."""
    apart = things.apart(nodes)
    kinds = {node: [things.name(class_) for class_ in things.classes(node)[:1]] for node in nodes}
    return [
        Neighbour(
            things.name(node), ", ".join(filter(None, [*kinds[node], apart[node]])), address_of(node.value, things.base)
        )
        for node in nodes
    ]
