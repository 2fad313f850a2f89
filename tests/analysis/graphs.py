"""Small graphs as tests write them, and as Hypothesis makes them."""

from __future__ import annotations

import networkx as nx
import polars as pl
from hypothesis import strategies as st

from jobgraph.analysis.graph import DependencyGraph

Pairs = list[tuple[int, int]]


def graph_of(size: int, pairs: Pairs) -> DependencyGraph:
    """Nodes `n0`, `n1` and so on; each pair is what comes first, and what waits for it."""
    iris = [f"n{number}" for number in range(size)]
    nodes = pl.DataFrame({"iri": iris, "code": [iri.upper() for iri in iris], "name": [f"Node {iri}" for iri in iris]})
    edges = [{"iri": f"e{number}", "first": f"n{a}", "next": f"n{b}"} for number, (a, b) in enumerate(pairs)]
    schema = {"iri": pl.String, "first": pl.String, "next": pl.String}
    return DependencyGraph.of(nodes.cast(pl.String), pl.DataFrame(edges, schema=schema))


def networkx_of(size: int, pairs: Pairs) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(pairs)
    return graph


@st.composite
def small_graphs(draw: st.DrawFn, *, acyclic: bool = False) -> tuple[int, Pairs]:
    size = draw(st.integers(1, 9))
    node = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(node, node), max_size=24))
    return size, [(min(p), max(p)) for p in pairs if p[0] != p[1]] if acyclic else pairs
