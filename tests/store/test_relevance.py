from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from jobgraph.store import GraphName
from jobgraph.store.relevance import Relevance

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ONE, TWO, THREE = (NamedNode(f"urn:graph{number}") for number in (1, 2, 3))
ALL: list[GraphName] = [ONE, TWO, THREE, DefaultGraph()]

NODES = st.sampled_from([NamedNode(f"urn:{letter}") for letter in "abcd"])
PROPERTIES = st.sampled_from([NamedNode(iri) for iri in ("urn:p", "urn:q", TYPE)])
QUADS = st.builds(Quad, NODES, PROPERTIES, NODES, st.sampled_from(ALL))
TERMS = st.sampled_from(["?x", "?y", "?z", "<urn:a>", "<urn:b>"])
PATHS = st.sampled_from(
    ["<urn:p>", "<urn:q>", "a", "?x", "<urn:p>/<urn:q>", "^<urn:p>|a", "<urn:q>+", "<urn:p>*", "a+", "^a"]
)
TRIPLES = st.lists(st.builds(" ".join, st.tuples(TERMS, PATHS, TERMS)), min_size=1, max_size=3).map(" . ".join)
FORMS = st.sampled_from(
    [
        "{0}",
        "{0} OPTIONAL {{ {1} }}",
        "{{ {0} }} UNION {{ {1} }}",
        "{0} MINUS {{ {1} }}",
        "{0} FILTER NOT EXISTS {{ {1} }}",
        "{0} BIND (EXISTS {{ {1} }} AS ?is)",
        "{0} OPTIONAL {{ SELECT * {{ {1} }} }}",
        "{{ SELECT ?x (COUNT(*) AS ?n) {{ {0} }} GROUP BY ?x }} {{ {1} }}",
        "{0} . GRAPH ?g {{ {1} }}",
    ]
)
QUERIES = st.builds(lambda form, one, other: f"SELECT * {{ {form.format(one, other)} }}", FORMS, TRIPLES, TRIPLES)


@pytest.mark.parametrize(
    ("body", "graphs"),
    [
        pytest.param("?s <urn:p> ?o", [ONE, TWO], id="property"),
        pytest.param("?s a <urn:C>", [THREE], id="class"),
        pytest.param("?s a ?class", [TWO, THREE], id="any_class"),
        pytest.param("?s <urn:q> ?o . ?s a <urn:D>", [TWO, THREE], id="two"),
        pytest.param("?s <urn:nowhere> ?o", [ONE], id="nothing_anywhere"),
        pytest.param("?s ?p ?o", [ONE, TWO, THREE], id="not_known"),
    ],
)
def test_graphs_matter_that_hold_a_pattern(body: str, graphs: list[NamedNode]) -> None:
    assert Relevance(small_store(), [ONE, TWO, THREE]).graphs_for(f"SELECT * {{ {body} }}") == graphs


@pytest.mark.parametrize(
    ("body", "narrowed", "graphs"),
    [
        pytest.param("?s <urn:q> ?o .", "GRAPH <urn:graph3> { ?s <urn:q> ?o } .", [ONE], id="in_one"),
        pytest.param("?s <urn:p> ?o .", "?s <urn:p> ?o .", [ONE, TWO], id="in_two"),
        pytest.param(
            "?s <urn:p> ?o . ?o a <urn:C>", "?s <urn:p> ?o . GRAPH <urn:graph3> { ?o a <urn:C> }", [ONE, TWO], id="both"
        ),
        pytest.param("?s <urn:q>/a ?o", "?s <urn:q>/a ?o", [TWO, THREE], id="path_in_two"),
        pytest.param("?s <urn:q>* ?o", "?s <urn:q>* ?o", [ONE, TWO, THREE], id="no_steps"),
    ],
)
def test_pattern_in_one_graph_is_asked_of_it(body: str, narrowed: str, graphs: list[NamedNode]) -> None:
    found = Relevance(small_store(), [ONE, TWO, THREE]).narrowed(f"SELECT * {{ {body} }}")
    assert found == (f"SELECT * {{ {narrowed} }}", graphs)


@given(st.lists(QUADS, max_size=12), QUERIES)
def test_narrowing_never_changes_an_answer(quads: list[Quad], query: str) -> None:
    store = Store()
    store.extend(quads)
    assert asked(store, *Relevance(store, ALL).narrowed(query)) == asked(store, query, ALL)


def asked(store: Store, query: str, graphs: list[GraphName]) -> tuple[list[str], list[str]]:
    """The columns, and the rows in any order."""
    found = cast("QuerySolutions", store.query(query, default_graph=graphs, named_graphs=[ONE, TWO, THREE]))
    return [variable.value for variable in found.variables], sorted(map(str, found))


def small_store() -> Store:
    store = Store()
    facts = [("p", "x", ONE), ("p", "x", TWO), ("q", "x", THREE)]
    store.extend(Quad(NamedNode("urn:s"), NamedNode(f"urn:{p}"), NamedNode(f"urn:{o}"), g) for p, o, g in facts)
    for class_, graph in (("D", TWO), ("C", THREE)):
        store.add(Quad(NamedNode("urn:s"), NamedNode(TYPE), NamedNode(f"urn:{class_}"), graph))
    return store
