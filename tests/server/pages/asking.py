"""What the tests of pages and linked data ask of a running server."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from pyoxigraph import RdfFormat, Triple, parse
from tests.server.live import Client, Reply

BASE = "https://jobgraph.example/id/"
HTML, TURTLE, JSON_LD = "text/html", "text/turtle", "application/ld+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
A_JOB = "SELECT ?s WHERE { ?s skos:notation 'PHARMA_MA_PUB_001' }"


def see(client: Client, target: str, accept: str = "", **headers: str) -> Reply:
    return client.ask("GET", target, headers={"Accept": accept, **{k.replace("_", "-"): v for k, v in headers.items()}})


def step_of(client: Client, query: str = A_JOB) -> str:
    """The part of an IRI behind the base."""
    return client.query(query).rows[0]["s"].removeprefix(BASE)


def triples(reply: Reply) -> set[Triple]:
    assert reply.status == 200, (reply.status, reply.text[:300])
    format_ = RdfFormat.from_media_type(reply.kind)
    assert format_
    return {quad.triple for quad in parse(reply.body, format_)}


def asked(client: Client, pattern: str) -> set[Triple]:
    """The triples of the graph that fit a pattern, by SPARQL."""
    return triples(client.query(f"CONSTRUCT {{ {pattern} }} WHERE {{ {pattern} }}", accept="application/n-triples"))


def links(reply: Reply) -> dict[str, str]:
    """The targets of the Link headers by relation, the first of each."""
    found: dict[str, str] = {}
    for item in reply.headers.get("link", "").split(", <"):
        target, _, rest = item.lstrip("<").partition(">")
        relation = rest.partition('rel="')[2].partition('"')[0]
        found.setdefault(relation, target)
    return found


def local_address(iri: str) -> str:
    return quote(urlsplit(iri).path, safe="/%")
