"""The SPARQL 1.1 Graph Store Protocol: graphs put, read, grown, patched and removed, by name and by address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse
from tests.server.live import ALPINE, NORTHWIND, TURTLE, UPDATE, Client, LiveServer, Reply

from jobgraph.store import Home

FOAF = "@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
JOHN = f'{FOAF}<urn:1> a foaf:Person ; foaf:account [ foaf:name "John" ] .'
JANE = f'{FOAF}<urn:1> a foaf:Person ; foaf:account [ foaf:name "Jane" ] .'
MORE = f'{FOAF}<urn:1> foaf:nick "J" .'
WAYS = ("named", "direct")


def content(text: str | bytes, format_: RdfFormat = RdfFormat.TURTLE) -> str:
    """Triples in a form that is the same for graphs that mean the same."""
    data = Dataset()
    for quad in parse(text, format_):
        data.add(type(quad)(quad.subject, quad.predicate, quad.object))
    data.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return "\n".join(sorted(map(str, data)))


def address(way: str, name: str) -> str:
    return f"/graphs/{name}.ttl" if way == "direct" else f"/graphs?graph={quote(f'http://example.org/{name}', safe='')}"


def put(client: Client, target: str, body: str | bytes, kind: str = TURTLE, **headers: str) -> Reply:
    return client.ask("PUT", target, headers={"Content-Type": kind, **headers}, body=body)


def post(client: Client, target: str, body: str | bytes, kind: str = TURTLE) -> Reply:
    return client.ask("POST", target, headers={"Content-Type": kind}, body=body)


def read(client: Client, target: str) -> str:
    reply = client.ask("GET", target, headers={"Accept": TURTLE})
    assert (reply.status, reply.kind) == (200, TURTLE), reply.text
    return content(reply.body)


@pytest.mark.parametrize("way", WAYS)
def test_put_replaces(writer: Client, way: str) -> None:
    target = address(way, "put")
    statuses = [put(writer, target, text).status for text in (JOHN, JANE)]
    assert (statuses, read(writer, target)) == ([201, 200], content(JANE))


@pytest.mark.parametrize("way", WAYS)
def test_delete_removes(writer: Client, way: str) -> None:
    target = address(way, "delete")
    put(writer, target, JOHN)
    assert [writer.ask(method, target).status for method in ("DELETE", "GET", "HEAD", "DELETE")] == [200, 404, 404, 404]


@pytest.mark.parametrize("way", WAYS)
def test_post_adds(writer: Client, way: str) -> None:
    target = address(way, "post")
    writer.ask("DELETE", target)
    assert [post(writer, target, text).status for text in (JANE, MORE)] == [201, 200]
    assert read(writer, target) == content(JANE + MORE)


@pytest.mark.parametrize("way", WAYS)
def test_form_adds_each_of_its_files(writer: Client, way: str) -> None:
    target = address(way, "form")
    put(writer, target, JANE)
    files = [("text/turtle; charset=utf-8", MORE), ("application/n-triples", '<urn:1> <urn:p> "--x in a text" .\n')]
    body = form(files)
    assert post(writer, target, body, 'multipart/form-data; boundary="x y"').status == 200
    assert read(writer, target) == content(f'{JANE}{MORE} <urn:1> <urn:p> "--x in a text" .')


def form(files: list[tuple[str, str]], end: str = "--x y--\r\n") -> str:
    parts = (
        f'--x y\r\nContent-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n'
        for kind, text in files
    )
    return "".join([*parts, end])


def test_post_to_the_store_makes_a_graph(writer: Client) -> None:
    reply = post(writer, "/graphs", JOHN)
    assert (reply.status, reply.headers["location"].startswith(f"http://127.0.0.1:{writer.port}/graphs/")) == (
        201,
        True,
    )
    assert read(writer, address_of(reply.headers["location"])) == content(JOHN)
    assert read(writer, reply.headers["location"]) == content(JOHN)


def address_of(iri: str) -> str:
    return f"/graphs?graph={quote(iri, safe='')}"


def test_patch_changes_one_graph(writer: Client) -> None:
    target = address("named", "patch")
    put(writer, target, "<urn:1> <urn:p> 1 , 2 .")
    text = "DELETE { ?s <urn:p> 1 } INSERT { ?s <urn:q> 3 } WHERE { ?s <urn:p> 1 }"
    assert writer.ask("PATCH", target, headers={"Content-Type": UPDATE}, body=text).status == 200
    assert read(writer, target) == content("<urn:1> <urn:p> 2 ; <urn:q> 3 .")


def test_unnamed_graph_is_put_read_and_emptied(writer: Client) -> None:
    assert put(writer, "/graphs?default", JOHN).status in {200, 201}
    assert read(writer, "/graphs?default") == content(JOHN)
    assert writer.query("ASK { <urn:1> a <http://xmlns.com/foaf/0.1/Person> }").is_true
    assert writer.ask("DELETE", "/graphs?default").status == 200
    assert writer.query("ASK { <urn:1> a <http://xmlns.com/foaf/0.1/Person> }").is_true is False


def test_percent_encoding_is_decoded_once(writer: Client) -> None:
    once, twice = "/graphs?graph=http://example.org/%31", "/graphs?graph=http://example.org/%2531"
    put(writer, once, JOHN)
    put(writer, twice, JANE)
    assert read(writer, "/graphs?graph=http://example.org/1") == read(writer, once) == content(JOHN)
    assert read(writer, twice) == content(JANE)


def test_relative_iris_start_from_the_graph(writer: Client) -> None:
    target = address("named", "relative/graph")
    put(writer, target, "<#me> <p> <> .")
    graph = "http://example.org/relative/graph"
    assert read(writer, target) == content(f"<{graph}#me> <http://example.org/relative/p> <{graph}> .")


FORMATS: Mapping[str, tuple[RdfFormat, str]] = {
    "text/turtle": (RdfFormat.TURTLE, "<urn:a> <urn:b> 1 ."),
    "application/x-turtle": (RdfFormat.TURTLE, "<urn:a> <urn:b> 1 ."),
    "application/n-triples": (
        RdfFormat.N_TRIPLES,
        '<urn:a> <urn:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
    ),
    "application/n-quads": (
        RdfFormat.N_QUADS,
        '<urn:a> <urn:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
    ),
    "application/trig": (RdfFormat.TRIG, "<urn:a> <urn:b> 1 ."),
    "application/ld+json": (RdfFormat.JSON_LD, '{"@id": "urn:a", "urn:b": 1}'),
    "application/rdf+xml": (
        RdfFormat.RDF_XML,
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:"><rdf:Description '
        'rdf:about="urn:a"><u:b rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">1</u:b></rdf:Description>'
        "</rdf:RDF>",
    ),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_graph_comes_and_goes_in_every_format(writer: Client, kind: str) -> None:
    format_, text = FORMATS[kind]
    target = address("named", "formats")
    assert put(writer, target, text, kind).status in {200, 201}
    assert read(writer, target) == content("<urn:a> <urn:b> 1 .")
    reply = writer.ask("GET", target, headers={"Accept": kind})
    assert content(reply.body, format_) == content("<urn:a> <urn:b> 1 .")


OTHER = "<urn:a> <urn:b> 1 . oops"
BAD: Mapping[str, tuple[int, str, str, str | bytes]] = {
    "syntax": (400, "named", TURTLE, OTHER),
    "not_utf_8": (400, "named", TURTLE, b'<urn:a> <urn:b> "\xe9" .'),
    "utf_16": (415, "named", f"{TURTLE}; charset=utf-16", "<urn:a> <urn:b> 1 .".encode("utf-16")),
    "nul": (415, "named", TURTLE, "<urn:a> <urn:b> '\x00' ."),
    "picture": (415, "named", "image/png", b"\x89PNG"),
    "no_type": (415, "named", "", "<urn:a> <urn:b> 1 ."),
    "form_by_put": (415, "named", "multipart/form-data; boundary=x", "--x--"),
    "other_graph": (400, "named", "application/trig", "<urn:other> { <urn:a> <urn:b> 1 }"),
    "document_type": (400, "named", "application/rdf+xml", '<!DOCTYPE r [<!ENTITY x "x">]><r/>'),
    "remote_context": (400, "named", "application/ld+json", '{"@context": "http://127.0.0.1:9/", "a": 1}'),
    "relative_graph": (400, "relative", TURTLE, "<urn:a> <urn:b> 1 ."),
    "two_graphs": (400, "twice", TURTLE, "<urn:a> <urn:b> 1 ."),
    "no_graph": (400, "none", TURTLE, "<urn:a> <urn:b> 1 ."),
    "bad_direct_name": (400, "odd", TURTLE, "<urn:a> <urn:b> 1 ."),
}
TARGETS = {
    "named": "/graphs?graph=http://example.org/bad",
    "relative": "/graphs?graph=bad",
    "twice": "/graphs?graph=http://example.org/bad&default",
    "none": "/graphs",
    "odd": '/graphs/a"b',
}


@pytest.mark.parametrize("case", BAD)
def test_bad_graph_is_refused_and_nothing_changes(writer: Client, case: str) -> None:
    status, where, kind, body = BAD[case]
    before = writer.query("ASK {}").headers["etag"]
    reply = put(writer, TARGETS[where], body, kind)
    assert (reply.status, reply.kind) == (status, "application/problem+json"), reply.text
    assert writer.query("ASK {}").headers["etag"] == before


BAD_FORMS: Mapping[str, tuple[int, str, str]] = {
    "no_boundary": (400, "multipart/form-data", form([(TURTLE, JOHN)])),
    "long_boundary": (400, f"multipart/form-data; boundary={'x' * 80}", form([(TURTLE, JOHN)])),
    "other_boundary": (400, "multipart/form-data; boundary=z", form([(TURTLE, JOHN)])),
    "no_end": (400, 'multipart/form-data; boundary="x y"', form([(TURTLE, JOHN)], end="")),
    "no_files": (400, 'multipart/form-data; boundary="x y"', form([])),
    "many_files": (400, 'multipart/form-data; boundary="x y"', form([(TURTLE, "")] * 101)),
    "no_head": (400, 'multipart/form-data; boundary="x y"', f"--x y\r\n{JOHN}\r\n--x y--"),
    "picture": (415, 'multipart/form-data; boundary="x y"', form([(TURTLE, JOHN), ("image/png", "")])),
    "form_in_a_form": (415, 'multipart/form-data; boundary="x y"', form([("multipart/mixed; boundary=z", "--z--")])),
    "base64": (
        415,
        'multipart/form-data; boundary="x y"',
        form([(f"{TURTLE}\r\nContent-Transfer-Encoding: base64", "")]),
    ),
    "one_is_broken": (400, 'multipart/form-data; boundary="x y"', form([(TURTLE, JOHN), (TURTLE, OTHER)])),
}


@pytest.mark.parametrize("case", BAD_FORMS)
def test_bad_form_is_refused_as_a_whole(writer: Client, case: str) -> None:
    status, kind, body = BAD_FORMS[case]
    target = address("named", "bad-form")
    reply = post(writer, target, body, kind)
    assert (reply.status, writer.ask("GET", target).status) == (status, 404), reply.text


@pytest.mark.parametrize("which", ["inferred", "shared", "metadata", "ontology"])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_reserved_graph_is_read_only(live: LiveServer, writer: Client, which: str, method: str) -> None:
    generation = Home(live.home).tenant(NORTHWIND).current()
    assert generation
    target = address_of(getattr(generation.names, which))
    kind, body = (UPDATE, "INSERT DATA { <urn:a> <urn:b> 1 }") if method == "PATCH" else (TURTLE, JOHN)
    reply = writer.ask(method, target, headers={"Content-Type": kind}, body=None if method == "DELETE" else body)
    assert (reply.status, "read-only" in reply.text) == (403, True), reply.text
    assert writer.ask("HEAD", target).status == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_reader_writes_no_graph(reader: Client, method: str) -> None:
    body = None if method == "DELETE" else JOHN
    assert reader.ask(method, "/graphs?graph=urn:x", headers={"Content-Type": TURTLE}, body=body).status == 403


def test_foreign_and_unknown_graphs_are_answered_alike(live: LiveServer, reader: Client) -> None:
    foreign = Home(live.home).tenant(ALPINE).current()
    assert foreign
    graph = foreign.names.asserted
    unknown = graph.replace(ALPINE, "a" * len(ALPINE))
    replies = [reader.ask("GET", address_of(iri)) for iri in (graph, unknown)]
    assert [reply.status for reply in replies] == [404, 404]
    assert replies[0].text.replace(graph, unknown) == replies[1].text


@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param("{tag}", 200, id="current"),
        pytest.param('"x", {tag}', 200, id="one_of_two"),
        pytest.param("*", 200, id="any"),
        pytest.param('"000000"', 412, id="older"),
        pytest.param("W/{tag}", 412, id="weak"),
        pytest.param("nonsense", 412, id="no_tag"),
    ],
)
def test_write_asks_for_the_generation_that_was_read(writer: Client, header: str, status: int) -> None:
    target = address("named", "match")
    put(writer, target, JOHN)
    tag = writer.ask("GET", target).headers["etag"]
    assert put(writer, target, JANE, **{"If-Match": header.format(tag=tag)}).status == status
    assert read(writer, target) == content(JANE if status == 200 else JOHN)


def test_write_tells_the_tag_for_the_next(writer: Client) -> None:
    target = address("named", "chain")
    tag = put(writer, target, JOHN).headers["etag"]
    replies = [put(writer, target, JANE, **{"If-Match": tag}) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 412]


def test_other_methods_are_refused(writer: Client) -> None:
    reply = writer.ask("OPTIONS", "/graphs?graph=urn:x")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, PUT, POST, DELETE, PATCH")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity", "x"])
def test_compressed_body_is_not_read(writer: Client, encoding: str) -> None:
    reply = put(writer, "/graphs?graph=urn:x", JOHN, **{"Content-Encoding": encoding})
    assert (reply.status, writer.ask("HEAD", "/graphs?graph=urn:x").status) == (415, 404)
