from __future__ import annotations

import time
from contextlib import suppress
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from jobgraph.errors import RefusedError
from jobgraph.store import screen_query

WORDS = ["SERVICE", "service", "SeRvIcE", "LOAD", "load", "Load"]
CALLS = {
    "service": "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
    "no_spaces": "SELECT*{SERVICE<http://x/>{}}",
    "silent": "SELECT * { SERVICESILENT<http://x/>{} }",
    "variable": "SELECT * { SERVICE?x{} }",
    "comment_between": "SELECT * { SERVICE#a\n<http://x/> {} }",
    "after_a_comment": "SELECT * { #a\rSERVICE <http://x/> {} }",
    "prefixed_name": "PREFIX : <http://x/> SELECT * { SERVICE:x { } }",
    "prefixed_name_silent": "PREFIX : <http://x/> SELECT * { SERVICESILENT:x { } }",
    "after_true": "SELECT * { ?s ?p trueSERVICE<http://x/>{} }",
    "after_a_number": "SELECT * { ?s ?p 1.5e3SERVICE<http://x/>{} }",
    "after_a_name_with_dots": "PREFIX a: <x:> SELECT * { ?s ?p a:b.c.SERVICE<http://x/>{} }",
    "after_a_prefix_and_a_dot": "PREFIX a: <x:> SELECT * { ?s ?p a:.SERVICE ?x {} }",
    "after_a_text_in_quotes_of_quotes": 'SELECT * { VALUES ?x {"""a"} SERVICE <http://x/> {} }',
    "hidden_by_less_than_and_comment": 'SELECT * { FILTER(?a<1)#>"""\nSERVICE <http://x/> {} #"""\n}',
    "hidden_by_less_than_and_quote": "SELECT * { FILTER(?a<'x')SERVICE <http://x/> {} FILTER(?a>'x') }",
    "iri_with_a_quote": "SELECT * { SERVICE<http://x/a'b>{} }",
    "load": "LOAD <http://x/>",
    "load_prefixed_name": "PREFIX : <http://x/> LOAD:x",
    "load_silent_prefixed_name": "PREFIX : <http://x/> LOADSILENT:x",
    "load_second": "CLEAR ALL; LOAD:x",
    "escaped": r"SELECT * { \u0053ERVICE <http://x/> {} }",
    "escaped_long": r"SELECT * { \U00000053ERVICE <http://x/> {} }",
    "escaped_quote": r'SELECT * { ?s ?p "a\u0022 "SERVICE<http://x/>{} " }',
    "long_s": "SELECT * { \u017fERVICE <http://x/> {} }",
}
HARMLESS = {
    "text": 'SELECT * { ?s ?p "SERVICE <http://x/> {}" }',
    "text_with_an_escaped_quote": r'SELECT * { ?s ?p "a\" SERVICE <http://x/> {}" }',
    "long_text": 'SELECT * { ?s ?p """a" "" \\""" SERVICE <x> {} """ }',
    "long_text_single": "SELECT * { ?s ?p '''it's '' \nLOAD <x>''' }",
    "language": 'SELECT * { ?s ?p "a"@load }',
    "iri": "SELECT * { <http://x/SERVICE#service> ?p ?o }",
    "comment": "SELECT * { # SERVICE <http://x/> {\n ?s ?p ?o }",
    "variable": "SELECT * { ?service $load ?o }",
    "blank_node": "SELECT * { _:service ?p _:load.load }",
    "name": "PREFIX service: <x:> SELECT * { service:load ?p service:a.load . ?s service:service ?o }",
    "graph": "PREFIX service: <x:> SELECT * { GRAPH service:g { ?s ?p ?o } }",
    "name_with_escapes": r"PREFIX a: <x:> SELECT * { a:it\'s\#SERVICE ?p a:%20load }",
    "hash_namespace": "PREFIX a: <urn:x#> BASE <urn:it's#> SELECT * { a:service ?p ?o }",
    "comparison": "SELECT * { ?s ?p ?o FILTER(?o < 3 && ?p > 2 || ?o<=1) }",
    "path": "PREFIX a: <http://x/> SELECT * { ?s a:p/^a:q*|!(a:r|^a:s)+ ?o }",
    "empty": "",
}
TERMS = st.sampled_from([
    "<http://e/a>", "<urn:a#b>", "<urn:a'b>", "ex:a", "ex:a.b.", "ex:", ":b", "_:b.c.", "?o", "true", "1", "1.5e3",
    '"', "'", '"""', "'''", "#", "#>", "<1)#>", "\\", '\\"', r"\u0022", r"\u003E", "@en", "^^", ".", ";", ",", "\n",
    "\r", " ", "[]", "{", "}", "OPTIONAL{", "UNION", "GRAPH", "?s ?p ?o", "FILTER(?o<1)", "FILTER(?o<'x')",
    "FILTER(?o>'x')", "BIND('", "' AS ?z)", 'VALUES ?q {"""a"}', "SERVICE", "SERVICE:x{}", "service", "SILENT",
    "<http://127.0.0.1:9/>", "{}",
])  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in CALLS.items()])
def test_call_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"is not allowed|in two ways"):
        screen_query(text)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HARMLESS.items()])
def test_harmless_text_passes(text: str) -> None:
    screen_query(text)


@given(data=st.data())
def test_word_in_any_spelling_is_refused(data: st.DataObject) -> None:
    letters = [
        data.draw(st.sampled_from([letter, letter.lower(), f"\\u{ord(letter):04x}", f"\\U{ord(letter):08X}"]))
        for letter in data.draw(st.sampled_from(["SERVICE", "LOAD"]))
    ]
    space = data.draw(st.sampled_from(["", " ", "\n", "\t", "#x\n"]))
    with pytest.raises(RefusedError):
        screen_query(f"SELECT * {{ ?s ?p ?o . {''.join(letters)}{space}<http://x/> {{}} }}")


@given(
    word=st.sampled_from(WORDS),
    place=st.sampled_from([
        '"{}"', "'{}'", '"""a\n"{}"b"""', "<http://x/{}>", "<http://x/#{}>", "# {} <http://x/> {{\n", "?{}", "${}",
        "a:{}", "a:{}.b", "{}:a", "a:x-{}", "_:{}", '"a"@{}', "a:b_{}", "a:{}1",
    ]),
    before=st.sampled_from(["", "a:b ", '"x" , ', "<http://y/#z> "]),
)  # fmt: skip
def test_word_inside_of_a_term_passes(word: str, place: str, before: str) -> None:
    screen_query(f"SELECT * {{ ?s ?p {before}{place.format(word)} . }}")


@given(st.lists(TERMS, max_size=14))
def test_text_that_passes_never_calls_out(terms: list[str]) -> None:
    text = "PREFIX ex: <http://e/> PREFIX : <http://127.0.0.1:9/> SELECT * {" + "".join(terms) + "}"
    with suppress(RefusedError):
        screen_query(text)
        node, store = NamedNode("http://e/a"), Store()
        store.add(Quad(node, node, Literal("1")))
        with suppress(SyntaxError):
            list(cast("QuerySolutions", store.query(text)))  # the engine refuses port 9 with an OSError of its own


@pytest.mark.parametrize(("opening", "closing"), ["{}", "()", "[]", ("<< ", " >>"), ("{OPTIONAL", "}")])
def test_nesting_is_limited(opening: str, closing: str) -> None:
    screen_query(opening * 100 + closing * 100)
    with pytest.raises(RefusedError, match="more than 100 deep"):
        screen_query(opening * 101 + closing * 101)


@pytest.mark.parametrize(
    "step",
    [
        "+1", "-1", "*1", "/<http://x/>", "|<http://x/>", "!", "||true", "&&true", "=1", "<1 ", ">1", " UNION {}",
        "OPTIONAL{}", "FILTER(1)", "BIND(1 AS ?x)", "{} ", "?s ?p ?o .", "?p ?o ;", "?o, ", "MINUS{}", "GRAPH ?g {}",
        "VALUES ?x {1}", "[] ", "LATERAL{}", "NOT EXISTS{}",
    ],
)  # fmt: skip
def test_operators_are_limited(step: str) -> None:
    screen_query("SELECT * {" + step * 300 + "}")
    with pytest.raises(RefusedError, match="more than 2000 operators"):
        screen_query("SELECT * {" + step * 2001 + "}")


def test_items_of_a_list_are_limited() -> None:
    with pytest.raises(RefusedError, match="more than 2000 operators"):
        screen_query("SELECT * { ?s ?p (" + "1 " * 2100 + ") }")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "INSERT DATA { GRAPH <urn:g> { " + "<urn:a> <urn:p> 1 ; <urn:q> 2, 3 . " * 9000 + "} }", id="data"
        ),
        pytest.param("SELECT * { VALUES ?x { " + "-1.5 <http://x/> " * 9000 + "} }", id="values"),
        pytest.param("SELECT * { VALUES (?x ?y) { " + "(1 UNDEF) " * 9000 + "} ?s ?p ?o . }", id="values_of_two"),
        pytest.param("SELECT * { FILTER(?x IN (" + "1.5, " * 9000 + "1)) }", id="in"),
        pytest.param("SELECT * { ?s ?p ?o } # " + "+ " * 9000, id="comment"),
        pytest.param("SELECT * { ?s ?p '" + "+ {" * 9000 + "' }", id="text"),
    ],
)
def test_much_data_is_no_operator(text: str) -> None:
    screen_query(text)


def test_operators_after_values_count_again() -> None:
    with pytest.raises(RefusedError, match="more than 2000 operators"):
        screen_query("SELECT * { VALUES ?x { 1 } BIND(1" + "+1" * 2000 + " AS ?y) }")


def test_size_is_limited_in_bytes() -> None:
    screen_query("#" + "a" * 999_999)
    with pytest.raises(RefusedError, match="1000001 bytes"):
        screen_query("#" + "é" * 500_000)


@pytest.mark.parametrize(
    "piece", ["a.", "a-", '"""\\"', "'''", '"a', "<a", "<#", "@a-", "a:", "%41", "<<", "\\u0041", "((", "x", "?", "\n"]
)
def test_time_grows_with_the_text_only(piece: str) -> None:
    start = time.perf_counter()
    with suppress(RefusedError):
        screen_query(piece * (900_000 // len(piece)))
    assert time.perf_counter() - start < 10  # quadratic time would be minutes
