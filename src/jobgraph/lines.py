"""Triples as lines of N-Triples, as the store engine writes them: most are only compared, which takes no objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from pyoxigraph import NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple, parse


def lines_found(store: Store, query: str, graph: NamedNode) -> set[bytes]:
    """The triples of a CONSTRUCT query in one graph."""
    return lines_of(cast("QueryTriples", store.query(query, default_graph=[graph], named_graphs=[])))


def lines_of(triples: QueryTriples) -> set[bytes]:
    """The triples that a query found."""
    return set(cast("bytes", triples.serialize(format=RdfFormat.N_TRIPLES)).splitlines())


def lines_in(store: Store, graph: NamedNode) -> set[bytes]:
    """All triples of a graph."""
    return set(cast("bytes", store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph)).splitlines())


def line_of(triple: Triple) -> bytes:
    """One triple."""
    return f"{triple} .".encode()


def parse_lines(lines: Iterable[bytes]) -> Iterator[Triple]:
    """The triples of lines."""
    return (quad.triple for quad in parse(b"\n".join(lines), RdfFormat.N_TRIPLES))


def quad_of(triple: Triple, graph: NamedNode) -> Quad:
    """A triple in a graph."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)
