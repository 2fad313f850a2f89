from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import Variable
from rdflib.query import Result
from tests.store.content import NAMES, parsed_by_rdflib, store_in_memory

from jobgraph.errors import RefusedError, UsageError
from jobgraph.store import Answer, run_query
from jobgraph.store.query import Term

LABELS = "SELECT ?thing ?label WHERE { ?thing <ex:label> ?label } ORDER BY ?label"


def ask(store: Store, text: str, **substitutions: Term) -> Answer:
    return run_query(store, text, graphs=NAMES, substitutions=substitutions)


def rows(store: Store, text: str, **substitutions: Term) -> list[list[str]]:
    return [[str(term) for term in row] for row in ask(store, text, **substitutions).rows()]


def written(answer: Answer, name: str) -> bytes:
    output = io.BytesIO()
    answer.write(output, name)
    return output.getvalue()


def test_question_sees_the_merged_graphs_as_one(store: Store) -> None:
    text = "SELECT ?job ?label WHERE { ?job <ex:level> ?level . ?level <ex:label> ?label }"
    assert rows(store, text) == [["<ex:job>", '"hoch"@de']]


def test_question_does_not_see_the_metadata_unless_it_names_a_graph(store: Store) -> None:
    assert rows(store, "SELECT * WHERE { ?s <ex:secret> ?o }") == []
    assert rows(store, "SELECT ?g WHERE { GRAPH ?g { ?s <ex:secret> ?o } }") == [[f"<{NAMES.metadata}>"]]


@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED"])
def test_from_has_no_effect(store: Store, clause: str) -> None:
    assert rows(store, f"SELECT ?s {clause} <{NAMES.metadata}> WHERE {{ ?s <ex:secret> ?o }}") == []


def test_merged_graphs_do_not_repeat_a_triple(store: Store) -> None:
    assert rows(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")[0][0].startswith('"4"')


def test_description_is_of_all_graphs(store: Store) -> None:
    answer = ask(store, "DESCRIBE ?job { ?job <ex:level> ?level }")
    assert len(list(answer.rows())) == len(rows(store, "SELECT * { <ex:job> ?p ?o }")) > 1


def test_unnamed_graph_is_seen(store: Store) -> None:
    store.add(Quad(NamedNode("ex:x"), NamedNode("ex:only"), NamedNode("ex:y")))
    assert rows(store, "SELECT ?s WHERE { ?s <ex:only> ?o }") == [["<ex:x>"]]


def test_empty_store_answers() -> None:
    assert rows(Store(), LABELS) == []


def test_usual_prefixes_need_no_declaration_and_can_be_overridden(store: Store) -> None:
    text = "SELECT ?s { ?s jg:level ?o }"
    assert (rows(store, text), rows(store, f"PREFIX jg: <ex:> {text}")) == ([], [["<ex:job>"]])


def test_unbound_variable_is_none(store: Store) -> None:
    answer = ask(store, "SELECT ?s ?x WHERE { ?s <ex:level> ?o OPTIONAL { ?s <ex:none> ?x } }")
    assert (answer.columns, list(answer.rows())) == (("s", "x"), [(NamedNode("ex:job"), None)])


@pytest.mark.parametrize(("pattern", "expected"), [("?s <ex:level> ?o", "true"), ("?s <ex:none> ?o", "false")])
def test_yes_or_no_is_a_row(store: Store, pattern: str, expected: str) -> None:
    answer = ask(store, f"ASK {{ {pattern} }}")
    assert (answer.columns, [row[0] for row in answer.rows()]) == (("answer",), [Literal(expected == "true")])


@pytest.mark.parametrize("text", ["CONSTRUCT WHERE { ?s <ex:level> ?o }", "DESCRIBE ?o { ?o <ex:level> <ex:high> }"])
def test_triples_are_rows(store: Store, text: str) -> None:
    answer = ask(store, text)
    assert answer.columns == ("subject", "predicate", "object")
    assert "ex:level" in str(list(answer.rows()))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"thing": NamedNode("ex:high")}, ['"hoch"@de'], id="iri"),
        pytest.param({"label": Literal("clean the pump")}, ['"clean the pump"'], id="text"),
        pytest.param({"label": Literal('" } # {')}, [], id="text_that_looks_like_a_query"),
    ],
)
def test_values_stand_for_variables(store: Store, values: Mapping[str, Term], expected: list[str]) -> None:
    assert [row[-1] for row in rows(store, LABELS, **values)] == expected


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml"])
def test_result_is_read_by_another_library(store: Store, name: str) -> None:
    data = written(ask(store, LABELS), name)
    read = Result.parse(io.BytesIO(data), format=name).bindings
    assert sorted(str(row[Variable("label")]) for row in read) == ["clean the pump", "hoch"]


@pytest.mark.parametrize("name", ["json", "xml"])
def test_yes_is_read_by_another_library(store: Store, name: str) -> None:
    data = written(ask(store, "ASK { ?s ?p ?o }"), name)
    assert Result.parse(io.BytesIO(data), format=name).askAnswer is True


@pytest.mark.parametrize("name", ["turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"])
def test_triples_are_read_by_another_library(store: Store, name: str) -> None:
    data = written(ask(store, "CONSTRUCT WHERE { ?s <ex:label> ?o }"), name)
    assert {str(o) for _, _, o, _ in parsed_by_rdflib(data, name).quads()} == {"clean the pump", "hoch"}


@pytest.mark.parametrize("name", ["text/csv", "application/sparql-results+json", "APPLICATION/SPARQL-RESULTS+XML"])
def test_result_format_is_known_by_its_media_type(store: Store, name: str) -> None:
    assert written(ask(store, LABELS), name)


@pytest.mark.parametrize(
    ("text", "name"), [(LABELS, "turtle"), ("ASK {}", "trig"), ("CONSTRUCT WHERE { ?s ?p ?o }", "csv")]
)
def test_format_that_does_not_fit_is_refused(store: Store, text: str, name: str) -> None:
    with pytest.raises(UsageError, match="There is no format"):
        written(ask(store, text), name)


def test_large_answer_is_streamed() -> None:
    store = store_in_memory("".join(f"<ex:{n}> <ex:p> <ex:{n}> {{asserted}} .\n" for n in range(1000)))
    answer = ask(store, "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")  # a billion rows
    assert len(next(answer.rows())) == 9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "SELECT * WHERE {\n ?s ?p }",
            "line 2, column 9 or shortly before: look at 'SELECT * WHERE { ?s ?p }'",
            id="place",
        ),
        pytest.param("SELECT * { ?s foo:bar ?o }", "or shortly before: Prefix not found.", id="prefix"),
        pytest.param("SELECT ?x { ?s ?p ?o } GROUP BY ?s", "contains a variable that is unbound", id="unbound"),
        pytest.param("SELECT * { ?s ?p", "line 1, column 17", id="end"),
        pytest.param("SELECT * { ?s <ex:level> ?o FILTER(?o & 1) }", "column 45 or", id="after_a_pattern"),
        pytest.param("", "there is nothing to ask", id="empty"),
        pytest.param("INSERT DATA { <ex:a> <ex:b> 1 }", "line 1", id="update"),
        pytest.param("SELECT * { <a> ?p ?o }", "line 1", id="relative"),
        pytest.param("SELECT (<ex:f>(1) AS ?x) {}", "custom function <ex:f> is not supported", id="function"),
    ],
)
def test_query_that_cannot_be_answered_says_why(store: Store, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        ask(store, text)
    assert message in str(error.value)


def test_query_that_calls_out_is_refused(store: Store) -> None:
    with pytest.raises(RefusedError):
        ask(store, "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")
