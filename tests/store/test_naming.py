from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from jobgraph.store import NAMING, entities_called
from jobgraph.vocabulary import RDFS

GRAPHS = [NamedNode("urn:g:1"), NamedNode("urn:g:2")]


@pytest.mark.parametrize("predicate", NAMING, ids=["code", "name", "short_name"])
def test_entity_in_two_graphs_is_one(predicate: NamedNode) -> None:
    store = Store()
    store.extend(Quad(NamedNode("urn:x:a"), predicate, Literal("Ada"), graph) for graph in GRAPHS)
    assert entities_called(store, GRAPHS, "Ada") == [NamedNode("urn:x:a")]


@pytest.mark.parametrize(
    ("graph", "text"),
    [
        pytest.param(GRAPHS[0], "ada", id="other_case"),
        pytest.param(DefaultGraph(), "Ada", id="other_graph"),
    ],
)
def test_what_is_not_called_so_is_left_out(graph: NamedNode | DefaultGraph, text: str) -> None:
    store = Store()
    store.add(Quad(NamedNode("urn:x:a"), NamedNode(RDFS + "label"), Literal("Ada"), graph))
    assert entities_called(store, GRAPHS, text) == []
