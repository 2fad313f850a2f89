"""What can be reached from a node of a graph: by how many steps, on which path, and how much of it there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobgraph.analysis.graph import DependencyGraph, Indices, Neighbours

_FEW = 32  # up to so many nodes a loop is faster than arrays
_BLOCK_BYTES = 256 << 20  # of the bits that are held at once


@dataclass(frozen=True)
class Reach:
    """The nodes reached from `start`, with the fewest steps to each.

    `nodes` are in the order of `steps`, then of their numbers; `start` is not one of them, unless it is on a cycle
    and so reaches itself again: that is said by `returns`. `parents` has for every node of the graph the one before
    it on the path that was taken, -1 where there is none.
    """

    start: int
    nodes: Indices
    steps: Indices
    parents: Indices
    returns: bool

    def path(self, node: int) -> list[int]:
        """The nodes from `start` to `node`, both with it."""
        steps = [node]
        while steps[-1] != self.start:
            steps.append(int(self.parents[steps[-1]]))
        return steps[::-1]


def reach(neighbours: Neighbours, start: int) -> Reach:
    """All that can be reached from `start`; of several shortest paths the one over the lowest numbers."""
    parents = np.full(neighbours.starts.size - 1, -1, dtype=np.int64)
    parents[start] = start
    waves = [np.array([start], dtype=np.int64)]
    while waves[-1].size:
        waves.append(_next_wave(neighbours, waves[-1], parents))
    nodes = np.concatenate(waves[1:])
    steps = np.repeat(np.arange(1, len(waves)), [wave.size for wave in waves[1:]])
    before, following = neighbours.of_many(np.concatenate([waves[0], nodes]))
    parents[start] = -1
    return Reach(start, nodes, steps, parents, bool(before.size and (following == start).any()))


def count_reached(graph: DependencyGraph) -> Indices:
    """The number of other nodes that wait for each node, directly or through others.

    One bit a pair of nodes, in blocks of 256 MB, passed on from what waits last to what comes first.
    """
    order = np.concatenate([*graph.generations, np.empty(0, dtype=np.int64)])[::-1]
    following = _unit_neighbours(graph)
    width = max(1, min(graph.size // 64 + 1, _BLOCK_BYTES // (8 * max(graph.size, 1))))
    counts = np.zeros(graph.size, dtype=np.int64)
    for low in range(0, graph.size, width * 64):
        bits = _own_bits(graph, low, width)
        for unit in order.tolist():
            later = following[unit]
            if later.size:
                bits[unit] |= np.bitwise_or.reduce(bits[later], axis=0)
        counts += np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts[graph.units] - 1  # every node has its own bit


def _next_wave(neighbours: Neighbours, wave: Indices, parents: Indices) -> Indices:
    """The nodes first reached from `wave`, sorted; their parents are written down."""
    if wave.size <= _FEW:
        found = []
        for node in wave.tolist():
            for other in neighbours[node].tolist():
                if parents[other] < 0:
                    parents[other] = node
                    found.append(other)
        return np.array(sorted(found), dtype=np.int64)
    before, following = neighbours.of_many(wave)
    new = parents[following] < 0
    nodes, places = np.unique(following[new], return_index=True)
    parents[nodes] = before[new][places]
    return nodes


def _unit_neighbours(graph: DependencyGraph) -> Neighbours:
    first, following = (graph.units[ends] for ends in graph.pairs)
    apart = first != following
    return Neighbours.of(first[apart], following[apart], graph.size)


def _own_bits(graph: DependencyGraph, low: int, width: int) -> NDArray[np.uint64]:
    """A row a node: its unit's row has the bit of each member that is among the nodes from `low` on."""
    bits = np.zeros((graph.size, width), dtype=np.uint64)
    nodes = np.arange(low, min(low + width * 64, graph.size))
    places = nodes - low
    np.bitwise_or.at(bits, (graph.units[nodes], places // 64), np.uint64(1) << (places % 64).astype(np.uint64))
    return bits
