from __future__ import annotations

import io

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from jobgraph.errors import InputError, UsageError
from jobgraph.writing import bodies
from jobgraph.writing.bodies import load_body

GRAPH = NamedNode("https://example.org/g/one")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = f"<rdf:RDF xmlns:rdf='{RDF}' xmlns:e='https://example.org/g/'>{{}}</rdf:RDF>"
STATEMENT = "<rdf:Description rdf:about='a'><e:p rdf:resource=''/></rdf:Description>"
SAME = {
    "turtle": (RdfFormat.TURTLE, "<a> <p> <> ."),
    "n_triples": (RdfFormat.N_TRIPLES, f"<https://example.org/g/a> <https://example.org/g/p> {GRAPH} ."),
    "rdf_xml": (RdfFormat.RDF_XML, XML.format(STATEMENT)),
    "json_ld": (RdfFormat.JSON_LD, '{"@id": "a", "https://example.org/g/p": {"@id": ""}}'),
    "trig": (RdfFormat.TRIG, "{ <a> <p> <> }"),
    "trig_named": (RdfFormat.TRIG, "GRAPH <> { <a> <p> <one> }"),
    "n_quads": (RdfFormat.N_QUADS, f"<https://example.org/g/a> <https://example.org/g/p> {GRAPH} {GRAPH} ."),
}


@pytest.fixture(params=[pytest.param(1 << 20, id="small"), pytest.param(0, id="large")])
def _sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SMALL_BYTES", request.param)


@pytest.mark.usefixtures("_sizes")
@pytest.mark.parametrize("name", SAME)
def test_body_is_loaded_into_the_graph_with_its_iri_as_base(name: str) -> None:
    store = Store()
    format_, text = SAME[name]
    load_body(store, text.encode(), format_, GRAPH, GRAPH.value)
    assert [str(quad) for quad in store] == [f"<https://example.org/g/a> <https://example.org/g/p> {GRAPH} {GRAPH}"]


@pytest.mark.usefixtures("_sizes")
@pytest.mark.parametrize("name", SAME)
def test_body_may_be_a_stream(name: str) -> None:
    store = Store()
    format_, text = SAME[name]
    load_body(store, io.BytesIO(text.encode()), format_, GRAPH, GRAPH.value)
    assert len(store) == 1


@pytest.mark.parametrize("format_", [RdfFormat.TURTLE, RdfFormat.TRIG])
def test_blank_nodes_are_new_ones(format_: RdfFormat) -> None:
    store = Store()
    for _ in range(2):
        load_body(store, b"_:a <ex:p> _:a .", format_, GRAPH, None)
    assert len({quad.subject for quad in store}) == 2


@pytest.mark.parametrize(
    ("format_", "body", "sentence"),
    [
        pytest.param(RdfFormat.TURTLE, b"<ex:a> <ex:p> 1 .\n<ex:a> oops", "at line 2, column 8: oops", id="turtle"),
        pytest.param(RdfFormat.TURTLE, b"<a> <ex:p> 1 .", "at line 1, column 1", id="relative_without_base"),
        pytest.param(RdfFormat.TURTLE, b'<ex:a> <ex:p> "\xff" .', "at line 1, column 16: Invalid UTF-8", id="no_utf8"),
        pytest.param(RdfFormat.N_TRIPLES, b"<ex:a> <ex:p> .", "at line 1", id="n_triples"),
        pytest.param(RdfFormat.N_QUADS, b"\n<ex:a> <ex:p> .", "at line 2", id="n_quads"),
        pytest.param(RdfFormat.JSON_LD, b'{"@id":"ex:a"\n,,', "at line 2, column 2", id="json_ld"),
        pytest.param(RdfFormat.RDF_XML, b"<x", "is no RDF/XML", id="rdf_xml"),
        pytest.param(RdfFormat.JSON_LD, b'{"@context":"http://127.0.0.1:9/x"}', "nothing is fetched", id="context"),
        pytest.param(
            RdfFormat.JSON_LD, b'{"@context":{"@import":"http://127.0.0.1:9/x"}}', "nothing is fetched", id="import"
        ),
        pytest.param(RdfFormat.RDF_XML, b"<!DOCTYPE a>" + XML.encode(), "remove <!DOCTYPE", id="doctype"),
        pytest.param(RdfFormat.RDF_XML, b"<!doctype a>" + XML.encode(), "remove <!DOCTYPE", id="doctype_lower_case"),
        pytest.param(RdfFormat.RDF_XML, XML.encode("utf-16"), "is no RDF/XML", id="utf_16"),
    ],
)
@pytest.mark.usefixtures("_sizes")
def test_body_that_cannot_be_read_says_where(format_: RdfFormat, body: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        load_body(Store(), body, format_, GRAPH, None)


@pytest.mark.parametrize("before", [*range(8180, 8200), *range(65_520, 65_540)])
def test_document_type_is_found_wherever_it_stands(before: int) -> None:
    body = b" " * before + b"<!DOCTYPE a>" + b" " * 9000
    with pytest.raises(InputError, match="remove <!DOCTYPE"):
        load_body(Store(), io.BytesIO(body), RdfFormat.RDF_XML, GRAPH, None)


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        (RdfFormat.N_QUADS, b"<ex:a> <ex:p> <ex:b> <ex:other> ."),
        (RdfFormat.TRIG, b"<ex:other> { <ex:a> <ex:p> 1 }"),
        (RdfFormat.JSON_LD, b'{"@id": "ex:other", "@graph": [{"@id": "ex:a", "ex:p": 1}]}'),
    ],
)
@pytest.mark.parametrize("graph", [GRAPH, DefaultGraph()])
def test_body_that_names_another_graph_is_refused(format_: RdfFormat, body: bytes, graph: NamedNode) -> None:
    with pytest.raises(UsageError, match=r"names the graph <ex:other>"):
        load_body(Store(), body, format_, graph, None)
