"""What people call an entity: its code, its name or its short name."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Store

from jobgraph.store.graphs import GraphName
from jobgraph.vocabulary import JG, RDFS, SKOS

NAMING = tuple(NamedNode(iri) for iri in (SKOS + "notation", RDFS + "label", JG + "slug"))


def entities_called(store: Store, graphs: Iterable[GraphName], text: str) -> list[NamedNode]:
    """The entities with exactly this code, name or short name in some of the graphs, in the order of their IRIs."""
    value = Literal(text)
    quads = (q for graph in graphs for p in NAMING for q in store.quads_for_pattern(None, p, value, graph))
    found = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
    return sorted(found, key=lambda node: node.value)
