"""Queries and updates as the SPARQL 1.1 Protocol sends them: every form, data sets, media types, validators."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from tests.server.live import FORM, JSON, NORTHWIND, QUERY, UPDATE, Client, LiveServer, Reply

ASK = "ASK {}"
DATA = "http://example.org/data/"
ONE, TWO, THREE, NOWHERE = (f"{DATA}{name}" for name in ("one", "two", "three", "nowhere"))
FOAF = "http://xmlns.com/foaf/0.1/"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

Ask = Callable[[Client], Reply]


@pytest.fixture(scope="module")
def documents(live: LiveServer) -> None:
    """Three graphs, each of which says that it is a document."""
    text = " ".join(f"GRAPH <{iri}> {{ <{iri}> a <{FOAF}Document> }}" for iri in (ONE, TWO, THREE))
    assert live.client(NORTHWIND, "writer").update(f"INSERT DATA {{ {text} }}").status == 200


def get(fields: str, **headers: str) -> Ask:
    return lambda client: client.ask("GET", f"/sparql?{fields}", headers=headers)


def post(body: str | bytes, kind: str, fields: str = "", path: str = "/sparql") -> Ask:
    return lambda client: client.ask("POST", f"{path}?{fields}", headers={"Content-Type": kind}, body=body)


FORMS: Mapping[str, Ask] = {
    "get": get("query=ASK%20%7B%7D"),
    "get_with_plus": get("query=ASK+%7B%7D"),
    "get_at_update": lambda client: client.ask("GET", "/update?query=ASK%20%7B%7D"),
    "get_with_other_fields": get("results=x&query=ASK%20%7B%7D&format=x"),
    "http_1_0": lambda client: client.ask("GET", "/sparql?query=ASK%20%7B%7D", version="1.0"),
    "absolute_address": lambda client: client.ask("GET", f"http://127.0.0.1:{client.port}/sparql?query=ASK%20%7B%7D"),
    "post_form": post("query=ASK%20%7B%7D", FORM),
    "post_form_charset": post("query=ASK+%7B%7D", f"{FORM}; charset=UTF-8"),
    "post_form_upper_case_type": post("query=ASK+%7B%7D", FORM.upper()),
    "post_direct": post(ASK, QUERY),
    "post_direct_charset": post(ASK, f'{QUERY}; charset="utf-8"'),
    "post_direct_at_update": post(ASK, QUERY, path="/update"),
    "post_chunked": lambda client: client.send(chunked(client, [b"ASK", b" {", b"}"])),
    "post_expecting_continue": lambda client: client.ask(
        "POST", "/sparql", headers={"Content-Type": QUERY, "Expect": "100-continue"}, body=ASK
    ),
}


def chunked(client: Client, parts: list[bytes], *, path: str = "/sparql", kind: str = QUERY) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {client.token}\r\n"
        f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


@pytest.mark.parametrize("form", FORMS)
def test_query_arrives_in_every_form(reader: Client, form: str) -> None:
    assert FORMS[form](reader).is_true


DATASETS: Mapping[str, tuple[str, list[tuple[str, str]], bool]] = {
    "all_graphs_without_any": (f"<{ONE}> a ?type", [], False),  # own graphs are no part of the merged default
    "named_graph_without_any": (f"GRAPH <{ONE}> {{ <{ONE}> a ?type }}", [], True),
    "default_graph": (f"<{ONE}> a ?type", [("default-graph-uri", ONE)], True),
    "only_that_default_graph": (f"<{TWO}> a ?type", [("default-graph-uri", ONE)], False),
    "default_graphs_merged": (
        f"<{ONE}> a ?t . <{TWO}> a ?t",
        [("default-graph-uri", ONE), ("default-graph-uri", TWO)],
        True,
    ),
    "no_named_graph_beside_default": ("GRAPH ?g { ?s ?p ?o }", [("default-graph-uri", ONE)], False),
    "named_graphs": (
        f"GRAPH ?g {{ <{ONE}> a ?t }} GRAPH ?h {{ <{TWO}> a ?t }}",
        [("named-graph-uri", ONE), ("named-graph-uri", TWO)],
        True,
    ),
    "no_default_graph_beside_named": ("?s ?p ?o", [("named-graph-uri", ONE)], False),
    "both": (
        f"<{THREE}> a ?t GRAPH ?g {{ <{ONE}> a ?t }}",
        [("default-graph-uri", THREE), ("named-graph-uri", ONE)],
        True,
    ),
    "unknown_graph_is_empty": ("?s ?p ?o", [("default-graph-uri", NOWHERE)], False),
}


@pytest.mark.parametrize("case", DATASETS)
@pytest.mark.parametrize("how", ["get", "post_form", "post_direct", "post_mixed"])
@pytest.mark.usefixtures("documents")
def test_request_chooses_the_data_set(reader: Client, case: str, how: str) -> None:
    pattern, dataset, expected = DATASETS[case]
    fields, text = urlencode(dataset), f"ASK {{ {pattern} }}"
    query = urlencode({"query": text})
    ask = {
        "get": get(f"{query}&{fields}"),
        "post_form": post(f"{fields}&{query}", FORM),
        "post_direct": post(text, QUERY, fields),
        "post_mixed": post(query, FORM, fields),
    }
    assert ask[how](reader).is_true is expected


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        pytest.param(f"ASK FROM <{ONE}> {{ <{ONE}> a ?t }}", {}, True, id="from"),
        pytest.param(f"ASK FROM <{ONE}> {{ <{TWO}> a ?t }}", {}, False, id="from_only_that"),
        pytest.param(f"ASK FROM NAMED <{ONE}> {{ GRAPH ?g {{ <{ONE}> a ?t }} }}", {}, True, id="from_named"),
        pytest.param(f"ASK FROM NAMED <{ONE}> {{ GRAPH <{TWO}> {{ ?s ?p ?o }} }}", {}, False, id="named_only_that"),
        pytest.param(f"BASE <{DATA}> ASK FROM <one> {{ ?s ?p ?o }}", {}, True, id="relative"),
        pytest.param(f"PREFIX d: <{DATA}> ASK FROM d:one {{ ?s ?p ?o }}", {}, True, id="prefixed"),
        pytest.param(f"ASK FROM <{ONE}> {{ <{TWO}> a ?t }}", {"default-graph-uri": TWO}, True, id="request_wins"),
        pytest.param(f"ASK FROM <{NOWHERE}> {{ ?s ?p ?o }}", {}, False, id="unknown_graph"),
        pytest.param("ASK { FILTER('FROM' = \"FROM\") }", {}, True, id="from_in_a_string"),
    ],
)
@pytest.mark.usefixtures("documents")
def test_query_names_its_graphs(reader: Client, text: str, fields: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert reader.query(text, fields=fields).is_true is expected


COPY = "INSERT {{ GRAPH <{target}> {{ ?s a <urn:copy> }} }} WHERE {{ {pattern} }}"
PATTERN, IN_GRAPH = f"?s a <{FOAF}Document>", f"GRAPH ?g {{ ?s a <{FOAF}Document> }}"


@pytest.mark.parametrize(
    ("pattern", "fields", "copied"),
    [
        pytest.param(PATTERN, [("using-graph-uri", ONE)], {ONE}, id="one"),
        pytest.param(PATTERN, [("using-graph-uri", ONE), ("using-graph-uri", TWO)], {ONE, TWO}, id="two"),
        pytest.param(IN_GRAPH, [("using-named-graph-uri", THREE)], {THREE}, id="named"),
        pytest.param(
            f"{{ {PATTERN} }} UNION {{ {IN_GRAPH} }}",
            [("using-graph-uri", ONE), ("using-named-graph-uri", TWO)],
            {ONE, TWO},
            id="both",
        ),
        pytest.param(PATTERN, [("using-graph-uri", NOWHERE)], set(), id="unknown"),
    ],
)
@pytest.mark.parametrize("as_form", [True, False], ids=["form", "direct"])
@pytest.mark.usefixtures("documents")
def test_request_chooses_what_an_update_sees(
    writer: Client, pattern: str, fields: list[tuple[str, str]], copied: set[str], *, as_form: bool
) -> None:
    target = f"{DATA}copy"
    writer.update(f"DROP SILENT GRAPH <{target}>")
    text = COPY.format(target=target, pattern=pattern)
    if as_form:
        reply = writer.ask(
            "POST", "/update", headers={"Content-Type": FORM}, body=urlencode([("update", text), *fields])
        )
    else:
        reply = writer.update(text, fields=urlencode(fields))
    assert reply.status == 200, reply.text
    rows = writer.query(f"SELECT ?s {{ GRAPH <{target}> {{ ?s a <urn:copy> }} }}").rows
    assert {row["s"] for row in rows} == copied


def test_relative_iris_start_from_the_address(writer: Client) -> None:
    graph = f"{DATA}base"
    assert writer.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:s> <urn:p> <x> }} }}").status == 200
    rows = writer.query(f"SELECT ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}").rows
    assert rows[0]["o"].endswith("/x")
    assert rows[0]["o"].startswith(f"http://127.0.0.1:{writer.port}/")


DROP_ALL = "DROP%20GRAPH%20%3Curn%3Ax%3E"
REFUSED: Mapping[str, tuple[int, Ask]] = {
    "put": (405, lambda client: client.ask("PUT", "/sparql?query=ASK%20%7B%7D", body=b"")),
    "delete": (405, lambda client: client.ask("DELETE", "/sparql?query=ASK%20%7B%7D")),
    "patch": (405, lambda client: client.ask("PATCH", "/sparql", headers={"Content-Type": UPDATE}, body="CLEAR ALL")),
    "two_queries": (400, get("query=ASK%20%7B%7D&query=ASK%20%7B%7D")),
    "two_queries_in_a_form": (400, post("query=ASK%20%7B%7D&query=ASK%20%7B%7D", FORM)),
    "query_in_both_places": (400, post(ASK, QUERY, "query=ASK%20%7B%7D")),
    "query_and_update": (400, post(f"query=ASK%20%7B%7D&update={DROP_ALL}", FORM)),
    "update_beside_direct_query": (400, post(ASK, QUERY, f"update={DROP_ALL}")),
    "update_by_get": (405, get(f"update={DROP_ALL}")),
    "two_updates": (400, post(f"update={DROP_ALL}&update={DROP_ALL}", FORM)),
    "update_as_a_query": (400, post("DROP GRAPH <urn:x>", QUERY)),
    "query_as_an_update": (400, post(ASK, UPDATE)),
    "empty_form": (400, post("", FORM)),
    "empty_query": (400, post("", QUERY)),
    "empty_query_by_get": (400, get("query=")),
    "plain_text": (415, post(ASK, "text/plain")),
    "no_type": (415, lambda client: client.ask("POST", "/sparql", body=ASK)),
    "form_without_type": (415, lambda client: client.ask("POST", "/sparql", body="query=ASK%20%7B%7D")),
    "utf_16": (415, post(ASK.encode("utf-16"), f"{QUERY}; charset=UTF-16")),
    "utf_16_without_saying_so": (400, post(ASK.encode("utf-16"), QUERY)),
    "latin_1": (400, post('ASK { FILTER("é" = "e") }'.encode("latin-1"), QUERY)),
    "latin_1_field": (400, get("query=ASK%7BFILTER%28%22%E9%22%3D1%29%7D")),
    "syntax": (400, get("query=ASK%20%7B")),
    "syntax_of_update": (400, post("update=CLEAR%20XYZ", FORM)),
    "compressed": (
        415,
        lambda client: client.ask(
            "POST", "/sparql", headers={"Content-Type": QUERY, "Content-Encoding": "gzip"}, body=b"\x1f\x8b"
        ),
    ),
    "relative_graph": (400, get("query=ASK%20%7B%7D&default-graph-uri=nowhere")),
    "empty_graph": (400, get("query=ASK%20%7B%7D&named-graph-uri=")),
    "timeout_is_a_word": (400, get("query=ASK%20%7B%7D&timeout=soon")),
    "timeout_below_zero": (400, get("query=ASK%20%7B%7D&timeout=-1")),
    "timeout_for_ever": (400, get("query=ASK%20%7B%7D&timeout=inf")),
    "timeout_is_nan": (400, get("query=ASK%20%7B%7D&timeout=nan")),
    "too_many_fields": (400, get("a=1&" * 300 + "query=ASK%20%7B%7D")),
    "nothing_to_accept": (406, get("query=ASK%20%7B%7D", Accept="image/png")),
    "all_at_zero": (406, get("query=ASK%20%7B%7D", Accept="*/*;q=0")),
    "rows_as_turtle": (406, get("query=ASK%20%7B%7D", Accept="text/turtle")),
    "triples_as_csv": (406, get(f"query={quote('CONSTRUCT WHERE { ?s ?p ?o }')}", Accept="text/csv")),
    "service": (403, get(f"query={quote('ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }')}")),
    "dataset_twice": (
        400,
        post(
            "WITH <urn:a> DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
            UPDATE,
            "using-graph-uri=urn%3Ab",
        ),
    ),
    "relative_using_graph": (400, post("DELETE WHERE { ?s ?p ?o }", UPDATE, "using-graph-uri=x")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_request_that_is_none_is_refused(writer: Client, case: str) -> None:
    status, ask = REFUSED[case]
    reply = ask(writer)
    assert reply.status == status, reply.text
    assert reply.kind == "application/problem+json"
    assert reply.json["status"] == status
    assert reply.json["detail"].endswith((".", "?"))
    assert (reply.headers["cache-control"], "allow" in reply.headers) == ("no-store", status == 405)


def test_reader_changes_nothing(reader: Client) -> None:
    assert reader.update("INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> 1 } }").status == 403
    assert reader.query("ASK { GRAPH <urn:x> { ?s ?p ?o } }").is_true is False


def test_failed_update_changes_nothing(writer: Client) -> None:
    text = "INSERT DATA { GRAPH <urn:half> { <urn:a> <urn:b> 1 } } ; CREATE GRAPH <urn:half> ; CREATE GRAPH <urn:half>"
    assert writer.update(text).status == 400
    assert writer.query("ASK { GRAPH <urn:half> { ?s ?p ?o } }").is_true is False


ROWS, TRIPLES = (
    f"SELECT ?s ?p {{ GRAPH <{ONE}> {{ ?s ?p ?o }} }}",
    f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{ONE}> {{ ?s ?p ?o }} }}",
)
ROW_TYPES = {
    JSON: QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPH_TYPES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}


@pytest.mark.parametrize("kind", ROW_TYPES)
@pytest.mark.usefixtures("documents")
def test_rows_come_in_every_format(reader: Client, kind: str) -> None:
    reply = reader.query(ROWS, accept=kind)
    assert reply.kind == kind
    (row,) = parse_query_results(io.BytesIO(reply.body), ROW_TYPES[kind])  # type: ignore[misc]  # they are rows
    assert [term.value for term in row] == [ONE, _TYPE]


@pytest.mark.usefixtures("documents")
def test_rows_come_as_csv(reader: Client) -> None:
    reply = reader.query(ROWS, accept="text/csv")
    assert (reply.headers["content-type"], reply.text) == ("text/csv; charset=utf-8", f"s,p\r\n{ONE},{_TYPE}\r\n")


@pytest.mark.parametrize("kind", GRAPH_TYPES)
@pytest.mark.parametrize("query", [TRIPLES, f"DESCRIBE <{ONE}> FROM <{ONE}>"], ids=["construct", "describe"])
@pytest.mark.usefixtures("documents")
def test_triples_come_in_every_format(reader: Client, kind: str, query: str) -> None:
    reply = reader.query(query, accept=kind)
    assert reply.kind == kind
    (quad,) = parse(reply.body, GRAPH_TYPES[kind])
    assert (quad.subject.value, quad.predicate.value) == (ONE, _TYPE)


XML, CSV, TSV = "application/sparql-results+xml", "text/csv", "text/tab-separated-values"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param("", JSON, id="no_header"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("application/json", JSON, id="name_in_use"),
        pytest.param("application/xml", XML, id="xml_in_use"),
        pytest.param("text/*", CSV, id="family"),
        pytest.param(f"{XML};q=0.2, {CSV};q=0.9", CSV, id="quality"),
        pytest.param(f"{XML}; q=0.2 ,{TSV} ; q=0.21", TSV, id="spaces"),
        pytest.param(f"*/*;q=0.9, {JSON};q=0", XML, id="all_but_one"),
        pytest.param(f"text/*;q=0.9, {CSV};q=0.1, {JSON};q=0.2", TSV, id="exact_before_family"),
        pytest.param(f"image/png, {TSV};q=0.001", TSV, id="least"),
        pytest.param(f"text/turtle, {CSV};q=0.5", CSV, id="other_kind_of_answer"),
        pytest.param(f"nonsense, ;;, {XML}", XML, id="malformed_items"),
        pytest.param(f'text/x;a="b, {CSV};q=1", {XML}', XML, id="quoted_comma"),
        pytest.param(f"{CSV};charset=utf-8;q=0.3, {XML};q=0.2", CSV, id="parameters"),
        pytest.param(f"{CSV};q=nonsense", CSV, id="malformed_quality"),
        pytest.param(CSV.upper(), CSV, id="upper_case"),
        pytest.param("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML, id="browser"),
    ],
)
def test_accept_chooses_the_format(reader: Client, accept: str, kind: str) -> None:
    reply = reader.ask(
        "POST", "/sparql", headers={"Content-Type": QUERY, "Accept": accept}, body="SELECT (1 AS ?v) { }"
    )
    assert (reply.status, reply.kind) == (200, kind)
    assert "Accept" in reply.headers["vary"]


@pytest.mark.parametrize("kind", [JSON, XML, CSV, TSV])
def test_text_comes_back_as_it_went(reader: Client, kind: str) -> None:
    text = "h\u00e9 \u05d0\u05d1 \U0001f600 \u202e <&> x"
    assert (text if kind != XML else "\U0001f600") in reader.query(f'SELECT ("{text}" AS ?v) {{ }}', accept=kind).text


HEADED = {"query": f"/sparql?query={quote(ROWS)}", "graph": f"/graphs?graph={quote(ONE)}", "description": "/sparql"}


@pytest.mark.parametrize("target", HEADED)
@pytest.mark.usefixtures("documents")
def test_head_tells_what_get_would(reader: Client, target: str) -> None:
    got, headed = (reader.ask(method, HEADED[target]) for method in ("GET", "HEAD"))
    assert (headed.status, headed.body) == (200, b"")
    kept = ("content-type", "content-length", "etag", "vary", "cache-control")
    assert [headed.headers.get(name) for name in kept] == [got.headers.get(name) for name in kept]


def test_head_of_a_long_answer_tells_no_length(reader: Client) -> None:
    target = f"/sparql?query={quote('CONSTRUCT WHERE { ?s ?p ?o }')}"
    headed, got = reader.ask("HEAD", target), reader.ask("GET", target)
    assert (headed.status, headed.body, "content-length" in headed.headers) == (200, b"", False)
    assert (got.is_whole, got.headers["transfer-encoding"]) == (True, "chunked")


def test_long_answer_needs_http_1_1(reader: Client) -> None:
    reply = reader.ask("GET", f"/sparql?query={quote('CONSTRUCT WHERE { ?s ?p ?o }')}", version="1.0")
    assert (reply.status, reply.headers["upgrade"]) == (426, "HTTP/1.1")


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param("{tag}", 304, id="same"),
        pytest.param("W/{tag}", 304, id="weak"),
        pytest.param('"x", {tag}', 304, id="one_of_two"),
        pytest.param('"x"', 200, id="other"),
        pytest.param("nonsense", 200, id="no_tag"),
    ],
)
@pytest.mark.parametrize("target", ["query", "graph"])
@pytest.mark.usefixtures("documents")
def test_known_answer_is_not_sent_again(reader: Client, target: str, known: str, status: int) -> None:
    tag = reader.ask("GET", HEADED[target]).headers["etag"]
    reply = reader.ask("GET", HEADED[target], headers={"If-None-Match": known.format(tag=tag)})
    assert (reply.status, bool(reply.body), reply.headers["etag"]) == (status, status == 200, tag)
    assert ("content-length" in reply.headers) is (status == 200)


@pytest.mark.usefixtures("documents")
def test_tag_is_that_of_one_answer(reader: Client, writer: Client, other_reader: Client) -> None:
    tags = {
        "query": reader.query(ROWS).headers["etag"],
        "format": reader.query(ROWS, accept=XML).headers["etag"],
        "text": reader.query(f"{ROWS} ").headers["etag"],
        "data set": reader.query(ROWS, fields={"named-graph-uri": ONE}).headers["etag"],
        "role": writer.query(ROWS).headers["etag"],
        "tenant": other_reader.query(ROWS).headers["etag"],
    }
    assert len(set(tags.values())) == len(tags)


def test_write_changes_the_tag(reader: Client, writer: Client) -> None:
    before = reader.query(ASK).headers["etag"]
    assert writer.update("INSERT DATA { GRAPH <urn:tag> { <urn:a> <urn:b> 1 } }").status == 200
    reply = reader.query(ASK, headers={"If-None-Match": before})
    assert (reply.status, reply.headers["etag"] != before) == (200, True)
    writer.update("DROP GRAPH <urn:tag>")


def test_changing_answer_has_no_tag(reader: Client) -> None:
    first, second = (reader.query("SELECT (UUID() AS ?v) { }") for _ in range(2))
    assert ("etag" in first.headers, first.headers["cache-control"]) == (False, "no-store")
    assert first.body != second.body


@pytest.mark.usefixtures("documents")
def test_tag_of_a_query_that_was_posted_is_not_asked_for(reader: Client) -> None:
    reply = reader.post(ROWS)
    again = reader.ask(
        "POST", "/sparql", headers={"Content-Type": QUERY, "If-None-Match": reply.headers["etag"]}, body=ROWS
    )
    assert (again.status, again.body) == (200, reply.body)
