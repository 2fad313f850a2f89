"""Compact JSON-LD as a stream, one thing after the other: what is in memory is one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from json.encoder import encode_basestring as quoted
from operator import itemgetter
from typing import BinaryIO, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from jobgraph.exports.json_ld_compact import ANY, NATIVE, PREFIXED, Compaction, is_native
from jobgraph.exports.json_ld_context import LINK, Context
from jobgraph.exports.losses import Losses
from jobgraph.vocabulary import RDF, XSD

Node: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal

_TYPE, _STRING = RDF + "type", XSD + "string"
_TYPE_KEY = '"@type"'
_NATIVE, _LANGUAGE = "native", "language"  # stand before a text that is said in a way of its own
_UNTYPED = {_STRING, RDF + "langString"}
_MOST_KEPT = 100_000  # names of things that are kept ready
_BATCH = 2_000  # things written at once


def write_compact(quads: Iterable[Quad], context: Context, output: BinaryIO, losses: Losses) -> None:
    """Write quads, grouped by graph and subject, as one document.

    Parameters
    ----------
    losses : takes what cannot be said, and is left out.
    """
    form = _Form(context)
    mention = json.dumps(context.mention(), ensure_ascii=False, separators=(",", ":"))
    output.write(f'{{"@context":{mention},"@graph":['.encode())
    separator = "\n"
    for graph, nodes in groupby(_iter_nodes(quads, form, losses), key=itemgetter(0)):
        name = _graph_name(form, graph)
        output.write(separator.encode())
        if name:
            output.write(f'{{"@id":{name},"@graph":[\n'.encode())
        for number, batch in enumerate(_batches(text for _, text in nodes)):
            output.write(f"{',' if number else ''}{batch}".encode())
        output.write(b"\n]}" if name else b"")
        separator = ",\n"
    output.write(b"\n]}\n")


class _Said(NamedTuple):
    """How values of one kind of a property are said: the key, and what stands before and after the text itself."""

    key: str
    before: str = ""
    after: str = ""


@dataclass
class _Property:
    """How a property is said, for each kind of value that was met."""

    iri: str
    link: _Said
    literals: dict[NamedNode, _Said]


class _Form:
    """How a context says things, properties and kinds of values; texts are JSON, empty for what it cannot say."""

    def __init__(self, context: Context) -> None:
        self._names = Compaction(context)
        self._nodes: dict[str, str] = {}
        # Namespaces by as many of their first characters as all have; a prefix called http would be one more.
        self._width = 0 if "http" in context.prefixes else min(map(len, context.prefixes.values()), default=0)
        self._heads = {start[: self._width] for start in context.prefixes.values()} | (
            {""} if not self._width else set()
        )
        self._types: dict[Node, str] = {}

    def node(self, node: Node) -> str:
        """A thing by its IRI, shortened by a prefix where one fits, or its label."""
        if type(node) is not NamedNode:
            return quoted(f"_:{node.value}")
        iri = node.value
        if iri[:4] == "http" and iri[: self._width] not in self._heads:  # as nearly all; no prefix can fit
            return quoted(iri)
        found = self._nodes.get(iri)
        if found is None:
            if len(self._nodes) >= _MOST_KEPT:
                self._nodes.clear()
            found = self._nodes[iri] = self._text(node, self._names.node)
        return found

    def type(self, class_: Node) -> str:
        """A class by its term, or as things are."""
        found = self._types.get(class_)
        if found is None:
            found = self._types[class_] = self._text(class_, self._names.name)
        return found

    def link(self, iri: str) -> _Said:
        """A link by a property."""
        if iri == _TYPE:
            return _Said(_TYPE_KEY)
        key, is_said = self._names.key(iri, LINK)
        return _Said(self._key(iri, key)) if is_said else _Said(self._key(iri, key), '{"@id":', "}")

    def literal(self, iri: str, datatype: str) -> _Said:
        """A literal of a datatype."""
        key, is_said = self._names.key(iri, ANY if datatype in _UNTYPED else datatype)
        if is_said:
            return _Said(self._key(iri, key), _NATIVE if datatype in NATIVE else "")
        if datatype in _UNTYPED:
            return _Said(self._key(iri, key), "" if datatype == _STRING else _LANGUAGE, "}")
        type_ = self.type(NamedNode(datatype))
        return _Said(self._key(iri, key) if type_ else "", f'{{"@type":{type_},"@value":', "}")

    def _key(self, iri: str, key: str) -> str:
        return quoted(key) if self._names.can_say(iri) else ""

    def _text(self, node: Node, name: Callable[[str], str]) -> str:
        if not isinstance(node, NamedNode):
            return quoted(f"_:{node.value}")
        return quoted(name(node.value)) if self._names.can_say(node.value) else ""


class _Speaker:
    """Statements in a form."""

    def __init__(self, form: _Form) -> None:
        self._form, self._node = form, form.node
        self._properties: dict[NamedNode, _Property] = {}

    def pair(self, property_: NamedNode, value: Term) -> tuple[str, str]:
        """The key and value of a statement; the key is empty where it cannot be said."""
        known = self._properties.get(property_)
        if known is None:
            iri = property_.value
            known = self._properties[property_] = _Property(iri, self._form.link(iri), {})
        if type(value) is not Literal:
            key, before, after = known.link
            text = self._form.type(value) if key is _TYPE_KEY else self._node(value)
            return key if text else "", f"{before}{text}{after}" if before else text
        datatype = value.datatype
        said = known.literals.get(datatype)
        if said is None:
            said = known.literals[datatype] = self._form.literal(known.iri, datatype.value)
        key, before, after = said
        if not before:
            return key, quoted(value.value)
        if before is _NATIVE or before is _LANGUAGE:
            return key, _special(value, before)
        return key, f"{before}{quoted(value.value)}{after}"


def _special(value: Literal, how: str) -> str:
    """A text with its language, or a number or truth value of JSON."""
    if how is _LANGUAGE:
        return f'{{"@language":{quoted(value.language or "")},"@value":{quoted(value.value)}}}'
    return value.value if is_native(value.value, value.datatype.value) else quoted(value.value)


def _iter_nodes(quads: Iterable[Quad], form: _Form, losses: Losses) -> Iterator[tuple[object, str]]:
    """What is said of each thing as JSON, with its graph; a thing of which nothing can be said is left out."""
    pair = _Speaker(form).pair
    about: object = None
    where: object = None
    head, members, can_say = "", dict[str, list[str]](), True
    for subject, property_, value, graph in quads:
        if subject != about or graph != where:
            if members:
                yield where, _closed(head, members)
            if graph != where:
                can_say = _graph_name(form, graph) is not None
            about, where, members = subject, graph, {}
            head = form.node(subject) if can_say else ""
        key, text = pair(property_, value)
        if not (head and key):
            losses.add(PREFIXED, subject, property_, value, graph)
        elif key in members:
            members[key].append(text)
        else:
            members[key] = [text]
    if members:
        yield where, _closed(head, members)


def _graph_name(form: _Form, graph: object) -> str | None:
    """A graph by its name, empty for the default graph; None where it cannot be said."""
    return (form.node(graph) or None) if isinstance(graph, NamedNode | BlankNode) else ""


def _closed(head: str, members: dict[str, list[str]]) -> str:
    """A node object: its name, its classes, the rest in the order in which it came."""
    classes = members.pop(_TYPE_KEY, None)
    pairs = [(_TYPE_KEY, classes), *members.items()] if classes else members.items()
    said = [f"{key}:{values[0]}" if len(values) == 1 else f"{key}:[{','.join(values)}]" for key, values in pairs]
    return f'{{"@id":{head},{",".join(said)}}}'


def _batches(texts: Iterator[str]) -> Iterator[str]:
    while batch := list(islice(texts, _BATCH)):
        yield ",\n".join(batch)
