"""Profiles and generations to test with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pyoxigraph import Quad, Store

from jobgraph.exports import ClassRule, Policy, Profile
from jobgraph.exports.profile import GraphKind
from jobgraph.store import Generation, GraphNames

BASE = "https://x.example/id/"
NAMES = GraphNames(BASE, "acme")
KEY = b"0123456789abcdef"
_HEAD = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://x.example/profile/> .
@prefix jg: <https://w3id.org/jobgraph/> .
@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix prof: <http://www.w3.org/ns/dx/prof/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
JOBS = "ex:jobs a sh:NodeShape ; sh:targetClass jg:Job ; sh:property [ sh:path rdfs:label ] ."
POLICY = """a odrl:Agreement ; odrl:assigner <urn:us> ; odrl:assignee <urn:them> ;
    odrl:permission [ odrl:action odrl:use ] ."""


def profile_text(shapes: str = JOBS, *, more: str = "", graphs: str = "jg:AssertedGraph", policy: str = POLICY) -> str:
    """A profile in Turtle."""
    return f"""{_HEAD}
ex:own a prof:Profile ; prof:hasToken "own" ; dcterms:title "Own" ; dcterms:description "Some jobs." ;
    dcterms:format "turtle" ; jg:includesGraph {graphs} ; odrl:hasPolicy ex:policy {more} .
ex:policy {policy}
{shapes}
"""


def written(folder: Path, text: str) -> str:
    """The path of a file with a profile."""
    path = folder / "own.ttl"
    path.write_text(text, encoding="utf-8")
    return str(path)


@dataclass(frozen=True)
class StandIn:
    """What the selection needs of a generation."""

    names: GraphNames = NAMES
    name: str = "000001"
    manifest: dict[str, object] = field(default_factory=dict)


def generation(**manifest: object) -> Generation:
    """A generation that is only a name and a manifest."""
    return cast("Generation", StandIn(manifest=manifest))


def store_of(quads: Iterable[Quad]) -> Store:
    """A store in memory."""
    store = Store()
    store.bulk_extend(quads)
    return store


def to_profile(
    rules: Iterable[ClassRule], graphs: Iterable[GraphKind] = ("asserted",), policy_of: str = "urn:them", **others: Any
) -> Profile:
    """A profile of some rules."""
    options: dict[str, Any] = {
        "base": None,
        "languages": (),
        "max_violations": None,
        "wants_evidence": False,
    }
    return Profile(
        name="own",
        iri="https://x.example/profile/own",
        title="Own",
        description="Some.",
        policy=Policy("https://x.example/policy", "urn:us", policy_of, "testing"),
        classes={rule.class_iri: rule for rule in rules},
        graphs=frozenset(graphs),
        formats=("turtle",),
        frame=None,
        turtle="",
        **(options | others),
    )


def each(values: Iterable[object]) -> Iterator[str]:
    """The texts of some values."""
    return (str(value) for value in values)
