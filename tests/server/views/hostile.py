"""A tenant whose data are as bad as data can be: names that are markup, IRIs that are scripts, nodes without names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from jobgraph.server.views.tenant import Tenant
from jobgraph.store import Generation, GraphNames
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS

BASE = "https://jobgraph.example/id/"
NAMES = GraphNames(BASE, "acme")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</title></main><script src=//evil.example></script>",
    "]]><svg/onload=alert(1)>",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "\u202eevil\u202c \x00\x1b[31m \ufffe",
    "<!--><a href=javascript:alert(1)>x</a>-->",
)
CREATED = "2026-11-23T00:00:00Z"
_Fact: TypeAlias = "tuple[NamedNode | BlankNode, NamedNode, NamedNode | BlankNode | Literal]"
TERM = NamedNode(f"{JG}HostileThing")


@dataclass(frozen=True)
class Unwritten(Generation):
    """A generation that stands on no disk."""

    @property
    def manifest(self) -> dict[str, object]:
        return {"base": BASE, "created": CREATED, "parent": None, "source": HOSTILE[0]}


def hostile_tenant(name: str, *, iri: str = "javascript:alert(1)", code: str = "") -> Tenant:
    """One thing with a name, facts, links and references that all say the same bad text."""
    store = Store()
    thing, other = NamedNode(f"{BASE}job/1"), NamedNode(f"{BASE}job/2")
    property_, class_ = NamedNode(f"{JG}hostileProperty"), NamedNode(f"{JG}Job")
    text, unnamed = Literal(name), BlankNode()
    facts: list[_Fact] = [
        (thing, NamedNode(RDF + "type"), class_),
        (thing, NamedNode(RDFS + "label"), text),
        (thing, NamedNode("http://purl.org/dc/terms/description"), text),
        (thing, NamedNode(SKOS + "notation"), Literal(code or name)),
        (thing, property_, text),
        (thing, property_, Literal(name, language="en")),
        (thing, property_, Literal(name, datatype=NamedNode(RDF + "JSON"))),
        (thing, property_, NamedNode(iri)),
        (thing, NamedNode(iri), text),
        (thing, property_, unnamed),
        (unnamed, NamedNode(RDFS + "label"), text),
        (other, NamedNode(RDF + "type"), class_),
        (other, property_, thing),
        (NamedNode(iri), property_, thing),
        (NamedNode(iri), NamedNode(RDFS + "label"), text),
    ]
    store.extend(Quad(*fact, NamedNode(NAMES.asserted)) for fact in facts)
    terms: list[_Fact] = [
        (TERM, NamedNode(RDF + "type"), NamedNode("http://www.w3.org/2002/07/owl#Class")),
        (TERM, NamedNode(RDFS + "label"), text),
        (TERM, NamedNode(SKOS + "definition"), text),
        (TERM, NamedNode(SKOS + "scopeNote"), text),
        (TERM, NamedNode(RDFS + "subClassOf"), NamedNode(iri)),
        (TERM, NamedNode(RDFS + "isDefinedBy"), NamedNode(iri)),
    ]
    store.extend(Quad(*fact, NamedNode(NAMES.ontology)) for fact in terms)
    return Tenant(store, Unwritten("acme", Path("tenants/acme/generations/000001")), NAMES)
