from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Dataset, Literal, NamedNode, Quad, QuerySolutions, Store, Variable

from jobgraph.errors import RefusedError, UsageError
from jobgraph.remote.rewriting import rewrite
from jobgraph.store.formats import PREFIXES
from jobgraph.store.query import Term

EX = "https://x.example/"
A, B, P = NamedNode(f"{EX}a"), NamedNode(f"{EX}b"), NamedNode(f"{EX}p")
NOTES = NamedNode(f"{EX}notes")
DATA = Dataset(
    [
        Quad(A, P, B),
        Quad(B, P, A),
        Quad(A, P, Literal('x"y')),
        Quad(B, P, Literal(3)),
        Quad(A, P, Literal("noted"), NOTES),
    ]
)
EMPTY = Store()
VALUES: Mapping[str, Term] = {"a": A, "text": Literal('x"y')}


def rows(text: str, values: Mapping[str, Term] | None = None) -> list[str]:
    store = Store()
    store.extend(DATA)
    terms = {Variable(name): term for name, term in (values or {}).items()}
    found = store.query(text, prefixes={**PREFIXES, "ex": EX}, substitutions=terms)
    return sorted(map(str, found)) if isinstance(found, QuerySolutions) else [str(bool(found))]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT ?a ?o WHERE { ?a ex:p ?o }", id="column"),
        pytest.param("SELECT ?o ?a { { SELECT ?a ?o { ?a ex:p ?o } } }", id="subquery"),
        pytest.param("SELECT ?a ?o { { SELECT DISTINCT ?a { ?a ex:p ?x } } ?a ex:p ?o }", id="only_column_of_subquery"),
        pytest.param("SELECT ?a (COUNT(?o) AS ?n) { ?a ex:p ?o } GROUP BY ?a ORDER BY ?a ?n", id="group"),
        pytest.param("SELECT ?a ?text { ?s ex:p ?text FILTER (BOUND(?s) && ?s = ?a) } ORDER BY DESC(?a)", id="bound"),
        pytest.param("SELECT ?a ?s { ?s ex:p ?o BIND (EXISTS { ?a ex:p ?s } AS ?is) FILTER (?is) }", id="exists"),
        pytest.param("SELECT ?a (IF(?s = ?a, 1, 0) AS ?same) { ?s ex:p ?o }", id="expression_in_column"),
        pytest.param("SELECT ?a ?o { ?a ex:p ?o # not ?a\n FILTER (?o != '?a') }", id="comment_and_string"),
    ],
)
def test_value_means_what_it_means_in_the_store(text: str) -> None:
    values = {name: term for name, term in VALUES.items() if f"?{name} " in text}
    query = f"PREFIX ex: <{EX}> {text}"
    sent = rewrite(query, values, str)
    assert rows(sent.text) == rows(query, values)
    (counted,) = rows(sent.count)
    assert f"rows=<Literal value={len(rows(query, values))} " in counted


@pytest.mark.parametrize("name", ["<https://x.example/notes>", "ex:notes"])
def test_graph_has_its_name_at_the_endpoint(name: str) -> None:
    sent = rewrite(f"PREFIX ex: <{EX}> ASK {{ GRAPH {name} {{ ?s ?p ?o }} }}", {}, lambda graph: f"{graph}/there")
    assert f"GRAPH <{EX}notes/there>" in " ".join(sent.text.split())


def test_graph_of_the_ontology_is_known_by_its_usual_prefix() -> None:
    assert "GRAPH <there>" in rewrite("SELECT * { GRAPH jg: { ?s ?p ?o } }", {}, lambda _graph: "there").text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "whole"),
        ("DESCRIBE <urn:a>", "whole"),
        ("SELECT * FROM <urn:g> { ?s ?p ?o }", "no FROM"),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", "names each graph"),
        ("SELECT ?s { VALUES ?a { <urn:a> } ?s ?p ?a }", "itself gives"),
        ("SELECT ?s { ?s ?p ?o BIND (1 AS ?a) }", "itself gives"),
        ("BASE <urn:b> SELECT ?s { ?s ?p <c> }", "without BASE"),
        ("SELECT ?s { ?s ?p ?o FILTER (BOUND(?a)) }", "BOUND has no meaning"),
        ("", "neither SELECT nor ASK"),
    ],
)
def test_query_that_would_mean_something_else_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        rewrite(text, {"a": A}, str)


def test_query_that_calls_out_is_refused() -> None:
    with pytest.raises(RefusedError):
        rewrite("SELECT * { SERVICE <https://x.example/> { ?s ?p ?o } }", {}, str)


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_text_of_a_value_never_becomes_part_of_the_query(text: str) -> None:
    value = Literal(text)
    sent = rewrite("SELECT (STR(?v) AS ?text) { VALUES ?x { 1 } }", {"v": value}, str)
    found = EMPTY.query(sent.text)
    assert isinstance(found, QuerySolutions)
    (row,) = found
    assert row["text"] == value
