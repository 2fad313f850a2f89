from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode
from tests.store.content import NAMES
from tests.writing.conftest import content

from jobgraph.writing import clearing
from jobgraph.writing.clearing import clear_graph


@pytest.mark.parametrize("most", [pytest.param(100_000, id="one_by_one"), pytest.param(-1_000, id="at_once")])
@pytest.mark.parametrize("graph", [DefaultGraph(), NamedNode("ex:g"), NamedNode(NAMES.asserted), NamedNode("ex:none")])
def test_only_the_graph_is_emptied(graph: NamedNode, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "_MOST_REMOVED", most)
    monkeypatch.setattr(clearing, "count_triples", lambda _store, _graph: 100_000 + most)
    store = content()
    expected = {quad for quad in store if quad.graph_name != graph}
    names = set(store.named_graphs())
    clear_graph(store, graph)
    assert (set(store), set(store.named_graphs())) == (expected, names)
