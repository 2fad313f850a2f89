from __future__ import annotations

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store
from tests.store.content import NAMES

from jobgraph.store import GraphNames


def test_names_of_two_tenants_share_only_the_shared_and_the_ontology() -> None:
    one, two = GraphNames("https://example.org/", "acme"), GraphNames("https://example.org/", "beta")
    graphs = ("asserted", "inferred", "metadata", "shared", "ontology")
    assert [g for g in graphs if getattr(one, g) == getattr(two, g)] == ["shared", "ontology"]


def test_present_graphs_are_those_that_the_store_has(store: Store) -> None:
    store.remove_graph(NamedNode(NAMES.inferred))
    assert NAMES.present(store) == [NamedNode(NAMES.asserted), NamedNode(NAMES.shared)]


def test_unnamed_graph_is_present_once_it_holds_a_triple() -> None:
    node, store = NamedNode("ex:a"), Store()
    store.add(Quad(node, node, node))
    assert NAMES.present(store) == [DefaultGraph()]
