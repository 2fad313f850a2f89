"""Packages for tests: a small one out of the shipped sample, and ways to make one that is wrong in one thing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from jobgraph.errors import JobgraphError
from jobgraph.exports.canonical import canonical_lines, dataset_hash
from jobgraph.exports.description import describe_package
from jobgraph.exports.manifest import MANIFEST, Counts, Hashes, Manifest, digest_of, read_manifest
from jobgraph.exports.package import PackageRequest, write_package
from jobgraph.exports.package_data import graph_iri
from jobgraph.exports.package_files import open_package
from jobgraph.exports.profile import Profile, read_profile
from jobgraph.exports.signing import PublicKey
from jobgraph.exports.sorted_data import take_census
from jobgraph.exports.verification import Expectations, Verified, verify_package
from jobgraph.store import Generation, Home
from jobgraph.vocabulary import Vocabulary

TENANT = "northwind-bio"
TODAY = date(2026, 11, 22)
NQUADS = "data/graph.nq"
VOCABULARY = Vocabulary()

# Jobs and outcomes, with a class whose rule has a condition, and each kind of mask.
PROFILE = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix jg: <https://w3id.org/jobgraph/> .
@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix prof: <http://www.w3.org/ns/dx/prof/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://partner.example/profile> a prof:Profile ;
    rdfs:label "small"@en ; prof:hasToken "small" ; prof:isProfileOf <https://w3id.org/jobgraph/> ;
    dcterms:title "Jobs | and their *outcomes*"@en ; dcterms:description "A small part."@en ;
    dcterms:format "nquads" ;
    jg:includesGraph jg:AssertedGraph , jg:InferredGraph , jg:ReferenceGraph ;
    odrl:hasPolicy <https://partner.example/policy> .

<https://partner.example/us> a odrl:Party ; rdfs:label "Northwind"@en .
<https://partner.example/you> a odrl:Party ; rdfs:label "Contoso"@en .

<https://partner.example/policy> a odrl:Agreement ;
    odrl:assigner <https://partner.example/us> ; odrl:assignee <https://partner.example/you> ;
    odrl:permission [
        odrl:action odrl:use ; odrl:target <https://partner.example/profile> ;
        odrl:constraint
            [ odrl:leftOperand odrl:purpose ; odrl:operator odrl:eq ; odrl:rightOperand "research" ] ,
            [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:gteq ; odrl:rightOperand "2026-01-01"^^xsd:date ] ,
            [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:lteq ; odrl:rightOperand "2099-12-31"^^xsd:date ] ] .

<https://partner.example/jobs> a sh:NodeShape ;
    sh:targetClass jg:Job ;
    sh:property [ sh:path rdfs:label ] , [ sh:path skos:notation ] , [ sh:path jg:hasOutcome ] ,
        [ sh:path jg:hasStatus ] , [ sh:path jg:dependsOn ] , [ sh:path jg:belongsToFunction ] ,
        [ sh:path dcterms:created ; jg:datePrecision "month" ] .

<https://partner.example/outcomes> a sh:NodeShape ;
    sh:targetClass jg:Outcome ;
    sh:property [ sh:path rdfs:label ; sh:minCount 1 ] , [ sh:path jg:importanceScore ; jg:numberStep 0.5 ] ,
        [ sh:path jg:satisfactionScore ] , [ sh:path jg:computedOpportunityScore ] .
"""


def small_profile(folder: Path, text: str = PROFILE) -> Profile:
    path = folder / "small.ttl"
    path.write_text(text, encoding="utf-8")
    return read_profile(str(path), vocabulary=VOCABULARY)


def current(home: Path, tenant: str = TENANT) -> Generation:
    generation = Home(home).tenant(tenant).current()
    assert generation
    return generation


def make_package(home: Path, profile: Profile, target: Path, **asked: Any) -> Manifest:
    request = PackageRequest(**{"today": TODAY, **asked})
    return write_package(current(home), profile, target, vocabulary=VOCABULARY, request=request)


def verified(path: Path, *, key: PublicKey | None = None, today: date = TODAY) -> Verified:
    with TemporaryDirectory() as folder, open_package(path) as files:
        return verify_package(files, Expectations(VOCABULARY, today, key), Path(folder))


def problem_of(path: Path, **options: Any) -> str:
    """The one line that says what does not hold; empty where all does."""
    try:
        verified(path, **options)
    except JobgraphError as error:
        text = str(error)
        assert "\n" not in text
        assert text.isprintable()
        return text
    return ""


def manifest_of(folder: Path) -> Manifest:
    return read_manifest((folder / MANIFEST).read_bytes(), folder)


def copied(folder: Path, target: Path) -> Path:
    with suppress(FileNotFoundError):
        shutil.rmtree(target)
    shutil.copytree(folder, target)
    return target


def resealed(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _facts: None) -> None:
    """Write the manifest anew: the hashes of all files as they are now, then a change of its facts."""
    facts = manifest_of(folder).model_dump()
    for name, file in facts["files"].items():
        file["size"], file["sha256"] = digest_of(folder / name)
    change(facts)
    (folder / MANIFEST).write_bytes(Manifest.model_validate(facts, strict=False).sealed().to_bytes())


def with_data(folder: Path, quads: Iterable[Quad], profile: Profile) -> None:
    """Put other data into a package, and make everything that it says of them true."""
    listed = list(quads)
    with (folder / NQUADS).open("wb") as output:
        serialize(listed, output, RdfFormat.N_QUADS)
    census, graphs = take_census(canonical_lines(Quad(*q.triple) for q in listed)), [graph_iri(q) for q in listed]
    old = manifest_of(folder)
    counts = old.counts.model_dump() | {
        "triples": census.triples,
        "subjects": census.subjects,
        "things": census.things,
        "properties": census.properties,
        "graphs": {graph: graphs.count(graph) for graph in sorted(set(graphs))},
    }
    hashes = Hashes(dataset=dataset_hash(listed), triples=census.digest)
    made = old.model_copy(update={"counts": Counts.model_validate(counts), "hashes": hashes})
    (folder / "description.ttl").write_text(describe_package(made, profile), encoding="utf-8")
    (folder / MANIFEST).write_bytes(made.sealed().to_bytes())
    resealed(folder)


def quads_of(folder: Path) -> list[Quad]:
    return list(parse(path=str(folder / NQUADS), format=RdfFormat.N_QUADS))


def thing(folder: Path, class_name: str) -> NamedNode:
    """The first thing of a class in a package."""
    kind = NamedNode(f"https://w3id.org/jobgraph/{class_name}")
    found = (quad.subject for quad in quads_of(folder) if quad.object == kind)
    return next(node for node in found if isinstance(node, NamedNode))
