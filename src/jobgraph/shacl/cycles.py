"""Nodes that a path leads back to themselves, found as strongly connected components of its steps.

A query that asks for them follows the path from every node, which costs the square of the longest chain; the steps
alone are one query, and their components take a time that is linear in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.shacl.paths import Path
from jobgraph.shacl.statements import Term
from jobgraph.shacl.walks import walk

Step: TypeAlias = tuple[Term, Term]

_MOST_FOLLOWED = 3_000  # nodes; beyond, to ask about everything costs less


def select_steps(path: Path) -> str:
    """A SELECT of all pairs `?start` and `?end` of nodes that the path leads from and to."""
    return f"SELECT DISTINCT ?start ?end {{ {walk('', '?start', path, '?end')}}}"


def steps_from(path: Path, starts: Set[NamedNode], ask: Callable[[str], Iterable[Step]]) -> list[Step] | None:
    """All steps of the ways that lead on from some nodes; None if those are too many, or a blank node is on one.

    Parameters
    ----------
    ask : gives the pairs `?start` and `?end` that a SELECT finds.
    """
    found: list[Step] = []
    seen, new = set(starts), set(starts)
    while new:
        values = " ".join(map(str, new))
        pairs = list(
            ask(f"SELECT DISTINCT ?start ?end {{ VALUES ?start {{ {values} }} {walk('', '?start', path, '?end')}}}")
        )
        ends = {end for _, end in pairs if not isinstance(end, Literal)}
        new = {end for end in ends if isinstance(end, NamedNode)} - seen
        seen |= new
        found += pairs
        if len(seen) > _MOST_FOLLOWED or any(isinstance(end, BlankNode) for end in ends):
            return None
    return found


def circles(steps: Iterable[Step]) -> list[frozenset[Term]]:
    """The sets of nodes that reach each other; a node alone only where a step leads from it to itself.

    >>> a, b, c = (NamedNode(f"urn:{name}") for name in "abc")
    >>> circles([(a, b), (b, a), (b, c)]) == [frozenset({a, b})]
    True
    """
    pairs = list(steps)
    numbers = {node: number for number, node in enumerate(dict.fromkeys(node for pair in pairs for node in pair))}
    edges = [(numbers[start], numbers[end]) for start, end in pairs]
    if not _leads_back(edges, len(numbers)):
        return []
    from rustworkx import PyDiGraph, strongly_connected_components  # takes 11 ms, and most data have no circle

    graph: PyDiGraph[Term, None] = PyDiGraph()
    graph.add_nodes_from(list(numbers))
    graph.add_edges_from_no_data(edges)
    loops = {start for start, end in pairs if start == end}
    found = (frozenset(graph[number] for number in each) for each in strongly_connected_components(graph))
    return [circle for circle in found if len(circle) > 1 or not loops.isdisjoint(circle)]


def _leads_back(edges: Iterable[tuple[int, int]], n_nodes: int) -> bool:
    """Whether there is any circle: nodes are left when those that nothing leads to were taken out, again and again."""
    before, after = [0] * n_nodes, [list[int]() for _ in range(n_nodes)]
    for start, end in edges:
        before[end] += 1
        after[start].append(end)
    free = [node for node, count in enumerate(before) if not count]
    for node in free:  # it grows meanwhile
        for end in after[node]:
            before[end] -= 1
            if not before[end]:
                free.append(end)
    return len(free) < n_nodes


def members_by_first(found: Iterable[frozenset[Term]]) -> dict[Term, list[str]] | None:
    """The IRIs of each circle, in order, by its first node; None if a node is no IRI, for only queries order those."""
    members: dict[Term, list[str]] = {}
    for circle in found:
        names = sorted(node.value for node in circle if isinstance(node, NamedNode))
        if len(names) < len(circle):
            return None
        members[NamedNode(names[0])] = names
    return members
