from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib.term import Node
from tests.store.content import NAMES, parsed_by_rdflib, store_in_memory

from jobgraph.errors import UsageError
from jobgraph.store import FORMATS, dump
from jobgraph.vocabulary import RDF

DATASETS = ["trig", "nquads", "jsonld"]
TRIPLES = ["turtle", "ntriples", "rdfxml"]
# Texts that XML can hold; a carriage return is among those that it cannot.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)


def dumped(store: Store, name: str, *graphs: str) -> bytes:
    output = io.BytesIO()
    dump(store, output, name, NAMES, graphs=graphs)
    return output.getvalue()


def read_by_rdflib(data: bytes, name: str) -> set[tuple[str, ...]]:
    quads = cast("Iterator[tuple[Node, Node, Node, object]]", parsed_by_rdflib(data, name).quads())
    return {(s.n3(), p.n3(), o.n3(), str(g) if g and name in DATASETS else "") for s, p, o, g in quads}


def expected(store: Store, *, with_graphs: bool) -> set[tuple[str, ...]]:
    lines = {(str(q.subject), str(q.predicate), as_rdflib_says(q), getattr(q.graph_name, "value", "")) for q in store}
    return {line if with_graphs else (*line[:3], "") for line in lines if with_graphs or line[3] in NAMES.merged}


def as_rdflib_says(quad: Quad) -> str:
    return cast("Node", rdflib.util.from_n3(str(quad.object))).n3()


@pytest.mark.parametrize("name", [*DATASETS, *TRIPLES])
def test_dump_is_read_by_another_library(store: Store, name: str) -> None:
    assert read_by_rdflib(dumped(store, name), name) == expected(store, with_graphs=name in DATASETS)


@pytest.mark.parametrize("name", [*DATASETS, *TRIPLES])
def test_chosen_graphs_alone_are_dumped(store: Store, name: str) -> None:
    read = read_by_rdflib(dumped(store, name, NAMES.inferred, NAMES.metadata), name)
    assert {subject for subject, *_ in read} == {"<ex:job>", "<ex:run>"}


@pytest.mark.parametrize("name", [*DATASETS, *TRIPLES])
def test_empty_store_is_dumped(name: str) -> None:
    assert read_by_rdflib(dumped(Store(), name), name) == set()


@pytest.mark.parametrize("name", ["turtle", "trig"])
def test_dump_has_our_prefixes(name: str) -> None:
    store = store_in_memory("<ex:a> <https://w3id.org/jobgraph/dependsOn> <ex:b> {asserted} .")
    assert b"jg:dependsOn" in dumped(store, name)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_format_is_known_by_short_name_and_media_type(store: Store, name: str) -> None:
    assert dumped(store, name) == dumped(store, FORMATS[name].media_type.upper())


def test_unknown_format_is_answered_with_those_there_are(store: Store) -> None:
    with pytest.raises(UsageError, match="no format 'pdf'; choose one of turtle, ttl, text/turtle"):
        dumped(store, "pdf")


@pytest.mark.parametrize(
    "predicate", ["http://x/1", "http://x/", "http://x/a%20", "urn:1", "http://x/a/1-b/", "http://x/a²", f"{RDF}li"]
)
def test_rdf_xml_refuses_a_property_that_is_no_xml_name(predicate: str) -> None:
    store = store_in_memory(f"<ex:a> <{predicate}> <ex:b> {{asserted}} .")
    with pytest.raises(UsageError, match="cannot say a property"):
        dumped(store, "rdfxml")


@pytest.mark.parametrize("class_", ["http://x/1", "http://x/a²", f"{RDF}Description"])
def test_rdf_xml_refuses_a_class_that_is_no_xml_name(class_: str) -> None:
    store = store_in_memory(f"<ex:a> <{RDF}type> <{class_}> {{asserted}} .")
    with pytest.raises(UsageError, match="cannot say a class"):
        dumped(store, "rdfxml")


@pytest.mark.parametrize("character", ["\\u0000", "\\u0001", "\\r", "\\u001F", "\\uFFFE", "\\uFFFF"])
def test_rdf_xml_refuses_a_text_that_xml_cannot_hold(character: str) -> None:
    store = store_in_memory(f'<ex:a> <ex:b> "a{character}" {{asserted}} .')
    with pytest.raises(UsageError, match="control character"):
        dumped(store, "rdfxml")


@given(texts=st.lists(TEXTS, max_size=4), name=st.sampled_from([*TRIPLES, *DATASETS]))
def test_any_text_survives_each_format(texts: list[str], name: str) -> None:
    graph, node = NamedNode(NAMES.asserted), NamedNode("http://example.org/a")
    store = Store()
    store.extend(Quad(node, node, Literal(text), graph) for text in texts)
    assert {str(o) for _, _, o, _ in parsed_by_rdflib(dumped(store, name), name).quads()} == set(texts)
