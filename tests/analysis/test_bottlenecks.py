"""Betweenness and articulation points: as networkx has them."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from tests.analysis.graphs import Pairs, graph_of, networkx_of, small_graphs

from jobgraph.analysis.bottlenecks import articulation_points, betweenness


@pytest.mark.parametrize("most_steps", [pytest.param(10**8, id="exact"), pytest.param(0, id="from_paths_of_all_nodes")])
@given(case=small_graphs())
def test_betweenness_is_that_of_networkx(most_steps: int, case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case)
    other.remove_edges_from(list(nx.selfloop_edges(other)))
    found = betweenness(graph_of(*case), most_steps=most_steps)
    assert found.values.tolist() == pytest.approx(list(nx.betweenness_centrality(other).values()))
    assert ("estimated" in found.sentence) == (most_steps == 0)


@given(small_graphs())
def test_articulation_points_are_those_of_networkx(case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case).to_undirected()
    other.remove_edges_from(list(nx.selfloop_edges(other)))
    assert articulation_points(graph_of(*case)).tolist() == sorted(nx.articulation_points(other))
