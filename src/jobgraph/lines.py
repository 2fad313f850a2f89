"""Triples as lines of text, as the store engine writes them: most are only compared, which takes no objects.

Lines are N-Triples, or the TSV of SPARQL results, which the engine gives in four fifths of the time: it does not hold
the triples to tell which of them it gave before. One is not to be compared with the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

_HEADER = b"?s\t?p\t?o"


def lines_found(store: Store, query: str, graph: NamedNode) -> set[bytes]:
    """The triples of a CONSTRUCT query in one graph."""
    return lines_of(cast("QueryTriples", store.query(query, default_graph=[graph], named_graphs=[])))


def lines_of(triples: QueryTriples) -> set[bytes]:
    """The triples that a query found."""
    return set(cast("bytes", triples.serialize(format=RdfFormat.N_TRIPLES)).splitlines())


def line_of(triple: Triple) -> bytes:
    """One triple."""
    return f"{triple} .".encode()


def parse_lines(lines: Iterable[bytes]) -> Iterator[Triple]:
    """The triples of lines."""
    return (quad.triple for quad in parse(b"\n".join(lines), RdfFormat.N_TRIPLES))


def tsv_found(store: Store, where: str, graph: NamedNode) -> set[bytes]:
    """The triples `?s ?p ?o` of a group pattern in one graph, as TSV."""
    found = store.query(f"SELECT ?s ?p ?o WHERE {where}", default_graph=[graph], named_graphs=[])
    text = cast("bytes", cast("QuerySolutions", found).serialize(format=QueryResultsFormat.TSV))
    return set(text.splitlines()[1:])


def tsv_of(triple: Triple) -> bytes:
    """One triple of IRIs, as TSV."""
    return f"{triple.subject}\t{triple.predicate}\t{triple.object}".encode()


def parse_tsv(lines: Iterable[bytes]) -> Iterator[Triple]:
    """The triples of lines of TSV."""
    found = parse_query_results(b"\n".join((_HEADER, *lines)), format=QueryResultsFormat.TSV)
    return (Triple(*solution) for solution in cast("QuerySolutions", found))


def quad_of(triple: Triple, graph: NamedNode) -> Quad:
    """A triple in a graph."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)
