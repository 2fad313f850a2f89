"""Where paths meet: betweenness, exact or from a sample, and the nodes that alone hold a graph together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import rustworkx as rx
from numpy.typing import NDArray

from jobgraph.analysis.graph import DependencyGraph, Indices

Values = NDArray[np.float64]

_MOST_STEPS = 100_000_000  # nodes times pairs up to which betweenness is exact: some seconds
_SAMPLE = 32  # of nodes from which paths start, where it is not


@dataclass(frozen=True)
class Betweenness:
    """For each node the share of the shortest paths between others that run through it.

    `sampled` is the number of nodes from which paths start, where not all were tried; the values are then estimates.
    """

    values: Values
    sampled: int | None = None

    @property
    def sentence(self) -> str:
        """How the values were found, in words."""
        if self.sampled is None:
            return "Betweenness is exact."
        return f"Betweenness is estimated from the paths that start at {self.sampled} nodes spread over the graph."


def betweenness(graph: DependencyGraph, *, most_steps: int = _MOST_STEPS) -> Betweenness:
    """The betweenness of every node, normalised as networkx does it.

    Exact up to `most_steps` nodes times pairs; beyond, estimated from 32 nodes at equal distances in the table.

    Source: Brandes 2008, On variants of shortest-path betweenness centrality and their generic computation.
    """
    if graph.size * max(graph.pairs[0].size, 1) <= most_steps:
        found = rx.digraph_betweenness_centrality(graph.rustworkx, normalized=True)
        return Betweenness(np.array([found[node] for node in range(graph.size)], dtype=np.float64))
    starts = np.unique(np.linspace(0, graph.size - 1, min(_SAMPLE, graph.size)).astype(np.int64))
    total = np.zeros(graph.size)
    for start in starts.tolist():
        total += _dependencies_on(graph, start)
    scale = graph.size / starts.size / max((graph.size - 1) * (graph.size - 2), 1)
    return Betweenness(total * scale, int(starts.size))


def articulation_points(graph: DependencyGraph) -> Indices:
    """The nodes without which some others are no longer joined, whichever way dependencies run; sorted."""
    undirected = graph.rustworkx.to_undirected(multigraph=False)
    return np.array(sorted(rx.articulation_points(undirected)), dtype=np.int64)


def _dependencies_on(graph: DependencyGraph, start: int) -> Values:
    """For each node the sum over all ends of the share of shortest paths from `start` that run through it."""
    steps = np.full(graph.size, -1, dtype=np.int64)
    paths = np.zeros(graph.size)
    steps[start], paths[start] = 0, 1.0
    wave, links = np.array([start], dtype=np.int64), []
    while wave.size:
        before, following = graph.later.of_many(wave)
        steps[following[steps[following] < 0]] = steps[wave[0]] + 1
        nearer = steps[following] == steps[before] + 1
        before, following = before[nearer], following[nearer]
        np.add.at(paths, following, paths[before])
        links.append((before, following))
        wave = np.unique(following)
    shares = np.zeros(graph.size)
    for before, following in reversed(links):
        np.add.at(shares, before, paths[before] / paths[following] * (1 + shares[following]))
    shares[start] = 0
    return shares
