"""Which graphs of a store a query can find anything in: each further graph makes a join up to twice as slow.

A graph matters where it holds a property, or for `rdf:type` a class, that a triple pattern of the query names. A
pattern that can find something in one graph alone is asked of that graph by name. The answer has the same rows; where a
query leaves their order open, it may be another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pyoxigraph import DefaultGraph, NamedNode, Store

from jobgraph.store.graphs import GraphName
from jobgraph.store.patterns import Block, read_blocks


class Relevance:
    """Answers for some graphs of one store, seen as one; the store must not change meanwhile."""

    def __init__(self, store: Store, graphs: Sequence[GraphName]) -> None:
        self._graphs = list(graphs)

        @cache
        def holds(property_: str, class_: str, graph: GraphName) -> bool:
            object_ = NamedNode(class_) if class_ else None
            return next(store.quads_for_pattern(None, NamedNode(property_), object_, graph), None) is not None

        self._holds = holds

    def graphs_for(self, query: str) -> list[GraphName]:
        """The graphs that matter for a query; one of them at least."""
        blocks = read_blocks(query)
        if blocks is None or len(self._graphs) == 1:
            return self._graphs
        return self._ordered({graph for block in blocks for graph in self._relevant(block)})

    def narrowed(self, query: str) -> tuple[str, list[GraphName]]:
        """The query with patterns asked of one graph by its name, and the graphs that matter for the others.

        The graphs that it names must be open to GRAPH.

        >>> from pyoxigraph import Quad
        >>> job, name, one, two = (NamedNode(f"urn:{text}") for text in ("job", "name", "one", "two"))
        >>> store = Store()
        >>> store.extend([Quad(job, name, job, one), Quad(job, NamedNode("urn:needs"), job, two)])
        >>> Relevance(store, [one, two]).narrowed("ASK { ?a <urn:needs>+ ?b . ?b ?any ?c }")[0]
        'ASK { GRAPH <urn:two> { ?a <urn:needs>+ ?b } . ?b ?any ?c }'
        """
        blocks = read_blocks(query)
        if blocks is None or len(self._graphs) == 1:
            return query, self._graphs
        end, pieces, others = 0, [], set()
        for block in sorted(blocks, key=lambda block: block.start):
            graphs, text = self._relevant(block), query[block.start : block.end]
            if len(graphs) == 1 and not isinstance(graphs[0], DefaultGraph):
                text = f"GRAPH {graphs[0]} {{ {text} }}"
            else:
                others.update(graphs)
            pieces += [query[end : block.start], text]
            end = block.end
        return "".join([*pieces, query[end:]]), self._ordered(others)

    def _relevant(self, block: Block) -> list[GraphName]:
        if block.patterns is None:
            return self._graphs
        return [graph for graph in self._graphs if any(self._holds(*pattern, graph) for pattern in block.patterns)]

    def _ordered(self, graphs: set[GraphName]) -> list[GraphName]:
        return [graph for graph in self._graphs if graph in graphs] or self._graphs[:1]
