"""What a feed says about itself as a Linked Data Event Stream, see https://w3id.org/ldes/specification ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from jobgraph.exports.feed import CREATE, CREATED, DELETE, IS_VERSION_OF, UPDATE
from jobgraph.store import PREFIXES
from jobgraph.vocabulary import RDF, XSD

_LDES, _TREE, _DCTERMS = "https://w3id.org/ldes#", "https://w3id.org/tree#", PREFIXES["dcterms"]
_TYPE = NamedNode(RDF + "type")
_BOUNDS = ("GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation")  # all of a page happened at one moment
_CONTEXT: Mapping[str, NamedNode] = {
    "timestampPath": CREATED,
    "versionOfPath": IS_VERSION_OF,
    "versionCreatePath": _TYPE,
    "versionCreateObject": CREATE,
    "versionUpdatePath": _TYPE,
    "versionUpdateObject": UPDATE,
    "versionDeletePath": _TYPE,
    "versionDeleteObject": DELETE,
}


@dataclass(frozen=True)
class Stream:
    """A feed: the address of its first page, its profile, and a stamp that changes with what the profile says."""

    root: str
    profile: str
    stamp: str

    @property
    def iri(self) -> NamedNode:
        """Its name; another profile makes another stream, for versions that were given out do not change."""
        return NamedNode(f"{self.root}#{self.stamp}")


def root_quads(stream: Stream, steps: Sequence[Mapping[str, Any]]) -> list[Quad]:
    """What the first page says: how to read members, and where they are."""
    root, retention = NamedNode(stream.root), NamedNode(f"{stream.root}#retention")
    quads = [
        *_typed(stream, root),
        Quad(
            stream.iri,
            NamedNode(_DCTERMS + "title"),
            Literal(f"Changes of what {stream.profile} lets out", language="en"),
        ),
        *(Quad(stream.iri, NamedNode(_LDES + name), value) for name, value in _CONTEXT.items()),
    ]
    if steps:
        quads += [
            Quad(root, NamedNode(_LDES + "retentionPolicy"), retention),
            Quad(retention, _TYPE, NamedNode(_LDES + "RetentionPolicy")),
            Quad(retention, NamedNode(_LDES + "startingFrom"), _moment(steps[0]["created"])),
        ]
    for step in steps:
        for number in range(1, len(step["pages"]) + 1):
            page = NamedNode(f"{stream.root}/{stream.stamp}/{step['step']}/{number}")
            quads += _relations(root, page, step["created"], f"{step['step']}-{number}")
    return quads


def page_quads(stream: Stream, address: str, members: Sequence[Quad]) -> tuple[list[Quad], int]:
    """What a page of members says, and how many there are."""
    page = NamedNode(address)
    names = [quad.subject for quad in members if quad.predicate == IS_VERSION_OF and quad.subject != quad.graph_name]
    about = [
        *_typed(stream, NamedNode(stream.root)),
        Quad(page, _TYPE, NamedNode(_TREE + "Node")),
        Quad(page, NamedNode(_LDES + "immutable"), Literal(True)),
        *(Quad(stream.iri, NamedNode(_TREE + "member"), name) for name in names),
    ]
    return [*about, *members], len(names)


def _typed(stream: Stream, root: NamedNode) -> list[Quad]:
    return [
        Quad(stream.iri, _TYPE, NamedNode(_LDES + "EventStream")),
        Quad(stream.iri, NamedNode(_TREE + "view"), root),
        Quad(root, _TYPE, NamedNode(_TREE + "Node")),
    ]


def _relations(root: NamedNode, page: NamedNode, created: str, label: str) -> Iterator[Quad]:
    for number, kind in enumerate(_BOUNDS):
        relation = BlankNode(f"r{label}-{number}")  # the same each time, so that the page is
        yield Quad(root, NamedNode(_TREE + "relation"), relation)
        yield Quad(relation, _TYPE, NamedNode(_TREE + kind))
        yield Quad(relation, NamedNode(_TREE + "path"), CREATED)
        yield Quad(relation, NamedNode(_TREE + "value"), _moment(created))
        yield Quad(relation, NamedNode(_TREE + "node"), page)


def _moment(created: str) -> Literal:
    return Literal(created, datatype=NamedNode(XSD + "dateTime"))
