"""What a change altered: the graphs of a store before and after it, compared where it could have altered them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from pyoxigraph import DefaultGraph, Quad, Store

from jobgraph.store import Generation, GraphName
from jobgraph.store.oxigraph import count_triples
from jobgraph.writing.reach import Reach

_MOST_HELD = 50_000  # triples of a graph that are compared one by one; a store takes 8 µs to give one


@dataclass(frozen=True)
class GraphChange:
    """What happened to a graph: its triples before and after, and how many were added and removed.

    `before` and `after` are None where there is no such graph, `added` and `removed` where it is too large to compare.
    """

    before: int | None
    after: int | None
    added: int | None = None
    removed: int | None = None

    @property
    def growth(self) -> int:
        """The triples after, less those before."""
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True)
class Snapshot:
    """The graphs of a store that a change could alter, before it does: their sizes, and the triples of small ones."""

    counts: Mapping[GraphName, int]
    quads: Mapping[GraphName, Collection[Quad]]

    @classmethod
    def take(cls, store: Store, reach: Reach) -> Snapshot:
        """The snapshot of a store."""
        counts = {graph: count_triples(store, graph) for graph in _reached(store, reach)}
        small = [graph for graph, count in counts.items() if count <= _MOST_HELD]
        return cls(counts, {graph: set(_quads(store, graph)) for graph in small})

    def changes(
        self, store: Store, reach: Reach, parent: Generation, *, exact: Collection[GraphName]
    ) -> dict[GraphName, GraphChange]:
        """How the graphs of the store differ from the snapshot, by graph; only those that do.

        A large graph that the change writes to counts as changed without a look, but those in `exact` are compared with
        `parent`, of whose store the snapshot was taken.
        """
        graphs = dict.fromkeys((*self.counts, *_reached(store, reach)))
        found = {graph: self._change(store, graph) for graph in graphs}
        for graph, change in found.items():
            if (
                change.added is None
                and change.growth == 0
                and (_is_same(store, parent, graph) if graph in exact else not reach.writes(graph))
            ):
                found[graph] = GraphChange(change.before, change.after, 0, 0)
        return {
            graph: change
            for graph, change in found.items()
            if change.added != 0 or change.removed != 0 or (change.before is None) != (change.after is None)
        }

    def _change(self, store: Store, graph: GraphName) -> GraphChange:
        before = self.counts.get(graph)
        is_there = isinstance(graph, DefaultGraph) or store.contains_named_graph(graph)
        after = count_triples(store, graph) if is_there else None
        if not before or not after:
            return GraphChange(before, after, after or 0, before or 0)
        if graph not in self.quads:
            return GraphChange(before, after)
        held = self.quads[graph]
        kept = sum(quad in held for quad in _quads(store, graph))
        return GraphChange(before, after, after - kept, before - kept)


def _reached(store: Store, reach: Reach) -> list[GraphName]:
    return [graph for graph in (DefaultGraph(), *store.named_graphs()) if reach.may_alter(graph)]


def _quads(store: Store, graph: GraphName) -> Iterator[Quad]:
    return store.quads_for_pattern(None, None, None, graph)


def _is_same(store: Store, parent: Generation, graph: GraphName) -> bool:
    """Whether a graph holds what it holds in `parent`: a store gives triples in an order that follows from them."""
    with parent.open() as old:
        return all(left == right for left, right in zip_longest(_quads(old, graph), _quads(store, graph)))
