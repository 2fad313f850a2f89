from __future__ import annotations

import pytest

from jobgraph.store.patterns import read_blocks
from jobgraph.vocabulary import RDF, SKOS

TYPE = f"{RDF}type"
ANY = None
HEAD = "PREFIX ex: <urn:x#> PREFIX : <urn:> SELECT DISTINCT ?s (MAX(?o) AS ?m) WHERE"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("?s <urn:p> ?o .", {("urn:p", "")}, id="one"),
        pytest.param("?s <urn:p> ?o ; <urn:q> 1, 'a b'@en .", {("urn:p", ""), ("urn:q", "")}, id="lists"),
        pytest.param("?s <urn:p> ?o ; .", {("urn:p", "")}, id="empty_list"),
        pytest.param("?s a <urn:C> .", {(TYPE, "urn:C")}, id="class"),
        pytest.param("?s a ex:C, <urn:D> .", {(TYPE, "urn:x#C"), (TYPE, "urn:D")}, id="classes"),
        pytest.param(f"?s <{TYPE}> ?class .", {(TYPE, "")}, id="any_class"),
        pytest.param("?s ^(<urn:p>/<urn:q>)+|<urn:r> ?o", {(f"urn:{name}", "") for name in "pqr"}, id="path"),
        pytest.param(
            "?s ex:p/^ex:q.r|:s ?o", {(f"urn:x#{name}", "") for name in ("p", "q.r")} | {("urn:s", "")}, id="names"
        ),
        pytest.param(
            "?s rdf:type skos:Concept.?s ex:p true.", {(TYPE, f"{SKOS}Concept"), ("urn:x#p", "")}, id="our_prefixes"
        ),
        pytest.param("FILTER NOT EXISTS { ?s <urn:p> ?o }", {("urn:p", "")}, id="filter"),
        pytest.param("FILTER(?x > 1 && !(EXISTS { ?s <urn:p> ?o }))", {("urn:p", "")}, id="filter_inside"),
        pytest.param("BIND (EXISTS { ?s <urn:p> ?o } AS ?is)", {("urn:p", "")}, id="bind"),
        pytest.param("FILTER (?x IN (<urn:a>, ex:b) || ?x < <urn:c>)", set(), id="iris_in_a_filter"),
        pytest.param(
            "{ SELECT ?s (SUM(IF(BOUND(?o), 1, 0)) AS ?n) { ?s <urn:p> ?o } GROUP BY ?s } UNION { BIND(1 AS ?x) }",
            {("urn:p", "")},
            id="inner",
        ),
        pytest.param("VALUES ?s { <urn:a> <urn:b> } ?s <urn:p> '} ?s ?p {'", {("urn:p", "")}, id="values"),
        pytest.param(
            '?s <urn:p> \'\'\'a \' } \n "\'\'\'@en-GB, """b "" {"""^^ex:d', {("urn:p", "")}, id="long_strings"
        ),
        pytest.param("?s <urn:p> ?o # }\n . # ?s ?p ?x\n", {("urn:p", "")}, id="comment"),
        pytest.param("GRAPH ?g { ?s ?p ?o } ?s <urn:p> ?o", {("urn:p", "")}, id="other_graph"),
        pytest.param("?s ?p ?o .", ANY, id="any_property"),
        pytest.param("<urn:s> ?p <urn:o> .", ANY, id="any_property_of_one"),
        pytest.param("?s <urn:q> ?x ; ?p ?o .", ANY, id="any_property_in_a_list"),
        pytest.param("?s <urn:p>* ?o", ANY, id="no_steps"),
        pytest.param("?s (<urn:q>/<urn:p>?) ?o", ANY, id="perhaps_a_step"),
    ],
)
def test_patterns_are_read(body: str, found: set[tuple[str, str]] | None) -> None:
    blocks = read_blocks(f"{HEAD} {{ {body} }} LIMIT 1")
    assert blocks is not None
    read = [block.patterns for block in blocks]
    assert (ANY if ANY in read else frozenset().union(*(patterns or () for patterns in read))) == found


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("SELECT * { ?s <urn:p> [ <urn:q> ?o ] }", id="blank_node"),
        pytest.param("SELECT * { _:b <urn:p> ?o }", id="blank_label"),
        pytest.param("SELECT * { ?s <urn:p> (1 2) }", id="collection"),
        pytest.param("SELECT * { ?s !<urn:p> ?o }", id="all_but_one"),
        pytest.param("SELECT * { ?s nobodys:p ?o }", id="prefix_nobody_knows"),
        pytest.param("SELECT * { ?s <p> ?o }", id="relative"),
        pytest.param("BASE <urn:> SELECT * { ?s <urn:p> ?o }", id="base"),
        pytest.param("SELECT * { ?s ex:a\\-b ?o }", id="escape"),
        pytest.param("SELECT * { FILTER(?a<ex:b)?s?p?o.FILTER(?c>3) }", id="less_than_or_iri"),
        pytest.param("SELECT * { VALUES ?s { <#a> } { ?s ?p ?o\n} }", id="comment_or_iri"),
        pytest.param("SELECT * { ?s <urn:p> ?o FILTER(?a<?b&&?c>3) }", id="comparisons_or_iri"),
        pytest.param("SELECT * { << ?s ?p ?o >> <urn:p> ?x }", id="triple_term"),
        pytest.param("SELECT * { ?s <urn:p> -1 }", id="sign"),
        pytest.param("SELECT * { ?s <urn:p> ?o } ORDER BY EXISTS { ?s ?p ?o }", id="pattern_after"),
        pytest.param("SELECT (EXISTS { ?s ?p ?o } AS ?is) { ?s <urn:p> ?o }", id="pattern_before"),
        pytest.param("SELECT * { ?s <urn:p> ?o } VALUES ?s { <urn:s> }", id="values_after"),
        pytest.param("CONSTRUCT WHERE { ?s <urn:p> ?o }", id="construct"),
        pytest.param("DESCRIBE ?s { ?s <urn:p> ?o }", id="describe"),
        pytest.param("INSERT DATA { <urn:s> <urn:p> 1 }", id="update"),
        pytest.param("SELECT * { ?s <urn:p> ?o", id="cut_off"),
        pytest.param("SELECT * { ?s", id="cut_off_at_once"),
        pytest.param("", id="empty"),
        pytest.param(f"SELECT * {{ ?s <urn:p> ?o }} # {'x' * 20_000}", id="long"),
    ],
)
def test_what_is_not_understood_is_not_guessed(query: str) -> None:
    assert read_blocks(query) is None


def test_block_is_all_that_is_said_of_one_subject() -> None:
    query = "ASK { ?s a ex:C ; ex:p 1, 2 ; . # no\n OPTIONAL { ?s ex:q/ex:r ?o } }"
    found = read_blocks(f"PREFIX ex: <urn:> {query}") or ()
    starts = len("PREFIX ex: <urn:> ")
    assert [query[b.start - starts : b.end - starts] for b in found] == ["?s a ex:C ; ex:p 1, 2 ;", "?s ex:q/ex:r ?o"]


@pytest.mark.parametrize(
    ("body", "is_named"),
    [
        ("{0} jg:hasOutcome ?o", False),
        ("?s jg:hasOutcome {0} ; jg:name 12.5", False),
        ("?s {0} ?o", True),
        ("?s a {0}", True),
        ("?s a jg:Job . ?s {0} ?o", True),
        ("VALUES ?s {{ {0} }} ?s jg:name 7 . FILTER (?s = {0} || ?o > 3 )", False),
        ('?s jg:name " {0} 5 " . # {0} \n ?s jg:code 5 .', False),
    ],
)
@pytest.mark.parametrize("entity", ["http://e/job/1f", "http://e/outcome/2a77"])
def test_entity_is_named_where_a_property_or_class_stands(body: str, *, is_named: bool, entity: str) -> None:
    blocks = read_blocks(f"SELECT * {{ {body.format(f'<{entity}>')} }}") or ()
    named = {iri for block in blocks for pattern in block.patterns or () for iri in pattern}
    assert (bool(blocks), entity in named, any(iri.startswith("x:") for iri in named)) == (True, is_named, False)


@pytest.mark.parametrize("name", ["1f", "2a"])
def test_prefix_that_looks_like_an_entity_counts(name: str) -> None:
    blocks = read_blocks(f"PREFIX e: <http://e/job/{name}> SELECT * {{ ?s e:x ?o }}") or ()
    assert [block.patterns for block in blocks] == [frozenset({(f"http://e/job/{name}x", "")})]
