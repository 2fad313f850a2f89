from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, Store

from jobgraph.shacl.relevance import Relevance, patterns

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ONE, TWO, THREE = (NamedNode(f"urn:graph{number}") for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("?s <urn:p> ?o .", {("urn:p", "")}, id="one"),
        pytest.param("?s <urn:p> ?o ; <urn:q> 1, 'a b'@en .", {("urn:p", ""), ("urn:q", "")}, id="lists"),
        pytest.param("?s a <urn:C> .", {(TYPE, "urn:C")}, id="class"),
        pytest.param(f"?s <{TYPE}> ?class .", {(TYPE, "")}, id="any_class"),
        pytest.param("?s ^(<urn:p>/<urn:q>)+|<urn:r> ?o", {(f"urn:{name}", "") for name in "pqr"}, id="path"),
        pytest.param("FILTER NOT EXISTS { ?s <urn:p> ?o }", {("urn:p", "")}, id="filter"),
        pytest.param("FILTER(?x > 1 && !(EXISTS { ?s <urn:p> ?o }))", {("urn:p", "")}, id="filter_inside"),
        pytest.param(
            "{ SELECT ?s { ?s <urn:p> ?o } GROUP BY ?s } UNION { BIND(1 AS ?x) }", {("urn:p", "")}, id="inner"
        ),
        pytest.param("VALUES ?s { <urn:a> <urn:b> } ?s <urn:p> '} ?s ?p {'", {("urn:p", "")}, id="values"),
        pytest.param("?s ?p ?o .", None, id="any_property"),
        pytest.param("<urn:s> ?p <urn:o> .", None, id="any_property_of_one"),
        pytest.param("?s <urn:p>* ?o", None, id="no_steps"),
        pytest.param("?s <urn:p>? ?o", None, id="perhaps_a_step"),
        pytest.param("?s !<urn:p> ?o", None, id="all_but_one"),
        pytest.param("?s ex:p ?o", None, id="short_name"),
        pytest.param("?s <urn:p> [ <urn:q> ?o ]", None, id="blank_node"),
        pytest.param("GRAPH ?g { ?s <urn:p> ?o }", None, id="graph"),
        pytest.param("?s <urn:p> ?o # }\n . ?s ?p ?x", None, id="comment"),
        pytest.param("?s <urn:p> ?o", None, id="cut_off"),
    ],
)
def test_patterns_are_read_or_not_known(
    request: pytest.FixtureRequest, body: str, found: set[tuple[str, str]] | None
) -> None:
    end = "" if request.node.callspec.id == "cut_off" else "}"
    assert patterns(f"PREFIX ex: <urn:x> SELECT DISTINCT ?s (MAX(?o) AS ?m) WHERE {{ {body} {end}") == found


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
    store = Store()
    facts = [("p", "x", ONE), ("p", "x", TWO), ("q", "x", THREE)]
    store.extend(Quad(NamedNode("urn:s"), NamedNode(f"urn:{p}"), NamedNode(f"urn:{o}"), g) for p, o, g in facts)
    for class_, graph in (("D", TWO), ("C", THREE)):
        store.add(Quad(NamedNode("urn:s"), NamedNode(TYPE), NamedNode(f"urn:{class_}"), graph))
    assert Relevance(store, [ONE, TWO, THREE]).graphs_for(f"SELECT * {{ {body} }}") == graphs
