"""Endpoints to publish at, and small generations to publish."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store
from tests.exports.fake_endpoint import FakeEndpoint

from jobgraph.pipeline import Progress
from jobgraph.remote import Place, Pointer, publish
from jobgraph.remote.graph_set import GraphSet
from jobgraph.settings import Settings
from jobgraph.store import Generation, GraphNames, Home
from jobgraph.vocabulary import XSD

BASE = "https://x.example/id/"
SLUG = "acme"
NAMES = GraphNames(BASE, SLUG)
EX = "https://x.example/"
SILENT: Progress = lambda _stage, _count, _unit="": None  # noqa: E731 it is what a caller passes


def quads(number: int, size: int = 5) -> list[Quad]:
    """All kinds of graphs and terms; each number states something else."""
    asserted, ontology, notes = (NamedNode(iri) for iri in (NAMES.asserted, NAMES.ontology, f"{EX}notes"))
    p, blank = NamedNode(f"{EX}p"), BlankNode("b0c14n1")
    values = [Literal(f"line {number}\n\t\"'\\ é 🙂"), Literal("ja", language="de"), Literal(number), Literal("")]
    day = Literal("2026-01-02", datatype=NamedNode(f"{XSD}date"))
    return [
        *(Quad(NamedNode(f"{EX}s/{n}"), p, Literal(f"{number} {n}"), asserted) for n in range(size)),
        *(Quad(NamedNode(f"{EX}s"), p, value, asserted) for value in [*values, day]),
        Quad(blank, p, BlankNode("b0c14n2"), ontology),
        Quad(NamedNode(f"{EX}t"), p, blank, ontology),
        Quad(NamedNode(f"{EX}n"), p, Literal(number), notes),
        Quad(NamedNode(f"{EX}u"), p, Literal(number), DefaultGraph()),
    ]


def make_generation(home: Path, content: Iterable[Quad], *, base: str = BASE) -> Generation:
    """A generation of this machine, with a file beside its store."""
    with Home(home).tenant(SLUG, missing_ok=True).begin() as draft:
        store = Store(str(draft.store_path))
        store.extend(content)
        del store
        draft.path.joinpath("report.ttl").write_bytes(b"# a report\n" * 40_000)
        draft.path.joinpath("empty.parquet").write_bytes(b"")
        return draft.publish({"base": base, "counts": {}})


def content_of(generation: Generation) -> set[Quad]:
    """All quads of a generation, blank nodes with their names."""
    with generation.open() as store:
        return set(store)


def place_at(address: str, home: Path, **settings: Any) -> Place:
    """The place of an endpoint whose graph store has this address."""
    known: dict[str, Any] = {"home": home, "base": BASE, "store": f"sparql+{address}"}
    known |= {"store_timeout_s": 2.0, "store_grace_s": 0}
    return Place.from_settings(Settings(**(known | settings)))


def fake_place(endpoint: FakeEndpoint, home: Path, **settings: Any) -> Place:
    """The place of an endpoint of the tests."""
    return place_at(endpoint.address, home, **settings)


def publish_at(place: Place, generation: Generation) -> GraphSet:
    """A generation published as the next one at a place."""
    with place.open(SLUG) as endpoint:
        return publish(endpoint, place.names(SLUG), generation, SILENT)


def published_at(place: Place) -> GraphSet | None:
    """What a reader of the pointer sees."""
    with place.open(SLUG) as endpoint:
        return Pointer(endpoint, place.names(SLUG)).current()
