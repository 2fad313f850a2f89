"""Publication at an endpoint that fails, changes what it gets, or is written to by others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.exports.fake_endpoint import FakeEndpoint, Plan, fake_endpoint
from tests.remote.places import (
    BASE,
    EX,
    SILENT,
    SLUG,
    content_of,
    fake_place,
    make_generation,
    publish_at,
    published_at,
    quads,
)

from jobgraph.errors import JobgraphError, RefusedError, StaleGenerationError, UsageError
from jobgraph.exports.endpoint import Endpoint
from jobgraph.remote import Place, Pointer, fetch
from jobgraph.remote.graph_set import GraphSet, part_of
from jobgraph.remote.publication import sent
from jobgraph.remote.reading import read_part
from jobgraph.store import Generation, Home

POINTER = NamedNode(f"{BASE}graph/{SLUG}/current")
FAULTS = ["500", "cut", "lost", "half"]  # before the work, and after it


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> list[Generation]:
    home = tmp_path_factory.mktemp("local")
    return [make_generation(home, quads(number)) for number in (1, 2, 3)]


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint(POINTER) as started:
        yield started


@pytest.fixture
def place(endpoint: FakeEndpoint, tmp_path: Path) -> Place:
    return fake_place(endpoint, tmp_path, store_timeout_s=0.3)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait little before another try."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def graphs(endpoint: FakeEndpoint) -> set[str]:
    """The graphs that hold anything."""
    return {quad.graph_name.value for quad in endpoint.store if isinstance(quad.graph_name, NamedNode)}


def test_generation_is_a_set_of_graphs_of_its_own(
    place: Place, endpoint: FakeEndpoint, generations: list[Generation]
) -> None:
    published = publish_at(place, generations[0])
    start = f"{BASE}graph/{SLUG}/generation/000001/"
    assert published.iri.startswith(start)
    assert {iri.removeprefix(f"{published.iri}/").partition("/")[0] for iri in graphs(endpoint) - {POINTER.value}} == {
        "asserted",
        "ontology",
        "other",
        "unnamed",
        "files",
    }


def test_next_one_is_published_beside_it(place: Place, generations: list[Generation]) -> None:
    first, second = (publish_at(place, generation) for generation in generations[:2])
    assert (second.name, second.manifest["parent"]) == ("000002", "000001")
    assert published_at(place) == second
    tenant, copy = fetch(place, SLUG, "1")
    assert content_of(copy) == content_of(generations[0])
    assert (copy.manifest["remote"], tenant.current()) == (first.iri, None)


def steps(place: Place, endpoint: FakeEndpoint, generation: Generation) -> int:
    endpoint.begin(Plan())
    publish_at(place, generation)
    return len(endpoint.requests)


def is_whole(place: Place, published: GraphSet) -> bool:
    with place.open(SLUG) as endpoint:
        return all(part_of(part.graph, read_part(endpoint, part)) == part for part in published.parts)


@pytest.mark.parametrize("is_lasting", [False, True], ids=["once", "from_then_on"])
def test_publication_that_fails_anywhere_leaves_old_or_new(
    place: Place, endpoint: FakeEndpoint, generations: list[Generation], *, is_lasting: bool
) -> None:
    publish_at(place, generations[0])
    count = steps(place, endpoint, generations[1])
    for step in range(1 + is_lasting, count + 1, 2):
        fault = FAULTS[step % len(FAULTS)]
        before = published_at(place)
        endpoint.begin(Plan(fault, step, is_lasting=is_lasting))
        try:
            expected: list[GraphSet | None] = [publish_at(place, generations[2])]
        except JobgraphError:
            expected = [before]
        endpoint.begin(Plan())
        found = published_at(place)
        assert found in expected or (found and found.manifest["parent"] == (before and before.name)), (step, fault)
        assert found is not None
        assert is_whole(place, found), (step, fault)


def test_failed_publication_takes_its_graphs_back(
    place: Place, endpoint: FakeEndpoint, generations: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_at(place, generations[0])
    before = graphs(endpoint), set(endpoint.store.quads_for_pattern(None, None, None, POINTER))
    monkeypatch.setattr(Endpoint, "count", lambda _endpoint, _graph: 1)
    with pytest.raises(RefusedError, match=r"made 1 triples of the .* nothing was switched"):
        publish_at(place, generations[1])
    assert (graphs(endpoint), set(endpoint.store.quads_for_pattern(None, None, None, POINTER))) == before


def test_endpoint_that_rewrites_a_value_is_refused(
    place: Place, endpoint: FakeEndpoint, generations: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = FakeEndpoint.work

    def rewrite(fake: FakeEndpoint, path: str, fields: dict[str, list[str]], method: str, body: bytes) -> bytes:
        return work(fake, path, fields, method, body.replace(b"@de", b"@fr"))

    monkeypatch.setattr(FakeEndpoint, "work", rewrite)
    with pytest.raises(RefusedError, match=r"hands out other triples .* than it was sent"):
        publish_at(place, generations[0])
    assert published_at(place) is None
    assert graphs(endpoint) == set()


def test_slower_one_of_two_writers_is_refused(place: Place, generations: list[Generation]) -> None:
    publish_at(place, generations[0])
    with place.open(SLUG) as endpoint, sent(endpoint, place.names(SLUG), generations[1], SILENT) as slower:
        winner = publish_at(place, generations[2])
        with pytest.raises(StaleGenerationError, match="published generation 000003 of acme meanwhile"):
            Pointer(endpoint, place.names(SLUG)).switch(slower.new, slower.old)
    assert published_at(place) == winner


def test_of_two_first_generations_one_stays(
    place: Place, generations: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open(SLUG) as endpoint, sent(endpoint, place.names(SLUG), generations[1], SILENT) as faster:
        pointer = Pointer(endpoint, place.names(SLUG))
        with sent(endpoint, place.names(SLUG), generations[2], SILENT) as slower:
            pointer.switch(faster.new, None)
            with monkeypatch.context() as patched:  # it looked before the other was there
                patched.setattr(Pointer, "current", lambda _pointer: None)
                with pytest.raises(StaleGenerationError):
                    pointer.switch(slower.new, None)
    assert published_at(place) == faster.new
    assert published_at(place) != publish_at(place, generations[0]) == published_at(place)


def test_lost_piece_is_noticed_by_readers(place: Place, endpoint: FakeEndpoint, generations: list[Generation]) -> None:
    published = publish_at(place, generations[0])
    part = published.graphs[""]
    endpoint.store.remove_graph(NamedNode(part.graph))
    with pytest.raises(RefusedError, match="hands out 0 of the 1 triples"):
        fetch(place, SLUG)
    endpoint.store.add(Quad(NamedNode(f"{EX}u"), NamedNode(f"{EX}p"), Literal(7), NamedNode(part.graph)))
    with pytest.raises(RefusedError, match="other triples"):
        fetch(place, SLUG)
    assert Home(place.home.path).tenants() == []


def test_endpoint_without_updates_is_refused_before_anything_is_sent(
    endpoint: FakeEndpoint, tmp_path: Path, generations: list[Generation]
) -> None:
    nowhere = fake_place(endpoint, tmp_path, store_update=f"{endpoint.address.removesuffix('/store')}/nothing")
    endpoint.begin(Plan())
    with pytest.raises(UsageError, match="/nothing answers 404"):
        publish_at(nowhere, generations[0])
    assert graphs(endpoint) == set()
    assert not any(path.startswith("/store") for path in endpoint.requests)
