"""Orders and longest chains."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.graphs import Pairs, graph_of, networkx_of, small_graphs

from jobgraph.analysis.sequence import Chain, longest_chain, sequence

weights = st.lists(st.integers(0, 50), min_size=9, max_size=9)


@given(small_graphs())
def test_each_follows_what_it_waits_for(case: tuple[int, Pairs]) -> None:
    graph = graph_of(*case)
    order = sequence(graph).tolist()
    assert sorted(order) == list(range(case[0]))
    for first, following in case[1]:
        if graph.units[first] != graph.units[following]:
            assert order.index(first) < order.index(following)


@given(small_graphs(), weights)
def test_chain_weighs_what_networkx_finds(case: tuple[int, Pairs], numbers: list[int]) -> None:
    condensed = nx.condensation(networkx_of(*case))
    own = {unit: sum(numbers[node] for node in data["members"]) for unit, data in condensed.nodes(data=True)}
    best: dict[int, int] = {}
    for unit in nx.topological_sort(condensed):
        best[unit] = own[unit] + max((best[before] for before in condensed.predecessors(unit)), default=0)
    chain = longest_chain(graph_of(*case), np.array(numbers[: case[0]]))
    assert (chain.weight, sum(numbers[node] for node in chain.nodes)) == (max(best.values()),) * 2


@given(small_graphs(acyclic=True))
def test_chain_is_a_longest_path(case: tuple[int, Pairs]) -> None:
    other = networkx_of(*case)
    chain = longest_chain(graph_of(*case), np.ones(case[0], dtype=np.int64))
    assert nx.is_path(other, list(chain.nodes))
    assert len(chain.nodes) == len(nx.dag_longest_path(other))


def test_nothing_has_no_chain() -> None:
    assert longest_chain(graph_of(0, []), np.array([], dtype=np.int64)) == Chain((), 0)
