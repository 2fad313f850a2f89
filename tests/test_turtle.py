"""Canonical Turtle: one form, the same graph, errors with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    RdfFormat,
    Triple,
    parse,
)

from jobgraph.errors import InputError, StorageError, TurtleError
from jobgraph.turtle import format_files, format_turtle, read_turtle

Term = TypeVar("Term", NamedNode | BlankNode | Triple, NamedNode | BlankNode | Literal | Triple)

PATH = Path("example.ttl")
EX = "https://example.org/"
PREFIXES = """\
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
PUMP = """\
ex:Pump
    a owl:Class ;
    rdfs:label "pump"@en ;
    skos:definition "Machine that moves a fluid by mechanical action."@en ;
    rdfs:isDefinedBy <https://example.org/ontology/equipment> ;
    rdfs:subClassOf ex:Equipment ;
    .
"""


def canonical(body: str) -> str:
    """The canonical form of a text under the prefixes above, without the prefix lines."""
    text = format_turtle(PREFIXES + body, path=PATH)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("@prefix")).lstrip("\n")


def statement(objects: str) -> str:
    """The canonical lines of one statement with these objects."""
    lines = canonical(f"ex:s ex:p {objects} .").splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines[1:-1])


def canonical_graph(text: str) -> set[str]:
    """The graph of a Turtle text, with canonical names for its blank nodes."""
    dataset = Dataset(parse(text, RdfFormat.TURTLE))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def test_term_has_the_form_of_the_style_page() -> None:
    shuffled = (
        "ex:Pump rdfs:subClassOf ex:Equipment ; rdfs:isDefinedBy <https://example.org/ontology/equipment> .\n"
        'ex:Pump skos:definition "Machine that moves a fluid by mechanical action."@en .\n'
        'ex:Pump rdfs:label "pump"@en ; a owl:Class .'
    )
    assert canonical(shuffled) == PUMP


def test_ontology_header_stands_before_terms_in_iri_order() -> None:
    text = canonical("ex:c a owl:Class . ex:a a owl:Class . ex:z a owl:Ontology .")
    assert [line for line in text.splitlines() if line.startswith("ex:")] == ["ex:z", "ex:a", "ex:c"]


def test_nameless_block_comes_last() -> None:
    text = canonical("[] a owl:AllDisjointClasses ; owl:members ( ex:a ex:b ) . ex:z a owl:Class .")
    assert text.endswith("\n\n[]\n    a owl:AllDisjointClasses ;\n    owl:members ( ex:a ex:b ) ;\n    .\n")


def test_added_term_changes_only_its_own_lines() -> None:
    before = canonical("ex:a a owl:Class . ex:c a owl:Class .")
    after = canonical("ex:a a owl:Class . ex:c a owl:Class . ex:b a owl:Class .")
    assert after.replace("ex:b\n    a owl:Class ;\n    .\n\n", "") == before


def test_prefixes_are_sorted_and_all_used() -> None:
    text = format_turtle("@prefix z: <z:> . @prefix unused: <u:> . @prefix a: <a:> . z:s a:p z:o .", path=PATH)
    assert text == "@prefix a: <a:> .\n@prefix z: <z:> .\n\nz:s\n    a:p z:o ;\n    .\n"


def test_longest_namespace_names_a_term() -> None:
    text = format_turtle("@prefix a: <x:> . @prefix b: <x:y/> . <x:y/z> a:p b:q .", path=PATH)
    assert "b:z\n    a:p b:q ;" in text


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        pytest.param("ex:a.b-c_1", "ex:a.b-c_1", id="plain"),
        pytest.param("ex:1", "ex:1", id="digit"),
        pytest.param("<https://example.org/a/b>", "<https://example.org/a/b>", id="slash"),
        pytest.param("<https://example.org/a.>", "<https://example.org/a.>", id="final_dot"),
        pytest.param("<https://example.org/>", "<https://example.org/>", id="namespace"),
        pytest.param("<https://example.org/é>", "<https://example.org/é>", id="accent"),
    ],
)
def test_iri_is_shortened_where_that_needs_no_escape(iri: str, written: str) -> None:
    assert statement(iri) == f"ex:p {written} ;"


@pytest.mark.parametrize(
    ("literal", "written"),
    [
        pytest.param('"1"^^xsd:integer', "1", id="integer"),
        pytest.param("-01", "-01", id="integer_lexical_form"),
        pytest.param('" 1"^^xsd:integer', '" 1"^^xsd:integer', id="integer_with_blank"),
        pytest.param("1.50", "1.50", id="decimal"),
        pytest.param('"1"^^xsd:decimal', '"1"^^xsd:decimal', id="decimal_without_dot"),
        pytest.param("1e3", "1e3", id="double"),
        pytest.param('"INF"^^xsd:double', '"INF"^^xsd:double', id="double_infinite"),
        pytest.param("true", "true", id="boolean"),
        pytest.param('"1"^^xsd:boolean', '"1"^^xsd:boolean', id="boolean_digit"),
        pytest.param('"x"^^xsd:string', '"x"', id="string"),
        pytest.param('"x"@en', '"x"@en', id="language"),
        pytest.param('"x"@ar--rtl', '"x"@ar--rtl', id="direction"),
        pytest.param('"2024-01-01"^^xsd:date', '"2024-01-01"^^xsd:date', id="date"),
        pytest.param(r'"say \"a\\b\""', r'"say \"a\\b\""', id="quotes"),
        pytest.param(r'"a\tb\rc\u0001"', r'"a\tb\rc\u0001"', id="controls"),
        pytest.param(r'"a\nb"', '"""a\nb"""', id="line_break"),
        pytest.param(r'"a\n\""', '"""a\n\\""""', id="line_break_and_final_quote"),
        pytest.param(r'"\"\"\"\"\n."', '"""\\"\\"\\""\n."""', id="line_break_and_quotes"),
    ],
)
def test_literal_keeps_its_lexical_form(literal: str, written: str) -> None:
    assert statement(literal) == f"ex:p {written} ;"


def test_long_text_stays_on_one_line() -> None:
    text = f'"{"word " * 100}"@en'
    assert statement(text) == f"ex:p {text} ;"


@pytest.mark.parametrize(
    ("objects", "written"),
    [
        pytest.param("ex:b, ex:a, ex:b", "ex:p\n    ex:a ,\n    ex:b ;", id="several"),
        pytest.param("(), 1, ex:a", "ex:p\n    ex:a ,\n    1 ,\n    () ;", id="kinds"),
        pytest.param("[]", "ex:p [] ;", id="empty_node"),
        pytest.param("[ ex:q 1 ]", "ex:p [ ex:q 1 ] ;", id="short_node"),
        pytest.param("[ ex:r 2 ; ex:q 1 ]", "ex:p [\n    ex:q 1 ;\n    ex:r 2 ;\n] ;", id="node"),
        pytest.param("[ ex:q 2 ], [ ex:q 1 ]", "ex:p\n    [ ex:q 1 ] ,\n    [ ex:q 2 ] ;", id="nodes_by_content"),
        pytest.param("( 2 1 2 )", "ex:p ( 2 1 2 ) ;", id="short_list"),
        pytest.param(
            "( [ ex:q 1, 2 ] )", "ex:p (\n    [\n        ex:q\n            1 ,\n            2 ;\n    ]\n) ;", id="list"
        ),
        pytest.param("( ( 1 ) () )", "ex:p ( ( 1 ) () ) ;", id="list_of_lists"),
        pytest.param(
            "[ ex:first 1 ; ex:rest [ ex:rest () ] ]",
            "ex:p [\n    ex:first 1 ;\n    ex:rest [ ex:rest () ] ;\n] ;",
            id="not_a_list",
        ),
    ],
)
def test_objects_are_laid_out_by_kind(objects: str, written: str) -> None:
    assert statement(objects) == written


def test_long_list_has_one_item_a_line() -> None:
    items = [f"ex:item{number}" for number in range(100, 130)]
    assert statement(f"( {' '.join(items)} )") == "ex:p (\n    " + "\n    ".join(items) + "\n) ;"


def test_list_of_ten_thousand_items_is_kept() -> None:
    text = f"<s:> <p:> ( {'1 ' * 10_000} ) ."
    assert format_turtle(text, path=PATH).count("    1\n") == 10_000


def test_broken_list_is_written_as_statements() -> None:
    text = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . <s:> <p:> [ rdf:first 1, 2 ; rdf:rest () ] ."
    assert "rdf:rest () ;" in format_turtle(text, path=PATH)


def test_bare_list_is_written_as_statements() -> None:
    text = "(1 2) <p:> 3 ."
    assert canonical_graph(format_turtle(text, path=PATH)) == canonical_graph(text)


def test_empty_text_stays_empty() -> None:
    assert format_turtle("# nothing said\n", path=PATH) == ""


def test_byte_order_mark_goes() -> None:
    assert format_turtle("\ufeff<s:> <p:> 1 .", path=PATH) == "<s:>\n    <p:> 1 ;\n    .\n"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        pytest.param("<s:> <p:> 1 .\n<s:> x:p 1 .", 2, "prefix x:", id="syntax"),
        pytest.param("<s:> <p:> 1 .\n<s:> <p:>\n", 3, "Unexpected end", id="unfinished"),
        pytest.param("<s:> <p:> 1 .\n<s> <p:> 1 .", 2, "absolute IRI", id="relative_iri"),
        pytest.param("<s:> <p:> 1 .\n<s:> <p:> _:b .\n<t:> <p:> _:b .", 2, "referred to 2 times", id="shared"),
        pytest.param("<s:> <p:> 1 .\n_:b <p:> [ <p:> _:b ] .", 2, "leads back to itself", id="circle"),
        pytest.param(f"\n\n<s:> <p:> {'[ <p:> ' * 60} 1 {']' * 60} .", 3, "50 levels", id="deep"),
        pytest.param("\n<s:> <p:> <<( <s:> <p:> 1 )>> .", 2, "statement about a statement", id="triple_term"),
    ],
)
def test_text_that_cannot_be_formatted_is_an_error_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(TurtleError, match=problem) as caught:
        format_turtle(text, path=PATH)
    assert (caught.value.path, caught.value.line) == (PATH, line)


def test_reading_gives_the_triples_in_file_order(tmp_path: Path) -> None:
    path = tmp_path / "two.ttl"
    path.write_text('<s:> <p:> "b" , "a" .')
    subject, predicate = NamedNode("s:"), NamedNode("p:")
    assert read_turtle(path) == [Triple(subject, predicate, Literal(value)) for value in "ba"]


def test_blank_nodes_of_two_readings_differ(tmp_path: Path) -> None:
    path = tmp_path / "blank.ttl"
    path.write_text("<s:> <p:> _:b .")
    assert read_turtle(path) != read_turtle(path)


def test_reading_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.ttl cannot be read: No such file"):
        read_turtle(tmp_path / "absent.ttl")


def test_byte_that_is_not_utf_8_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.ttl"
    path.write_bytes(b'<s:> <p:> 1 .\n<s:> <p:> "\xe9" .')
    with pytest.raises(TurtleError, match="line 2: A byte is not UTF-8"):
        read_turtle(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a canonical file, one that is not, a deeper one that is not, and one of another kind."""
    (tmp_path / "codes").mkdir()
    (tmp_path / "good.ttl").write_text("<s:>\n    <p:> 1 ;\n    .\n")
    (tmp_path / "loose.ttl").write_text("<s:> <p:> 1 .")
    (tmp_path / "codes" / "deep.ttl").write_text("<s:> <p:> 1 .")
    (tmp_path / "notes.txt").write_text("<s:> <p:> 1 .")
    return tmp_path


def test_check_names_files_and_changes_none(folder: Path) -> None:
    loose = [folder / "codes" / "deep.ttl", folder / "loose.ttl"]
    assert format_files([folder], check=True) == loose
    assert format_files([folder], check=True) == loose


def test_formatting_changes_files_once(folder: Path) -> None:
    assert format_files([folder / "loose.ttl"], check=False) == [folder / "loose.ttl"]
    assert (folder / "loose.ttl").read_text() == (folder / "good.ttl").read_text()
    assert format_files([folder / "loose.ttl"], check=False) == []


def test_file_that_cannot_be_written_is_unchanged(folder: Path) -> None:
    (folder / "loose.ttl.new").mkdir()
    with pytest.raises(StorageError, match=r"loose\.ttl cannot be written"):
        format_files([folder / "loose.ttl"], check=False)
    assert (folder / "loose.ttl").read_text() == "<s:> <p:> 1 ."


IRIS = st.sampled_from([NamedNode(EX + name) for name in ("a", "b", "c", "a/b")])
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREDICATES = IRIS | st.sampled_from([NamedNode(RDF + name) for name in ("type", "first", "rest")])
BLANK_NODES = st.sampled_from([BlankNode(name) for name in "uvwxyz"])
LITERALS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n'), max_size=8).map(Literal),
    st.text("01.eE+-", min_size=1, max_size=4).map(
        lambda text: Literal(text, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))
    ),
    st.sampled_from([Literal("x", language="en"), Literal(1.5), Literal(7), Literal(True)]),
)
OBJECTS = IRIS | BLANK_NODES | LITERALS | st.just(NamedNode(RDF + "nil"))
GRAPHS = st.lists(st.builds(Triple, IRIS | BLANK_NODES, PREDICATES, OBJECTS), max_size=12)


def tree_part(triples: list[Triple]) -> list[Triple]:
    """The triples that keep every blank node under one referrer that sorts before it."""
    referrers: dict[object, object] = {}
    return [
        triple
        for triple in triples
        if not isinstance(triple.object, BlankNode)
        or (str(triple.subject) < str(triple.object) and referrers.setdefault(triple.object, triple) == triple)
    ]


def to_turtle(triples: list[Triple]) -> str:
    return PREFIXES + "".join(f"{triple} .\n" for triple in triples)


def relabelled(term: Term) -> Term:
    """The term; a blank node under a label that sorts the other way."""
    return BlankNode(chr(0xEF - ord(term.value))) if isinstance(term, BlankNode) else term


@given(GRAPHS.map(tree_part).map(to_turtle))
def test_formatted_tree_is_the_same_graph_and_final(text: str) -> None:
    formatted = format_turtle(text, path=PATH)
    assert canonical_graph(formatted) == canonical_graph(text)
    assert format_turtle(formatted, path=PATH) == formatted


@given(GRAPHS)
def test_any_graph_is_kept_or_refused(triples: list[Triple]) -> None:
    text = to_turtle(triples)
    try:
        kept_or_refused = canonical_graph(format_turtle(text, path=PATH)) == canonical_graph(text)
    except TurtleError as error:
        kept_or_refused = "blank node" in error.problem
    assert kept_or_refused


@given(GRAPHS.map(tree_part).flatmap(lambda triples: st.tuples(st.just(triples), st.permutations(triples))))
def test_order_and_blank_node_labels_never_matter(orders: tuple[list[Triple], list[Triple]]) -> None:
    first, second = orders
    other = [Triple(relabelled(triple.subject), triple.predicate, relabelled(triple.object)) for triple in second]
    assert format_turtle(to_turtle(first), path=PATH) == format_turtle(to_turtle(other), path=PATH)
