"""Cuts: they leave no cycle, no smaller set does, and what is said of their number holds."""

from __future__ import annotations

from itertools import combinations
from unittest.mock import patch

import networkx as nx
import pytest
from hypothesis import given
from tests.analysis.graphs import Pairs, graph_of, networkx_of, small_graphs

from jobgraph.analysis import cycles as module
from jobgraph.analysis.cycles import cut_cycles, find_cycle, to_successors


def fewest_cuts(size: int, pairs: Pairs) -> int:
    distinct = sorted(set(pairs))
    for count in range(len(distinct) + 1):
        for cuts in combinations(distinct, count):
            graph = networkx_of(size, [pair for pair in distinct if pair not in cuts])
            if nx.is_directed_acyclic_graph(graph):
                return count
    raise AssertionError("without pairs there is no cycle")


@given(small_graphs())
def test_cuts_leave_no_cycle(case: tuple[int, Pairs]) -> None:
    cut = cut_cycles(graph_of(*case))
    left = networkx_of(*case)
    left.remove_edges_from(cut.pairs)
    assert nx.is_directed_acyclic_graph(left)
    assert len(set(cut.pairs)) == len(cut.pairs)


@pytest.mark.parametrize("trials", [0, 500])
@given(case=small_graphs())
def test_bound_and_exactness_hold(trials: int, case: tuple[int, Pairs]) -> None:
    size, pairs = case[0], case[1][:11]
    with patch.object(module, "_MOST_TRIALS", trials):
        cut = cut_cycles(graph_of(size, pairs))
    best = fewest_cuts(size, pairs)
    assert cut.lower_bound <= best <= len(cut.pairs)
    assert not cut.is_exact or best == len(cut.pairs)


@given(small_graphs())
def test_large_groups_get_a_bound_that_holds(case: tuple[int, Pairs]) -> None:
    size, pairs = case[0], case[1][:11]
    with patch.object(module, "_MOST_PAIRS", 0):
        cut = cut_cycles(graph_of(size, pairs))
    assert cut.lower_bound <= fewest_cuts(size, pairs) <= len(cut.pairs)


@given(small_graphs())
def test_found_cycle_is_a_shortest(case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case)
    found = find_cycle(to_successors(case[1]))
    lengths = [len(cycle) for cycle in nx.simple_cycles(other, length_bound=len(found) or None)]
    assert len(found) == min(lengths, default=0)
    assert all(other.has_edge(a, b) for a, b in zip(found, found[1:] + found[:1], strict=True))


@pytest.mark.parametrize(
    ("pairs", "count", "words"),
    [
        pytest.param([], 0, "after 0 cuts, and after no fewer", id="none"),
        pytest.param([(0, 0)], 1, "after 1 cut, and after no fewer", id="itself"),
        pytest.param([(0, 1), (1, 0), (1, 2), (2, 1)], 2, "after 2 cuts, and after no fewer", id="two_pairs"),
        pytest.param([(0, 1), (1, 2), (2, 0), (1, 3), (3, 0)], 1, "after 1 cut, and after no fewer", id="shared_pair"),
    ],
)
def test_sentence_says_how_many(pairs: Pairs, count: int, words: str) -> None:
    cut = cut_cycles(graph_of(4, pairs))
    assert len(cut.pairs) == count
    assert words in cut.sentence
