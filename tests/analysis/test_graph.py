"""The graph of dependencies: its arrays, cycles and levels are those of networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import polars as pl
from hypothesis import given
from tests.analysis.graphs import Pairs, graph_of, networkx_of, small_graphs

from jobgraph.analysis.graph import DependencyGraph


@given(small_graphs())
def test_neighbours_are_those_of_networkx(case: tuple[int, Pairs]) -> None:
    graph, other = graph_of(*case), networkx_of(*case)
    assert [graph.later[node].tolist() for node in other] == [sorted(other.successors(node)) for node in other]
    assert [graph.earlier[node].tolist() for node in other] == [sorted(other.predecessors(node)) for node in other]


@given(small_graphs())
def test_cycles_are_the_components_of_networkx(case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case)
    groups = (sorted(group) for group in nx.strongly_connected_components(other))
    expected = sorted(group for group in groups if len(group) > 1 or other.has_edge(group[0], group[0]))
    assert graph_of(*case).cycles == expected


@given(small_graphs())
def test_levels_are_longest_ways_in_the_condensation(case: tuple[int, Pairs]) -> None:
    condensed = nx.condensation(networkx_of(*case))
    levels: dict[int, int] = {}
    for unit in nx.topological_sort(condensed):
        levels[unit] = max((levels[before] + 1 for before in condensed.predecessors(unit)), default=0)
    mapping = condensed.graph["mapping"]
    assert graph_of(*case).levels.tolist() == [levels[mapping[node]] for node in range(case[0])]


def test_neighbours_of_many_are_pairs() -> None:
    graph = graph_of(4, [(0, 1), (0, 2), (2, 3)])
    before, following = graph.later.of_many(np.array([0, 1, 2]))
    assert (before.tolist(), following.tolist()) == ([0, 0, 2], [1, 2, 3])


def test_every_statement_of_a_pair_is_found() -> None:
    graph = graph_of(3, [(1, 2), (0, 1), (1, 2)])
    assert (graph.statements(1, 2), graph.statements(2, 1)) == (["e0", "e2"], [])


def test_edge_to_nothing_is_left_out() -> None:
    nodes = pl.DataFrame({"iri": ["a", "b", "b"]})
    edges = pl.DataFrame({"iri": ["e", "f"], "first": ["a", "gone"], "next": ["b", "b"]})
    graph = DependencyGraph.of(nodes, edges)
    assert (graph.size, graph.edges["iri"].to_list()) == (2, ["e"])
