"""SHACL property paths: read from a shapes graph, written as SPARQL and as the triples of `sh:resultPath`.

Source: https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import BlankNode, NamedNode, Triple

from jobgraph.errors import InputError
from jobgraph.shacl.statements import RDF, SH, Resource, Statements, Term

_MOST_LEVELS = 100  # of paths inside paths; SPARQL parsers overflow their stack far beyond


@dataclass(frozen=True)
class Predicate:
    """One step along a property."""

    iri: str


@dataclass(frozen=True)
class Inverse:
    """A path walked backwards."""

    inner: Path


@dataclass(frozen=True)
class Sequence:
    """Two or more paths, one after the other."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Two or more paths, any of them."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class ZeroOrMore:
    """A path as often as it goes, also not at all."""

    inner: Path


@dataclass(frozen=True)
class OneOrMore:
    """A path as often as it goes, at least once."""

    inner: Path


@dataclass(frozen=True)
class ZeroOrOne:
    """A path once or not at all."""

    inner: Path


Path: TypeAlias = Predicate | Inverse | Sequence | Alternative | ZeroOrMore | OneOrMore | ZeroOrOne

_REPEATS: dict[type[ZeroOrMore | OneOrMore | ZeroOrOne], str] = {ZeroOrMore: "*", OneOrMore: "+", ZeroOrOne: "?"}
_JOINS: dict[type[Sequence | Alternative], str] = {Sequence: "/", Alternative: "|"}
_PROPERTIES: dict[str, type[Inverse | ZeroOrMore | OneOrMore | ZeroOrOne]] = {
    f"{SH}inversePath": Inverse,
    f"{SH}zeroOrMorePath": ZeroOrMore,
    f"{SH}oneOrMorePath": OneOrMore,
    f"{SH}zeroOrOnePath": ZeroOrOne,
}
_NAMES = {kind: iri for iri, kind in _PROPERTIES.items()}
_ALTERNATIVE = f"{SH}alternativePath"


def to_sparql(path: Path) -> str:
    """The path as SPARQL 1.1 writes it, with full IRIs.

    >>> to_sparql(Sequence((Inverse(Predicate("urn:p")), ZeroOrMore(Predicate("urn:q")))))
    '(^<urn:p>)/(<urn:q>*)'
    """
    if isinstance(path, Predicate):
        return f"<{path.iri}>"
    if isinstance(path, Inverse):
        return f"^{_grouped(path.inner)}"
    if isinstance(path, Sequence | Alternative):
        return _JOINS[type(path)].join(_grouped(part) for part in path.parts)
    return f"{_grouped(path.inner)}{_REPEATS[type(path)]}"


def to_turtle(path: Path) -> str:
    """The path as one term of Turtle, for `sh:resultPath`.

    >>> to_turtle(Inverse(Predicate("urn:p")))
    '[ <http://www.w3.org/ns/shacl#inversePath> <urn:p> ]'
    """
    if isinstance(path, Predicate):
        return f"<{path.iri}>"
    if isinstance(path, Sequence):
        return _list_text(path.parts)
    if isinstance(path, Alternative):
        return f"[ <{_ALTERNATIVE}> {_list_text(path.parts)} ]"
    return f"[ <{_NAMES[type(path)]}> {to_turtle(path.inner)} ]"


def to_triples(path: Path) -> tuple[Resource, list[Triple]]:
    """The node that stands for the path, and the triples that describe it."""
    if isinstance(path, Predicate):
        return NamedNode(path.iri), []
    if isinstance(path, Sequence):
        return _list_triples(path.parts)
    node = BlankNode()
    inner: Resource
    if isinstance(path, Alternative):
        property_ = _ALTERNATIVE
        inner, triples = _list_triples(path.parts)
    else:
        property_ = _NAMES[type(path)]
        inner, triples = to_triples(path.inner)
    return node, [Triple(node, NamedNode(property_), inner), *triples]


def read_path(graph: Statements, node: Term) -> Path:
    """The path that `node` describes.

    Raises
    ------
    InputError : it is no path, or leads back to itself.
    """
    return _read(graph, node, ())


def _grouped(path: Path) -> str:
    text = to_sparql(path)
    return text if isinstance(path, Predicate) else f"({text})"


def _list_text(parts: tuple[Path, ...]) -> str:
    return f"( {' '.join(map(to_turtle, parts))} )"


def _list_triples(parts: tuple[Path, ...]) -> tuple[BlankNode, list[Triple]]:
    cells = [BlankNode() for _ in parts]
    rests: list[Resource] = [*cells[1:], NamedNode(f"{RDF}nil")]
    triples = []
    for cell, part, rest in zip(cells, parts, rests, strict=True):
        member, inner = to_triples(part)
        triples += [Triple(cell, NamedNode(f"{RDF}first"), member), Triple(cell, NamedNode(f"{RDF}rest"), rest), *inner]
    return cells[0], triples


def _read(graph: Statements, node: Term, outer: tuple[Term, ...]) -> Path:
    if isinstance(node, NamedNode):
        return Predicate(node.value)
    _check_node(graph, node, outer)
    if graph.one(node, f"{RDF}first") is not None:
        return Sequence(_members(graph, node, (*outer, node)))
    alternative = graph.one(node, _ALTERNATIVE)
    if alternative is not None:
        return Alternative(_members(graph, alternative, (*outer, node)))
    for property_, kind in _PROPERTIES.items():
        inner = graph.one(node, property_)
        if inner is not None:
            return kind(_read(graph, inner, (*outer, node)))
    raise InputError(f"{graph.place(node)}: a blank node is no property path; give it sh:inversePath or the like.")


def _check_node(graph: Statements, node: Term, outer: tuple[Term, ...]) -> None:
    if not isinstance(node, BlankNode):
        raise InputError(f"{graph.place(node)}: {node} is no property path; sh:path needs an IRI or a path.")
    if node in outer:
        raise InputError(f"{graph.place(node)}: a property path leads back to itself; end it.")
    if len(outer) > _MOST_LEVELS:
        raise InputError(f"{graph.place(node)}: a property path is more than {_MOST_LEVELS} levels deep; shorten it.")


def _members(graph: Statements, node: Term, outer: tuple[Term, ...]) -> tuple[Path, ...]:
    parts = tuple(_iter_members(graph, node, outer))
    if len(parts) < 2:
        raise InputError(f"{graph.place(node)}: a path of several parts has fewer than two; write the one alone.")
    return parts


def _iter_members(graph: Statements, node: Term, outer: tuple[Term, ...]) -> Iterator[Path]:
    for member in graph.members(node):
        yield _read(graph, member, outer)
