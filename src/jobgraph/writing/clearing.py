"""A graph emptied, whatever its size."""

from __future__ import annotations

from pyoxigraph import DefaultGraph, Store

from jobgraph.store import GraphName
from jobgraph.store.oxigraph import count_triples

_MOST_REMOVED = 100_000  # triples that are removed one by one: a million take a minute


def clear_graph(store: Store, graph: GraphName) -> None:
    """Remove all triples of a graph. Not atomic: of a draft.

    Where it holds most of a large store, the rest is kept in memory, the store emptied at once and filled again.
    """
    count = count_triples(store, graph)
    if count <= _MOST_REMOVED or count <= len(store) - count:  # the length takes 0.2 s a million
        store.clear_graph(graph)
        return
    names = list(store.named_graphs())
    others = [name for name in (DefaultGraph(), *names) if name != graph]
    rest = [quad for name in others for quad in store.quads_for_pattern(None, None, None, name)]
    store.clear()
    for name in names:
        store.add_graph(name)
    store.bulk_extend(rest)
