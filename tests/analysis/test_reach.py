"""What is reached, by how many steps and on which path: as networkx has it."""

from __future__ import annotations

from unittest.mock import patch

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.graphs import Pairs, graph_of, networkx_of, small_graphs

from jobgraph.analysis import reach as module
from jobgraph.analysis.reach import count_reached, reach


@pytest.mark.parametrize("few", [pytest.param(0, id="with_arrays"), pytest.param(99, id="with_loops")])
@given(case=small_graphs(), start=st.integers(0, 8))
def test_reach_is_that_of_networkx(few: int, case: tuple[int, Pairs], start: int) -> None:
    start %= case[0]
    graph, other = graph_of(*case), networkx_of(*case)
    with patch.object(module, "_FEW", few):
        found = reach(graph.later, start)
    lengths = {node: steps for node, steps in nx.single_source_shortest_path_length(other, start).items() if steps}
    assert dict(zip(found.nodes.tolist(), found.steps.tolist(), strict=True)) == lengths
    assert found.returns == any(start in nx.descendants(other, n) or n == start for n in other.successors(start))
    for node in lengths:
        path = found.path(node)
        assert (path[0], path[-1], len(path) - 1, nx.is_path(other, path)) == (start, node, lengths[node], True)


@given(case=small_graphs(), start=st.integers(0, 8))
def test_loops_and_arrays_take_the_same_paths(case: tuple[int, Pairs], start: int) -> None:
    graph = graph_of(*case)
    parents = []
    for few in (0, 99):
        with patch.object(module, "_FEW", few):
            parents.append(reach(graph.later, start % case[0]).parents.tolist())
    assert parents[0] == parents[1]


@pytest.mark.parametrize("block", [pytest.param(1, id="many_blocks"), pytest.param(1 << 20, id="one_block")])
@given(case=small_graphs())
def test_counts_are_those_of_networkx(block: int, case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case)
    with patch.object(module, "_BLOCK_BYTES", block):
        counts = count_reached(graph_of(*case))
    assert counts.tolist() == [len(nx.descendants(other, node)) for node in range(case[0])]


def test_counts_go_over_blocks() -> None:
    size = 200
    with patch.object(module, "_BLOCK_BYTES", size * 8):
        counts = count_reached(graph_of(size, [(n, n + 1) for n in range(size - 1)]))
    assert counts.tolist() == list(range(size - 1, -1, -1))
