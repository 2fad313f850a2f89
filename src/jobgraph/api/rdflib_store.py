"""A published store as rdflib sees it: read when asked, never copied, never changed.

rdflib takes about 25 seconds to load a million triples; a view of the store is there at once, and pays by the triple.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad
from rdflib.store import Store as RdflibStore
from rdflib.term import Node

from jobgraph.errors import RefusedError
from jobgraph.store import PREFIXES, GraphNames

if TYPE_CHECKING:
    from pyoxigraph import Store

    from jobgraph.store.query import Term

_Node = NamedNode | BlankNode | Literal


class PublishedStore(RdflibStore):
    """The merged graphs of a published store as one graph of rdflib; it refuses to be changed."""

    def __init__(self, store: Store, names: GraphNames) -> None:
        super().__init__()
        self._store, self._graphs = store, names.present(store)
        self._prefixes: dict[str, rdflib.URIRef] = {}

    def triples(
        self, triple_pattern: tuple[Any, Any, Any], context: rdflib.Graph | None = None
    ) -> Iterator[tuple[tuple[Node, Node, Node], Iterator[rdflib.Graph | None]]]:
        """The triples that fit a pattern; each comes once."""
        subject, predicate, object_ = (None if term is None else to_oxigraph(term) for term in triple_pattern)
        if isinstance(subject, Literal) or not isinstance(predicate, NamedNode | None):
            return  # no triple has a literal first, or anything but an IRI in its middle
        for position, graph in enumerate(self._graphs):
            for quad in self._store.quads_for_pattern(subject, predicate, object_, graph):
                if not self._is_in(quad, position):
                    terms = (to_rdflib(term) for term in (quad.subject, quad.predicate, quad.object))
                    yield (next(terms), next(terms), next(terms)), iter((context,))

    def __len__(self, context: object = None) -> int:
        """The number of triples; counts them."""
        return sum(1 for _ in self.triples((None, None, None)))

    def add(self, *_args: object, **_options: object) -> None:
        """Refuse: a generation never changes."""
        raise RefusedError("A published graph cannot be changed; copy it with `Graph() + graph`, or build again.")

    def remove(self, *_args: object, **_options: object) -> None:
        """Refuse, as `add` does."""
        self.add()

    def bind(self, prefix: str, namespace: rdflib.URIRef, override: bool = True) -> None:  # noqa: FBT001, FBT002 as rdflib has it
        """Name a namespace, in this object only."""
        if override or prefix not in self._prefixes:
            self._prefixes[prefix] = namespace

    def namespace(self, prefix: str) -> rdflib.URIRef | None:
        """The namespace of a prefix."""
        return self._prefixes.get(prefix)

    def prefix(self, namespace: rdflib.URIRef) -> str | None:
        """The prefix of a namespace."""
        return next((prefix for prefix, found in self._prefixes.items() if found == namespace), None)

    def namespaces(self) -> Iterator[tuple[str, rdflib.URIRef]]:
        """All prefixes with their namespaces."""
        return iter(list(self._prefixes.items()))

    def _is_in(self, quad: Quad, position: int) -> bool:
        """Whether one of the graphs before this position has the triple, too."""
        return any(
            Quad(quad.subject, quad.predicate, quad.object, graph) in self._store for graph in self._graphs[:position]
        )


def to_rdflib_graph(store: Store, names: GraphNames) -> rdflib.Graph:
    """A graph of rdflib over the merged graphs of an open store, with the usual prefixes."""
    graph = rdflib.Graph(store=PublishedStore(store, names), bind_namespaces="none")
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri)
    return graph


def to_rdflib(term: Term) -> Node:
    """A term of the store as rdflib has it, its text unchanged.

    >>> to_rdflib(Literal("7.1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))).value
    Decimal('7.1')
    """
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        datatype = None if term.language else rdflib.URIRef(term.datatype.value)
        datatype = None if datatype == rdflib.XSD.string else datatype
        return rdflib.Literal(term.value, lang=term.language, datatype=datatype, normalize=False)
    raise RefusedError("rdflib 7 has no terms for statements about statements; use query.")


def to_oxigraph(term: object) -> _Node:
    """A term of rdflib as the store has it.

    >>> to_oxigraph(rdflib.Literal("deux", lang="fr")).language
    'fr'
    """
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        datatype = NamedNode(str(term.datatype)) if term.datatype else None
        return Literal(str(term), language=term.language, datatype=datatype if not term.language else None)
    raise RefusedError(f"{term!r} is no term of a graph; give a URIRef, a BNode or a Literal of rdflib.")
