from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from jobgraph.store.graphs import GraphNames
from jobgraph.store.memory import copy_to_memory, may_name_graphs
from jobgraph.store.query import Merged, run_query

NAMES = GraphNames("https://example.org/id/", "acme")
ONE, TWO, P = NamedNode(NAMES.asserted), NamedNode(NAMES.shared), NamedNode("urn:p")
A, B = NamedNode("urn:a"), NamedNode("urn:b")
HIDDEN = NamedNode(NAMES.metadata)


def test_copy_has_the_chosen_graphs_alone() -> None:
    store = Store()
    store.extend([Quad(A, P, B, ONE), Quad(B, P, Literal("é\n", language="fr"), TWO), Quad(A, P, A, HIDDEN)])
    copy = copy_to_memory(store, [ONE, TWO])
    assert copy is not None
    assert {(quad.triple, quad.graph_name) for quad in copy} == {
        (quad.triple, DefaultGraph()) for quad in store if quad.graph_name != HIDDEN
    }


@pytest.mark.parametrize(
    "quads",
    [
        [Quad(A, P, B, ONE), Quad(A, P, B, TWO)],
        [Quad(BlankNode(), P, B, ONE)],
        [Quad(A, P, B, ONE), Quad(A, P, BlankNode("end"), TWO)],
    ],
    ids=["a triple of two graphs", "a blank node first", "a blank node last"],
)
def test_what_would_answer_otherwise_is_not_copied(quads: list[Quad]) -> None:
    store = Store()
    store.extend(quads)
    assert copy_to_memory(store, [ONE, TWO]) is None


@pytest.mark.parametrize(
    ("query", "may"),
    [
        ("SELECT * { ?s ?p ?o }", False),
        ("PREFIX jg: <https://w3id.org/jobgraph/> SELECT * { ?s a jg:Job }", False),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", True),
        ("SELECT*{?s ?p 1graph?g{}}", True),
        ("SELECT * { GR\\u0041PH ?g { ?s ?p ?o } }", True),
        ("SELECT * FROM <urn:g> { ?s ?p ?o }", True),
    ],
)
def test_queries_that_may_name_graphs(query: str, *, may: bool) -> None:
    assert may_name_graphs(query) == may


def test_answers_are_the_same_from_memory(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.extend([Quad(A, P, B, ONE), Quad(B, P, A, TWO), Quad(A, P, A, HIDDEN)])
    merged = Merged(store, NAMES)
    queries = [
        "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s ?o",
        "ASK { <urn:a> <urn:p> <urn:a> }",
        "SELECT ?g { GRAPH ?g {} }",
    ]
    before = [set(run_query(store, query, graphs=merged).rows()) for query in queries]
    merged.keep_in_memory()
    assert [merged.memory_for(query) is not None for query in queries] == [True, True, False]
    assert [set(run_query(store, query, graphs=merged).rows()) for query in queries] == before
    given = run_query(store, "SELECT ?s ?o { ?s ?p ?o }", graphs=merged, substitutions={"s": A})
    assert list(given.rows()) == [(A, B)]
