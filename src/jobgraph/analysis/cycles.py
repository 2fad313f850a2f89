"""Cycles, and the fewest dependencies to cut so that none is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from jobgraph.analysis.answers import plural
from jobgraph.analysis.graph import DependencyGraph

Edge = tuple[int, int]
Successors = Mapping[int, set[int]]

_MOST_PAIRS = 300  # of a group of nodes in which the fewest cuts are looked for
_MOST_TRIALS = 500  # of sets of cuts
_MOST_CHECKS = 5_000_000  # of pairs, to find cuts that are not needed


@dataclass(frozen=True)
class Cut:
    """Pairs to cut so that a graph has no cycle: there are `lower_bound` of them at least in any such set."""

    pairs: tuple[Edge, ...]
    lower_bound: int

    @property
    def is_exact(self) -> bool:
        """Whether no smaller set does."""
        return len(self.pairs) == self.lower_bound

    @property
    def sentence(self) -> str:
        """What is known about the number of cuts, in words."""
        count = plural(len(self.pairs), "cut")
        if self.is_exact:
            return f"No cycle is left after {count}, and after no fewer."
        return f"No cycle is left after {count} (found by a heuristic); {self.lower_bound:,} at least are needed."


def cut_cycles(graph: DependencyGraph) -> Cut:
    """Pairs to cut so that no cycle is left.

    Groups with at most 300 pairs: the fewest, by iterative deepening over the pairs of one short cycle after the
    other, as long as 500 trials suffice. Otherwise the backward pairs of an order after Eades, Lin and Smyth; the
    bound is then a number of cycles that share no pair.

    Source: Eades, Lin & Smyth 1993, A fast and effective heuristic for the feedback arc set problem.
    """
    cuts = [_cut_group(successors) for successors in _groups(graph)]
    return Cut(tuple(sorted(pair for cut in cuts for pair in cut.pairs)), sum(cut.lower_bound for cut in cuts))


def find_cycle(successors: Successors) -> list[int]:
    """The nodes of a shortest cycle, in order, of several the one of the lowest node; none where there is no cycle."""
    best: list[int] = []
    for start in sorted(successors):
        cycle = _cycle_through(successors, start, len(best) or None)
        best = cycle or best
        if len(best) == 1:
            break
    return best


def to_successors(pairs: Iterable[Edge]) -> dict[int, set[int]]:
    """What follows each node."""
    successors: dict[int, set[int]] = {}
    for first, following in pairs:
        successors.setdefault(first, set()).add(following)
        successors.setdefault(following, set())
    return successors


def _groups(graph: DependencyGraph) -> list[dict[int, set[int]]]:
    """The pairs inside each group of nodes that reach each other."""
    group = np.full(graph.size, -1, dtype=np.int64)
    for number, members in enumerate(graph.cycles):
        group[members] = number
    first, following = graph.pairs
    inside = (group[first] >= 0) & (group[first] == group[following])
    pairs: list[list[Edge]] = [[] for _ in graph.cycles]
    for start, end, number in zip(*(a[inside].tolist() for a in (first, following, group[first])), strict=True):
        pairs[number].append((start, end))
    return [to_successors(found) for found in pairs]


def _cut_group(successors: dict[int, set[int]]) -> Cut:
    count = sum(map(len, successors.values()))
    upper = _backward_pairs(successors)
    if count * len(upper) <= _MOST_CHECKS:
        upper = _without_needless(successors, upper)
    if count > _MOST_PAIRS:
        return Cut(tuple(sorted(upper)), _short_cycles(successors))
    bound = _disjoint_cycles(successors)
    search = _Search(successors, _MOST_TRIALS)
    while bound < len(upper):
        found = search.cut(frozenset(), frozenset(), bound)
        if found is not None:
            return Cut(tuple(sorted(found)), bound)
        if search.is_spent:
            break
        bound += 1
    return Cut(tuple(sorted(upper)), bound)


class _Search:
    """Looks for a set of cuts of a given size; gives up after a number of trials."""

    def __init__(self, successors: Successors, trials: int) -> None:
        self._successors, self._trials = successors, trials

    @property
    def is_spent(self) -> bool:
        return self._trials <= 0

    def cut(self, cuts: frozenset[Edge], kept: frozenset[Edge], left: int) -> frozenset[Edge] | None:
        """`cuts` and at most `left` more pairs, none of `kept`; None where there are none, or the trials are spent."""
        self._trials -= 1
        cycle = find_cycle(_without(self._successors, cuts))
        if not cycle:
            return cuts
        if left == 0 or self.is_spent:
            return None
        for pair in _pairs_of(cycle):
            if pair not in kept:
                found = self.cut(cuts | {pair}, kept, left - 1)
                if found is not None or self.is_spent:
                    return found
                kept |= {pair}  # sets with this pair have been tried
        return None


def _cycle_through(successors: Successors, start: int, limit: int | None) -> list[int]:
    """A shortest cycle through `start` with fewer nodes than `limit`."""
    parents: dict[int, int] = {}
    wave = deque([(start, 1)])
    while wave:
        node, length = wave.popleft()
        if limit is not None and length >= limit:
            return []
        for other in sorted(successors[node]):
            if other == start:
                return _path_to(node, start, parents)
            if other not in parents:
                parents[other] = node
                wave.append((other, length + 1))
    return []


def _path_to(node: int, start: int, parents: Mapping[int, int]) -> list[int]:
    path = [node]
    while path[-1] != start:
        path.append(parents[path[-1]])
    return path[::-1]


def _pairs_of(cycle: list[int]) -> list[Edge]:
    return list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))


def _without(successors: Successors, cuts: Iterable[Edge]) -> dict[int, set[int]]:
    left = {node: set(following) for node, following in successors.items()}
    for first, following in cuts:
        left[first].discard(following)
    return left


def _disjoint_cycles(successors: Successors) -> int:
    """The number of cycles, short ones first, that share no pair: each needs a cut of its own."""
    left, count = _without(successors, ()), 0
    while cycle := find_cycle(left):
        left = _without(left, _pairs_of(cycle))
        count += 1
    return count


def _short_cycles(successors: Successors) -> int:
    """The number of nodes and pairs of nodes that follow themselves and each other, but 1 at least."""
    pairs = ((u, v) for u, following in successors.items() for v in following if u <= v)
    return max(1, sum(u in successors[v] for u, v in pairs))


def _without_needless(successors: Successors, cuts: list[Edge]) -> list[Edge]:
    """Those of `cuts` that are needed, given the others."""
    kept = list(cuts)
    for pair in cuts:
        others = [other for other in kept if other != pair]
        if _is_acyclic(_without(successors, others)):
            kept = others
    return kept


def _is_acyclic(successors: Successors) -> bool:
    waits = dict.fromkeys(successors, 0)
    for following in successors.values():
        for node in following:
            waits[node] += 1
    free = [node for node, count in waits.items() if not count]
    for node in free:  # which grows meanwhile
        for other in successors[node]:
            waits[other] -= 1
            if not waits[other]:
                free.append(other)
    return len(free) == len(successors)


def _backward_pairs(successors: Successors) -> list[Edge]:
    """The pairs that lead back in an order of the nodes that has few of them."""
    places = {node: place for place, node in enumerate(_order(successors))}
    return [(u, v) for u, following in successors.items() for v in following if places[v] <= places[u]]


def _order(successors: Successors) -> list[int]:
    """Next always the node of which most ways lead out to those left, less the ways that lead in from them."""
    earlier: dict[int, set[int]] = {node: set() for node in successors}
    for node, following in successors.items():
        for other in following:
            earlier[other].add(node)
    surplus = {node: len(successors[node]) - len(earlier[node]) for node in successors}
    buckets: dict[int, dict[int, None]] = {}
    for node in sorted(surplus):
        buckets.setdefault(surplus[node], {})[node] = None
    start: list[int] = []
    while surplus:
        top = max(key for key, nodes in buckets.items() if nodes)
        node = next(iter(buckets[top]))
        del buckets[top][node], surplus[node]
        start.append(node)
        _shift(buckets, surplus, successors[node], 1)
        _shift(buckets, surplus, earlier[node], -1)
    return start


def _shift(buckets: dict[int, dict[int, None]], surplus: dict[int, int], nodes: Iterable[int], by: int) -> None:
    """Move the nodes that are left by one bucket."""
    for node in sorted(nodes):
        if node in surplus:
            del buckets[surplus[node]][node]
            surplus[node] += by
            buckets.setdefault(surplus[node], {})[node] = None
