"""Times every dependency answer beside rustworkx's bare algorithm on the same graph; writes them as JSON.

Usage: python dependency_answers.py HOME TENANT OUT
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import rustworkx as rx

from jobgraph.analysis import dependencies, open_source
from jobgraph.analysis.bottlenecks import articulation_points, betweenness
from jobgraph.analysis.crossings import crossings
from jobgraph.analysis.graph import DependencyGraph
from jobgraph.analysis.work import job_graph
from jobgraph.store import Home

SAMPLE = 50  # of the nodes whose descendants rustworkx finds one after the other
ROWS = 1000


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fresh(graph: DependencyGraph) -> DependencyGraph:
    """The same graph in the forms in which it is stored, with nothing found out about it yet."""
    copy = DependencyGraph(graph.nodes, graph.edges)
    assert copy.rustworkx.num_nodes() == copy.later.starts.size - 1 == copy.earlier.starts.size - 1
    copy.statements(0, 1)
    return copy


def best(graph: DependencyGraph, work: Callable[[DependencyGraph], object], times: int = 3) -> float:
    return min(_timed_once(fresh(graph), work) for _ in range(times))


def _timed_once(graph: DependencyGraph, work: Callable[[DependencyGraph], object]) -> float:
    return timed(lambda: work(graph))


def pairs_of(graph: DependencyGraph) -> dict[str, tuple[float, float]]:
    """Seconds of the bare algorithm and of our answer, by answer."""
    bare = graph.rustworkx
    undirected = bare.to_undirected(multigraph=False)
    effort = graph.nodes["effort"].fill_null(0).to_list()
    low, high = 0, graph.size - 1
    nodes = np.linspace(0, high, SAMPLE).astype(int).tolist()
    every = timed(lambda: sum(len(rx.descendants(bare, node)) for node in nodes)) * graph.size / SAMPLE
    return {
        "order": (
            timed(lambda: (rx.strongly_connected_components(bare), rx.topological_generations(bare))),
            best(graph, dependencies.order),
        ),
        "chain by effort": (
            timed(lambda: rx.dag_longest_path(bare, weight_fn=lambda _, node, __: effort[node])),
            best(graph, lambda g: dependencies.chain(g, by="effort")),
        ),
        f"waits-for, {ROWS:,} rows": (
            min(timed(lambda: rx.ancestors(bare, high)) for _ in range(3)),
            best(graph, lambda g: dependencies.waits_for(g, high, limit=ROWS)),
        ),
        f"unlocks, {ROWS:,} rows": (
            min(timed(lambda: rx.descendants(bare, low)) for _ in range(3)),
            best(graph, lambda g: dependencies.unlocks(g, low, limit=ROWS)),
        ),
        f"blast-radius (bare: {SAMPLE} nodes, scaled)": (every, best(graph, dependencies.blast_radius, times=1)),
        "articulation points": (
            timed(lambda: rx.articulation_points(undirected)),
            best(graph, articulation_points),
        ),
    }


def peak_of_this_process_mb() -> float:
    """The most memory since the program started; `ru_maxrss` would count what its parent held when it forked, too."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def without_backward(graph: DependencyGraph) -> DependencyGraph:
    return DependencyGraph(graph.nodes, graph.edges.filter(graph.edges["first"] < graph.edges["next"]))


def main(home: str, tenant: str, out: str) -> None:
    generation = Home(Path(home)).tenant(tenant).current()
    assert generation is not None
    with generation.open() as store:
        source = open_source(store, generation.names)
        loading = timed(lambda: job_graph(source.views))
        cyclic = job_graph(source.views)
        graph = without_backward(cyclic)
        for answer in (dependencies.order, dependencies.chain, dependencies.blast_radius, dependencies.bottlenecks):
            answer(fresh(cyclic))
        crossings(source.views, cyclic, limit=ROWS)
        peak_mb = peak_of_this_process_mb()  # before others take their share
        crossing = best(graph, lambda g: crossings(source.views, g, limit=ROWS))
    found = pairs_of(graph)
    bare = fresh(cyclic).rustworkx
    found["cycles"] = timed(lambda: rx.strongly_connected_components(bare)), best(cyclic, dependencies.cycles)
    estimate = timed(lambda: betweenness(fresh(graph)))
    first, following = (ends.tolist() for ends in graph.pairs)
    other = nx.DiGraph(list(zip(first, following, strict=True)))
    slow = timed(lambda: nx.betweenness_centrality(other, k=1, seed=1)) * 32
    facts = {
        "jobs": graph.size,
        "dependencies": cyclic.edges.height,
        "loading_s": loading,
        "peak_mb": peak_mb,
        "crossings_s": crossing,
        "estimate_s": estimate,
        "networkx_estimate_s": slow,
        "answers": found,
    }
    Path(out).write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
