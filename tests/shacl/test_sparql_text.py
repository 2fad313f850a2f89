from __future__ import annotations

from pathlib import Path

import pytest
from tests.shacl.cases import keys, run, shapes_of, short

from jobgraph.errors import InputError

DECLARE = ':o a owl:Ontology ; sh:declare [ sh:prefix "x" ; sh:namespace "urn:x:"^^xsd:anyURI ] .'
DATA = ":a a :Thing ; :p 1 , 2 . :b a :Thing ; :p 2 ; :q :c . :c a :Other ; :p 1 ."


def shape(select: str) -> str:
    return f"""{DECLARE} :s a sh:NodeShape ; sh:targetClass :Thing ; sh:sparql
        [ sh:message "{{?value}} of {{$this}}, {{?none}}" ; sh:prefixes :o ; sh:select \"\"\"{select}\"\"\" ] ."""


COMPILED = [
    pytest.param("SELECT $this ?value { $this x:p ?value FILTER(?value = 1) }", ['<a> "1"'], id="pattern"),
    pytest.param("SELECT $this { FILTER NOT EXISTS { $this x:q ?any } }", ["<a> <a>"], id="not_exists"),
    pytest.param(
        "SELECT $this ?value { { FILTER($this = x:a) } UNION { $this x:q ?value } }",
        ["<a> <a>", "<b> <c>"],
        id="computes_inside_union",
    ),
    pytest.param("SELECT $this { OPTIONAL { $this x:q ?o } FILTER(!bound(?o)) }", ["<a> <a>"], id="optional"),
    pytest.param("SELECT $this { BIND($this AS ?that) FILTER(?that = x:b) }", ["<b> <b>"], id="bind"),
    pytest.param(
        "SELECT $this (COUNT(?v) AS ?n) { $this x:p ?v } GROUP BY $this HAVING (COUNT(?v) > 1)",
        ["<a> <a>"],
        id="counts_by_focus",
    ),
    pytest.param(
        "SELECT $this { { SELECT $this (MAX(?v) AS ?m) { $this x:p ?v } GROUP BY $this } FILTER(?m = 2) }",
        ["<a> <a>", "<b> <b>"],
        id="query_inside",
    ),
    pytest.param("SELECT $this ?path ?value { $this ?path ?value FILTER(?value = x:c) }", ["<b> <c>"], id="path"),
]
DELEGATED = [
    pytest.param("SELECT $this ?value { $this x:p ?value } ORDER BY ?value LIMIT 1", id="limit"),
    pytest.param("SELECT $this ?value { { SELECT $this ?value { $this x:p ?value } LIMIT 1 } }", id="limit_inside"),
]
REFUSED = [
    pytest.param("SELECT $this { $this y:p ?v }", "unknown prefix", id="prefix"),
    pytest.param("SELECT $this { $this x:p }", "does not parse", id="syntax"),
    pytest.param("SELECT $this { $this x:p ?v MINUS { ?v x:p 1 } }", "MINUS", id="minus"),
    pytest.param("SELECT $this { VALUES ?v { 1 } $this x:p ?v }", "VALUES", id="values"),
    pytest.param("SELECT $this { SERVICE <http://localhost/> { $this x:p ?v } }", "SERVICE", id="service"),
    pytest.param("SELECT $this FROM <file:///etc/passwd> { $this x:p ?v }", "FROM", id="from"),
    pytest.param("SELECT (1 AS ?this) { }", "rename", id="rebound"),
    pytest.param("SELECT $this { { SELECT ?v { ?s x:p ?v } } }", "does not select", id="query_inside_without_this"),
    pytest.param("SELECT $this { $this $PATH ?v }", "PATH", id="path_of_a_node_shape"),
    pytest.param("SELECT $this { " + "{" * 200 + "}" * 200 + " }", "nested", id="hostile"),
]


@pytest.mark.parametrize(("select", "wanted"), COMPILED)
def test_a_query_runs_once_for_all_focus_nodes(select: str, wanted: list[str], tmp_path: Path) -> None:
    found = run(tmp_path, DATA, shape(select))
    assert not found.delegated
    assert [row.replace("^^<http://www.w3.org/2001/XMLSchema#integer>", "") for row in short(found)] == wanted
    assert keys(found) == keys(run(tmp_path, DATA, shape(select), engine="pyshacl"))


@pytest.mark.parametrize("select", DELEGATED)
def test_a_query_that_cuts_across_focus_nodes_goes_to_the_reference(select: str, tmp_path: Path) -> None:
    found = run(tmp_path, DATA, shape(select))
    assert [str(node) for node in found.delegated] == ["<urn:x:s>"]
    assert len(found.results) >= 1


@pytest.mark.parametrize(("select", "problem"), REFUSED)
def test_what_a_constraint_may_not_say_is_refused(select: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=problem) as error:
        shapes_of(tmp_path, shape(select))
    assert "shapes.ttl" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_message_has_the_values_of_the_solution(tmp_path: Path) -> None:
    (result,) = run(tmp_path, DATA, shape("SELECT $this ?value { $this x:p ?value FILTER(?value = 1) }")).results
    assert result.message == "1 of urn:x:a, {?none}"


def test_a_failure_that_a_query_reports_ends_the_validation(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="failure"):
        run(tmp_path, DATA, shape("SELECT $this (true AS ?failure) { }"))


COMPONENT = f"""{DECLARE} :Component a sh:ConstraintComponent ; sh:parameter [ sh:path :least ] ,
        [ sh:path :most ; sh:optional true ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:prefixes :o ; sh:message "Not {{$least}}." ;
        sh:ask "ASK {{ FILTER(?value >= $least && (!bound($most) || ?value <= $most)) }}" ] .
    :s a sh:NodeShape ; sh:targetClass :Thing ; sh:property [ sh:path :p ; :least 2 ] ."""


def test_a_component_of_the_shapes_graph_asks_about_each_value(tmp_path: Path) -> None:
    found = run(tmp_path, DATA, COMPONENT)
    assert [(str(r.focus), r.component, r.message) for r in found.results] == [
        ("<urn:x:a>", "urn:x:Component", "Not 2.")
    ]
    assert not found.delegated


def test_a_component_may_select(tmp_path: Path) -> None:
    shapes = f"""{DECLARE} :Component a sh:ConstraintComponent ; sh:parameter [ sh:path :bad ] ;
        sh:propertyValidator [ sh:prefixes :o ;
            sh:select "SELECT $this ?value {{ $this $PATH ?value FILTER(?value = $bad) }}" ] .
        :s a sh:NodeShape ; sh:targetClass :Thing ; sh:property [ sh:path :p ; :bad 1 , 2 ] ."""
    assert len(run(tmp_path, DATA, shapes).results) == 3


def test_a_query_stands_inside_a_shape_inside(tmp_path: Path) -> None:
    inner = 'sh:select "SELECT $this { $this x:p ?v FILTER(?v = 1) }"'
    shapes = (
        f"""{DECLARE} :s a sh:NodeShape ; sh:targetClass :Thing ; sh:not [ sh:sparql [ sh:prefixes :o ; {inner} ] ] ."""
    )
    found = run(tmp_path, DATA, shapes)
    assert short(found) == ["<b> <b>"]
    assert not found.delegated


def test_prefixes_come_from_what_is_imported_in_the_same_graph(tmp_path: Path) -> None:
    shapes = shape("SELECT $this { FILTER NOT EXISTS { $this x:q ?any } }").replace(
        "sh:prefixes :o", "sh:prefixes :top"
    )
    assert len(run(tmp_path, DATA, f"{shapes} :top owl:imports :o , <https://nowhere.invalid/> .").results) == 1
