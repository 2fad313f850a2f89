"""The metadata graph of a generation."""

from __future__ import annotations

from datetime import UTC, datetime

from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, parse

from jobgraph.provenance import DCTERMS, VOID, Origin, metadata_quads
from jobgraph.vocabulary import JG, XSD, Vocabulary

BASE = "https://graph.example/id/"
GRAPH = f"{BASE}graph/acme/metadata"
ORIGIN = Origin(
    BASE,
    "acme",
    "exports",
    "1.0",
    datetime(2026, 1, 2, tzinfo=UTC),
    {f"{BASE}a": 2, f"{BASE}b": 3},
    quarantined=4,
    findings=5,
)


def facts() -> Dataset:
    return Dataset(metadata_quads(ORIGIN, GRAPH))


def value(subject: str, predicate: str) -> str:
    found = facts().quads_for_subject(NamedNode(subject))
    return next(str(quad.object.value) for quad in found if quad.predicate.value == predicate)  # type: ignore[union-attr]


def test_every_statement_is_in_the_metadata_graph() -> None:
    assert {quad.graph_name for quad in facts()} == {NamedNode(GRAPH)}


def test_triples_are_the_sum_over_the_graphs() -> None:
    assert value(f"{BASE}dataset/acme", f"{VOID}triples") == "5"
    assert value(f"{BASE}b", f"{VOID}triples") == "3"


def test_moment_of_the_build_is_a_date_with_time() -> None:
    built = Literal("2026-01-02T00:00:00+00:00", datatype=NamedNode(f"{XSD}dateTime"))
    created = NamedNode(f"{DCTERMS}created")
    assert Quad(NamedNode(f"{BASE}dataset/acme"), created, built, NamedNode(GRAPH)) in facts()


def test_own_terms_are_declared_by_the_ontology() -> None:
    files = Vocabulary().ontology_files()
    declared = {quad.subject for path in files for quad in parse(path=str(path), format=RdfFormat.TURTLE)}
    used = {quad.predicate for quad in facts() if quad.predicate.value.startswith(JG)}
    assert used
    assert used <= declared
