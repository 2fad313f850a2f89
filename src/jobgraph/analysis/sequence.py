"""In which order things can be done, and the longest chain of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobgraph.analysis.graph import DependencyGraph, Indices


@dataclass(frozen=True)
class Chain:
    """The nodes of a longest chain, what comes first at the start, and the sum of their weights.

    The members of a cycle have to be done together: they count with the sum of all their weights, and follow each
    other in the chain by number.
    """

    nodes: tuple[int, ...]
    weight: int


def sequence(graph: DependencyGraph) -> Indices:
    """All nodes in an order in which each follows what it waits for; members of a cycle follow each other.

    By level, then by cycle, then by number, so that equal graphs give equal orders.
    """
    return np.lexsort((np.arange(graph.size), graph.units, graph.levels))


def longest_chain(graph: DependencyGraph, weights: Indices) -> Chain:
    """The chain with the greatest sum of weights; of several the one over the lowest numbers.

    Parameters
    ----------
    weights : of the nodes, whole numbers from 0.
    """
    if not graph.size:
        return Chain((), 0)
    own = np.zeros(graph.size, dtype=np.int64)
    np.add.at(own, graph.units, weights)
    totals, parents = _totals(graph, own)
    order = np.concatenate(graph.generations)
    end = int(order[np.argmax(totals[order])])
    chain = [end]
    while parents[chain[-1]] >= 0:
        chain.append(parents[chain[-1]])
    members = {group[0]: group for group in graph.cycles}
    nodes = [node for unit in chain[::-1] for node in members.get(unit, [unit])]
    return Chain(tuple(nodes), int(totals[end]))


def _totals(graph: DependencyGraph, own: Indices) -> tuple[Indices, list[int]]:
    """For each unit the weight of the heaviest chain that ends with it, and the unit before it there."""
    first, following = (graph.units[ends] for ends in graph.pairs)
    levels = graph.levels
    apart = first != following
    first, following = first[apart], following[apart]
    order = np.lexsort((first, levels[first]))
    totals, parents = own.tolist(), [-1] * graph.size
    weights = own.tolist()
    for start, end in zip(first[order].tolist(), following[order].tolist(), strict=True):
        total = totals[start] + weights[end]
        if total > totals[end] or (total == totals[end] and parents[end] < 0):
            totals[end], parents[end] = total, start
    return np.asarray(totals, dtype=np.int64), parents
