"""rdflib sees the triples of the store, and changes none."""

from __future__ import annotations

import pytest
from rdflib import Graph, Literal, URIRef, Variable
from tests.store.content import store_in_memory

from jobgraph.api import KnowledgeGraph
from jobgraph.api.rdflib_store import to_oxigraph, to_rdflib_graph
from jobgraph.errors import RefusedError
from jobgraph.store import GraphNames

NAMES = GraphNames("https://example.org/id/", "acme")
JOB, LABEL = URIRef("ex:job"), URIRef("ex:label")


@pytest.fixture
def graph() -> Graph:
    store = store_in_memory("""
        <ex:job> <ex:label> "clean"@en {asserted} .
        <ex:job> <ex:label> "clean" {asserted} .
        <ex:job> <ex:score> "12.5"^^<http://www.w3.org/2001/XMLSchema#decimal> {asserted} .
        <ex:job> <ex:needs> _:part {inferred} .
        <ex:job> <ex:label> "clean" {shared} .
        <ex:run> <ex:secret> "of the build" {metadata} .
    """)
    return to_rdflib_graph(store, NAMES)


def test_triples_of_merged_graphs_come_once(graph: Graph) -> None:
    assert sorted(str(o) for o in graph.objects(JOB, LABEL)) == ["clean", "clean"]
    assert len(graph) == 4


@pytest.mark.parametrize(
    "pattern",
    [(JOB, None, None), (None, LABEL, None), (None, None, Literal("clean", lang="en")), (Literal("clean"), None, None)],
)
def test_pattern_finds_what_a_copy_finds(graph: Graph, pattern: tuple[None, None, None]) -> None:
    copy = Graph() + graph
    assert set(graph.triples(pattern)) == set(copy.triples(pattern))


def test_number_is_a_number(graph: Graph) -> None:
    (score,) = graph.objects(JOB, URIRef("ex:score"))
    assert float(score) == 12.5  # type: ignore[arg-type]


@pytest.mark.parametrize("change", ["add", "remove", "set"])
def test_change_is_refused(graph: Graph, change: str) -> None:
    with pytest.raises(RefusedError, match="cannot be changed"):
        getattr(graph, change)((JOB, LABEL, Literal("else")))


@pytest.mark.parametrize("term", [Variable("x"), "text"])
def test_what_is_no_term_is_refused(term: object) -> None:
    with pytest.raises(RefusedError, match="no term"):
        to_oxigraph(term)


def test_sample_is_the_same_graph_in_rdflib(kg: KnowledgeGraph) -> None:
    persona = URIRef(kg.persona("Wren the Curious Liaison").iri)
    ours = {row[1:] for row in kg.query("SELECT ?s ?p ?o { ?s ?p ?o }", s=kg.entity(str(persona))).iter_rows()}
    assert {(str(p), str(o)) for p, o in kg.rdflib().predicate_objects(persona)} == ours


def test_sparql_of_rdflib_finds_what_ours_finds(kg: KnowledgeGraph) -> None:
    text = "SELECT ?label { ?job a jg:Job ; rdfs:label ?label } ORDER BY ?label"
    assert [str(row[0]) for row in kg.rdflib().query(text)] == kg.query(text)["label"].to_list()  # type: ignore[index]
