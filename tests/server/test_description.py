"""What the server says of itself: Service Description, VoID and DCAT."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse
from tests.server.live import NORTHWIND, TURTLE, Client, LiveServer, Reply

from jobgraph.store import PREFIXES, Home

SD, VOID, DCAT = "http://www.w3.org/ns/sparql-service-description#", "http://rdfs.org/ns/void#", PREFIXES["dcat"]
FORMATS = "http://www.w3.org/ns/formats/"


def graph(reply: Reply) -> Store:
    assert reply.status == 200, reply.text
    store = Store()
    store.extend(
        Quad(q.subject, q.predicate, q.object) for q in parse(reply.body, RdfFormat.from_media_type(reply.kind))
    )
    return store


def values(store: Store, predicate: str, subject: NamedNode | BlankNode | None = None) -> set[str]:
    found = (quad.object for quad in store.quads_for_pattern(subject, NamedNode(predicate), None))
    return {term.value for term in found if isinstance(term, NamedNode | Literal)}


@pytest.mark.parametrize("path", ["/sparql", "/update"])
def test_get_that_asks_nothing_describes_the_service(reader: Client, path: str) -> None:
    store = graph(reader.ask("GET", path, headers={"Accept": f"{TURTLE}, application/rdf+xml;q=0.9"}))
    (service,) = store.quads_for_pattern(None, None, NamedNode(f"{SD}Service"))
    assert isinstance(service.subject, BlankNode | NamedNode)
    assert values(store, f"{SD}endpoint", service.subject) == {f"http://127.0.0.1:{reader.port}{path}"}


def test_description_names_what_this_asker_may_send(reader: Client, writer: Client) -> None:
    languages = [values(graph(client.ask("GET", "/sparql")), f"{SD}supportedLanguage") for client in (reader, writer)]
    assert languages == [{f"{SD}SPARQL11Query"}, {f"{SD}SPARQL11Query", f"{SD}SPARQL11Update"}]


def test_description_names_every_format(reader: Client) -> None:
    named = {iri.removeprefix(FORMATS) for iri in values(graph(reader.ask("GET", "/sparql")), f"{SD}resultFormat")}
    assert named == {
        *(f"SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")),
        *("Turtle", "N-Triples", "N-Quads", "TriG", "JSON-LD", "RDF_XML"),
    }


@pytest.mark.parametrize(
    "kind", [TURTLE, "application/n-triples", "application/ld+json", "application/rdf+xml", "application/trig"]
)
@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
def test_descriptions_come_in_every_format(reader: Client, path: str, kind: str) -> None:
    reply = reader.ask("GET", path, headers={"Accept": kind})
    assert reply.kind == kind
    assert len(graph(reply)) > 5


@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
@pytest.mark.parametrize(("method", "accept", "status"), [("GET", "image/png", 406), ("PUT", "*/*", 405)])
def test_description_cannot_be_had_otherwise(reader: Client, path: str, method: str, accept: str, status: int) -> None:
    assert reader.ask(method, path, headers={"Accept": accept}).status == status


@pytest.mark.parametrize("path", ["/", "/.well-known/void", "/graphs"])
def test_data_set_is_described_with_its_counts(live: LiveServer, reader: Client, path: str) -> None:
    store = graph(reader.ask("GET", path, headers={"Accept": TURTLE}))
    generation = Home(live.home).tenant(NORTHWIND).current()
    assert generation
    root = f"http://127.0.0.1:{reader.port}/"
    counts = generation.manifest["counts"]
    assert isinstance(counts, dict)
    assert values(store, f"{VOID}triples", NamedNode(root)) == {str(sum(counts.values()))}
    assert values(store, f"{VOID}subset", NamedNode(root)) == set(counts)
    assert values(store, f"{VOID}sparqlEndpoint") == values(store, f"{DCAT}accessURL") == {f"{root}sparql"}
    assert values(store, f"{DCAT}version") == {generation.name}


def test_description_needs_a_token(live: LiveServer) -> None:
    replies = [live.client().ask("GET", path) for path in ("/sparql", "/.well-known/void", "/graphs", "/metrics")]
    assert [reply.status for reply in replies] == [401] * 4
    assert {reply.headers["www-authenticate"].partition(" ")[0] for reply in replies} == {"Bearer"}


def test_counts_are_for_admins(live: LiveServer, reader: Client) -> None:
    assert reader.ask("GET", "/metrics").status == 403
    reply = live.client(NORTHWIND, "admin").ask("GET", "/metrics")
    assert (reply.status, b"jobgraph_requests_total" in reply.body) == (200, True)


@pytest.mark.parametrize(("path", "status"), [("/health", "alive"), ("/ready", "ready")])
def test_health_needs_no_token(live: LiveServer, path: str, status: str) -> None:
    assert live.client().ask("GET", path).json == {"status": status}
