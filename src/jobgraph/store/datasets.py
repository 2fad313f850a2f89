"""SPARQL queries over a data set that the asker chooses, as the SPARQL protocol has it, and single graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from pyoxigraph import NamedNode, Store

from jobgraph.store.formats import PREFIXES, rdf_format, write_triples
from jobgraph.store.graphs import GraphName, GraphNames
from jobgraph.store.query import Answer, Merged, query_errors, run_query
from jobgraph.store.screen import bare_words, screen_query


def query_dataset(
    store: Store,
    text: str,
    *,
    graphs: GraphNames | Merged,
    base: str | None = None,
    default: Sequence[GraphName] | None = None,
    named: Sequence[NamedNode] | None = None,
) -> Answer:
    """The answer to a query over the graphs that the asker names, or the query itself with FROM, or else the merged.

    All graphs of a store are its tenant's, so there is none that must not be named.

    Parameters
    ----------
    base : what relative IRIs start from.
    default, named : the data set; where both are None, that of the query counts.

    Raises
    ------
    RefusedError, UsageError : as `run_query` raises them.
    """
    if default is None and named is None:
        if not _names_graphs(text):
            return run_query(store, text, graphs=graphs, base=base)
        screen_query(text)
        with query_errors(text):
            return Answer(store.query(text, base_iri=base, prefixes=dict(PREFIXES)))
    screen_query(text)
    with query_errors(text):
        results = store.query(
            text,
            base_iri=base,
            prefixes=dict(PREFIXES),
            default_graph=list(default or ()),
            named_graphs=list(named or ()),
        )
        return Answer(results)


def _names_graphs(text: str) -> bool:
    """Whether the query has a FROM of its own."""
    return "from" in text.lower() and "FROM" in bare_words(text)


def write_graph(store: Store, graph: GraphName, output: IO[bytes], format_name: str) -> None:
    """Write one graph in an RDF format.

    Raises
    ------
    UsageError : RDF/XML cannot say what is in it.
    """
    triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, graph))
    write_triples(triples, output, rdf_format(format_name))
