from __future__ import annotations

import json

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from tests.server.live import Client
from tests.server.pages.asking import (
    BASE,
    BROWSER,
    HTML,
    JSON_LD,
    TURTLE,
    asked,
    links,
    local_address,
    see,
    step_of,
    triples,
)

from jobgraph.server.pages.profiles import PROFILES
from jobgraph.vocabulary import RDFS

FORMS = [
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/rdf+xml",
    "application/trig",
    "application/n-quads",
]


@pytest.fixture(scope="module")
def job(live_reader: Client) -> str:
    return step_of(live_reader)


@pytest.fixture(scope="module")
def tenant(live_reader: Client) -> str:
    return step_of(live_reader, "SELECT ?s WHERE { ?s a jg:Tenant ; jg:slug 'northwind-bio' }")


@pytest.mark.parametrize(
    ("accept", "folder"),
    [
        pytest.param(BROWSER, "page", id="browser"),
        pytest.param(HTML, "page", id="html"),
        pytest.param("", "data", id="none"),
        pytest.param("*/*", "data", id="anything"),
        pytest.param(JSON_LD, "data", id="json_ld"),
        pytest.param(f"{HTML};q=0.5, {TURTLE}", "data", id="rather_turtle"),
        pytest.param(f"{TURTLE};q=0.5, {HTML}", "page", id="rather_html"),
    ],
)
def test_thing_leads_to_its_page_or_its_data(reader: Client, job: str, accept: str, folder: str) -> None:
    reply = see(reader, f"/id/{job}?_profile=framed", accept)
    assert (reply.status, reply.headers["location"]) == (303, f"/{folder}/{job}?_profile=framed")
    assert "Accept" in reply.headers["vary"]


def test_an_iri_of_every_class_dereferences(reader: Client) -> None:
    rows = reader.query("SELECT (SAMPLE(?thing) AS ?s) WHERE { ?thing a ?class } GROUP BY ?class").rows
    assert len(rows) > 100
    for number, row in enumerate(rows):
        accept, folder = ("", "data") if number % 4 else (HTML, "page")
        first = see(reader, local_address(row["s"]), accept)
        reply = see(reader, first.headers["location"], accept)
        assert (reply.status, first.headers["location"].split("/")[1]) == (200, folder), row["s"]


@pytest.mark.parametrize("name", ["asserted", "inferred", "metadata"])
def test_names_of_graphs_dereference(reader: Client, name: str) -> None:
    assert see(reader, f"/data/graph/northwind-bio/{name}").status == 200


@pytest.mark.parametrize("kind", FORMS)
def test_full_record_is_all_that_is_known(reader: Client, job: str, kind: str) -> None:
    node = f"<{BASE}{job}>"
    reply = see(reader, f"/data/{job}", kind)
    assert reply.kind == kind
    assert triples(reply) == asked(reader, f"{node} ?p ?o .") | asked(reader, f"?s ?p {node} .")


def test_labelled_record_names_all_that_it_names(reader: Client, job: str) -> None:
    found = triples(see(reader, f"/data/{job}?_profile=labelled"))
    about = asked(reader, f"<{BASE}{job}> ?p ?o .")
    labels = {triple for triple in found if triple.predicate.value == RDFS + "label"}
    assert about <= found
    assert found - about == labels - about
    named = {t.subject for t in asked(reader, "?s rdfs:label ?name .")}
    assert {t.object for t in about} & named <= {triple.subject for triple in labels}


def test_framed_record_says_the_same_with_our_context(reader: Client, job: str) -> None:
    reply = see(reader, f"/data/{job}", JSON_LD, Accept_Profile=f"<{PROFILES['framed']}>")
    document = reply.json
    address = f"http://127.0.0.1:{reader.port}/context.jsonld"
    assert document["@context"] == address
    document["@context"] = see(reader, "/context.jsonld").json["@context"]
    found = {quad.triple for quad in parse(json.dumps(document), RdfFormat.JSON_LD)}
    assert asked(reader, f"<{BASE}{job}> ?p ?o .") <= found
    others = {t.subject.value for t in found if isinstance(t.subject, NamedNode)} - {f"{BASE}{job}"}
    stated = {
        t for other in others for t in asked(reader, f"<{other}> a ?c .") | asked(reader, f"<{other}> rdfs:label ?l .")
    }
    codes = {t for t in found if isinstance(t.subject, NamedNode) and not t.subject.value.startswith(BASE)}
    assert found - asked(reader, f"<{BASE}{job}> ?p ?o .") - codes <= stated


def test_pages_of_a_long_list_hold_everything_once(reader: Client, tenant: str) -> None:
    address, found, pages = f"/data/{tenant}", list[object](), 0
    while address:
        reply = see(reader, address, "application/n-triples")
        found += [t for t in triples(reply) if t.object == NamedNode(BASE + tenant)]
        address, pages = links(reply).get("next", ""), pages + 1
    assert pages == 3
    assert len(found) == len(set(found))
    assert set(found) == asked(reader, f"?s ?p <{BASE}{tenant}> .")


def test_list_of_a_class_has_all_of_it(reader: Client) -> None:
    found = {t.subject for t in triples(see(reader, "/data/job/")) if t.predicate.value.endswith("#type")}
    assert found == {t.subject for t in asked(reader, "?s a jg:Job .")}


def test_links_tell_of_the_other_forms(reader: Client, job: str) -> None:
    found = links(see(reader, f"/data/{job}?_profile=labelled"))
    assert found["canonical"] == BASE + job
    assert found["profile"] == PROFILES["labelled"]
    assert found["alternate"] == f"/page/{job}"
    assert found["describedby"] == "/ontology"


@pytest.mark.parametrize(
    ("target", "accept", "status"),
    [
        pytest.param("/data/{job}?_profile=nothing", "", 406, id="profile"),
        pytest.param("/data/{job}?_mediatype=text/csv", "", 406, id="media_type"),
        pytest.param("/data/{job}", "image/png", 406, id="accept"),
        pytest.param("/data/{job}?_profile=framed", TURTLE, 406, id="a_tree_is_json_ld"),
        pytest.param("/page/{job}", TURTLE, 406, id="page_is_html"),
        pytest.param("/data/{job}?page=0", "", 400, id="page_0"),
        pytest.param("/data/{job}?page=x", "", 400, id="page_x"),
        pytest.param("/data/{job}?page=²", "", 400, id="page_of_another_script"),
        pytest.param("/data/{job}?page=1&page=2", "", 400, id="twice"),
        pytest.param("/data/{job}?page=2", "", 404, id="page_behind_the_last"),
        pytest.param("/data/", "", 404, id="nothing_named"),
        pytest.param("/page/", HTML, 404, id="no_page_named"),
        pytest.param("/data/job/../../etc/passwd", "", 404, id="way_up"),
        pytest.param("/data/job/%00", "", 404, id="nul"),
        pytest.param("/data/job/%3Cscript%3E", "", 404, id="markup"),
    ],
)
def test_what_does_not_fit_is_a_problem(reader: Client, job: str, target: str, accept: str, status: int) -> None:
    reply = see(reader, target.format(job=job).replace("²", "%C2%B2"), accept)
    kind = HTML if accept == HTML else "application/problem+json"
    assert (reply.status, reply.kind) == (status, kind), reply.text


def test_things_of_others_are_as_unknown_ones(reader: Client, other_reader: Client) -> None:
    theirs = step_of(other_reader, "SELECT ?s WHERE { ?s a jg:Job } ORDER BY ?s LIMIT 1")
    unknown = "job/00000000-0000-0000-0000-000000000000"
    assert see(other_reader, f"/data/{theirs}").status == 200
    for folder, accept in (("data", ""), ("page", HTML), ("id", "")):
        replies = [see(reader, f"/{folder}/{step}", accept) for step in (theirs, unknown)]
        shown = [(r.status, r.body.replace(theirs.encode(), b"").replace(unknown.encode(), b"")) for r in replies]
        assert shown[0] == shown[1]
    graph = see(reader, "/data/graph/alpine-therapeutics/asserted")
    assert (graph.status, graph.body) == (404, see(reader, f"/data/{unknown}").body)


def test_only_reading_is_allowed(reader: Client, job: str) -> None:
    reply = reader.ask("DELETE", f"/data/{job}")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_answer_that_is_known_is_not_sent_again(reader: Client, job: str) -> None:
    tag = see(reader, f"/data/{job}").headers["etag"]
    assert see(reader, f"/data/{job}", If_None_Match=tag).status == 304
    assert see(reader, f"/data/{job}?_profile=labelled", If_None_Match=tag).status == 200


def test_head_has_the_headers_and_no_body(reader: Client, job: str) -> None:
    reply = reader.ask("HEAD", f"/page/{job}", headers={"Accept": HTML})
    assert (reply.status, reply.body, reply.kind) == (200, b"", HTML)
