"""Triples as lines of text: each is one line, another triple is another line, and the lines give the triples back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store, Triple

from jobgraph.lines import line_of, lines_found, parse_lines, parse_tsv, quad_of, tsv_found, tsv_of

_GRAPH, _OTHER = NamedNode("https://example.org/graph"), NamedNode("https://example.org/other")
_TYPES = ["string", "integer", "decimal", "double", "float", "boolean", "date", "dateTime", "duration"]
_iris = st.sampled_from([NamedNode(f"https://example.org/{name}") for name in ("a", "b", "%20", "\u00fc", "'(x)")])
_ODD = ["\\", '"', "1", "01", "-0", "1.0", ".5", "1e5", "NaN", "true", "2026-02-30"]
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    [*_ODD, "\t", "\r\n", "\x0b", "\x85", "\u2028"]
)
_literals = (
    st.builds(Literal, _texts)
    | st.builds(lambda text, tag: Literal(text, language=tag), _texts, st.sampled_from(["en", "de-AT"]))
    | st.builds(
        lambda text, name: Literal(text, datatype=NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}")),
        _texts,
        st.sampled_from(_TYPES),
    )
)
_triples = st.sets(st.builds(Triple, _iris, _iris, _iris | _literals), max_size=8)


@given(_triples, _triples)
def test_lines_of_a_graph_give_its_triples_back(triples: set[Triple], others: set[Triple]) -> None:
    """A store writes some literals in another form, so that is what counts."""
    store = Store()
    store.extend(quad_of(triple, _GRAPH) for triple in triples)
    stored = {quad.triple for quad in store}
    store.extend(quad_of(triple, _OTHER) for triple in others)
    tsv = tsv_found(store, "{ ?s ?p ?o }", _GRAPH)
    lines = lines_found(store, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", _GRAPH)
    assert len(tsv) == len(lines) == len(stored)
    assert set(parse_tsv(tsv)) == set(parse_lines(lines)) == stored


@pytest.mark.parametrize("text", ["a", "%20", "\u00fc"])
def test_line_of_one_triple_is_that_of_the_store(text: str) -> None:
    node = NamedNode(f"https://example.org/{text}")
    triple = Triple(node, NamedNode("https://example.org/p"), node)
    store = Store()
    store.add(quad_of(triple, _GRAPH))
    assert tsv_found(store, "{ ?s ?p ?o }", _GRAPH) == {tsv_of(triple)}
    assert lines_found(store, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", _GRAPH) == {line_of(triple)}
