"""A graph of what must come first, as arrays: an edge leads from what comes first to what waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import rustworkx as rx
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """The neighbours of every node, in one array: those of node `i` are `nodes[starts[i]:starts[i + 1]]`, sorted."""

    starts: Indices
    nodes: Indices

    @classmethod
    def of(cls, sources: Indices, targets: Indices, size: int) -> Neighbours:
        """The `targets` of each of `size` sources."""
        order = np.lexsort((targets, sources))
        starts = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(sources, minlength=size), out=starts[1:])
        return cls(starts, targets[order])

    def __getitem__(self, node: int) -> Indices:
        return self.nodes[self.starts[node] : self.starts[node + 1]]

    def of_many(self, nodes: Indices) -> tuple[Indices, Indices]:
        """Pairs of one of `nodes` and a neighbour, as two arrays, in the order of `nodes`."""
        counts = self.starts[nodes + 1] - self.starts[nodes]
        before = np.cumsum(counts) - counts
        places = np.arange(counts.sum()) + np.repeat(self.starts[nodes] - before, counts)
        return np.repeat(nodes, counts), self.nodes[places]


@dataclass(frozen=True)
class DependencyGraph:
    """Things and what each of them waits for.

    Make it with `of`. `nodes` has at least `iri`, one row a node, and its row number is the node's number. `edges` has
    at least `iri` (what states the dependency), and the numbers `first` and `next`; several may join the same pair.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame

    @classmethod
    def of(cls, nodes: pl.DataFrame, edges: pl.DataFrame) -> DependencyGraph:
        """The graph of `nodes` by `iri` and of `edges`, whose ends are IRIs; an edge to nothing is left out."""
        unique = nodes.unique("iri", keep="first", maintain_order=True)
        numbers = unique.select("iri").with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))
        numbered = edges
        for end in ("first", "next"):
            ends = numbers.select(pl.col("iri").alias(end), pl.col("number").alias(f"{end}_number"))
            numbered = numbered.join(ends, on=end, how="inner", maintain_order="left")
        numbered = numbered.drop("first", "next").rename({"first_number": "first", "next_number": "next"})
        return cls(unique, numbered)

    @property
    def size(self) -> int:
        """The number of nodes."""
        return self.nodes.height

    @cached_property
    def pairs(self) -> tuple[Indices, Indices]:
        """The joined pairs, each once: what comes first, and what waits for it."""
        distinct = self.edges.select("first", "next").unique().sort("first", "next")
        return distinct["first"].to_numpy().astype(np.int64), distinct["next"].to_numpy().astype(np.int64)

    @cached_property
    def later(self) -> Neighbours:
        """What waits for each node."""
        return Neighbours.of(*self.pairs, self.size)

    @cached_property
    def earlier(self) -> Neighbours:
        """What each node waits for."""
        first, following = self.pairs
        return Neighbours.of(following, first, self.size)

    @cached_property
    def rustworkx(self) -> rx.PyDiGraph[int, None]:
        """The same graph for rustworkx; the nodes hold their numbers."""
        return to_rustworkx(self.size, *self.pairs)

    @cached_property
    def cycles(self) -> list[list[int]]:
        """The largest groups of nodes that wait for each other, or for themselves; each sorted."""
        first, following = self.pairs
        selves = set(first[first == following].tolist())
        groups = rx.strongly_connected_components(self.rustworkx)
        return sorted(sorted(group) for group in groups if len(group) > 1 or group[0] in selves)

    @cached_property
    def units(self) -> Indices:
        """For each node the lowest node that it shares a cycle with, itself where there is none."""
        units = np.arange(self.size, dtype=np.int64)
        for members in self.cycles:
            units[members] = members[0]
        return units

    def statements(self, first: int, following: int) -> list[str]:
        """The IRIs of what states that `following` waits for `first`, in alphabetical order."""
        keys, iris = self._stated
        low, high = np.searchsorted(keys, first * self.size + following + np.array([0, 1]))
        return iris[int(low) : int(high)].sort().to_list()

    @cached_property
    def _stated(self) -> tuple[Indices, pl.Series]:
        """A number for the pair of each edge, in ascending order, and the IRIs of the edges."""
        keys = self.edges["first"].to_numpy() * self.size + self.edges["next"].to_numpy()
        order = np.argsort(keys, kind="stable")
        return keys[order], self.edges["iri"][order]

    @cached_property
    def generations(self) -> list[Indices]:
        """The units by level: those that wait for nothing, then those that wait for them at most, and so on."""
        first, following = (self.units[ends] for ends in self.pairs)
        apart = first != following
        graph = self.rustworkx if apart.all() else to_rustworkx(self.size, first[apart], following[apart])
        levels = (np.asarray(level, dtype=np.int64) for level in rx.topological_generations(graph))
        kept = (np.sort(level[self.units[level] == level]) for level in levels)
        return [level for level in kept if level.size]

    @cached_property
    def levels(self) -> Indices:
        """The level of each node, from 0: the most steps from one that waits for nothing; a cycle is one step."""
        found = np.zeros(self.size, dtype=np.int64)
        for level, units in enumerate(self.generations):
            found[units] = level
        return found[self.units]


def to_rustworkx(size: int, first: Indices, following: Indices) -> rx.PyDiGraph[int, None]:
    """The graph of `size` nodes and of the pairs for rustworkx."""
    graph: rx.PyDiGraph[int, None] = rx.PyDiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from_no_data(list(zip(first.tolist(), following.tolist(), strict=True)))
    return graph
