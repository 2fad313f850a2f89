"""Answers of an endpoint that leaves out rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode
from tests.exports.fake_endpoint import FakeEndpoint, fake_endpoint
from tests.remote.places import BASE, SLUG, fake_place, make_generation, publish_at, quads

from jobgraph.errors import RefusedError
from jobgraph.remote import Place, ask_endpoint, fetch
from jobgraph.remote.graph_set import GraphSet

EVERY = "SELECT ?s { ?s ?p ?o }"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeEndpoint, Place, GraphSet]]:
    folder = tmp_path_factory.mktemp("query")
    with fake_endpoint(NamedNode(f"{BASE}graph/{SLUG}/current")) as endpoint:
        place = fake_place(endpoint, folder / "here")
        yield endpoint, place, publish_at(place, make_generation(folder / "local", quads(1, size=300)))


def rows(place: Place, published: GraphSet, text: str = EVERY) -> int:
    with place.open(SLUG) as endpoint:
        return sum(1 for _ in ask_endpoint(endpoint, place.names(SLUG), published, text).rows())


def test_answer_is_that_of_the_merged_graphs(served: tuple[FakeEndpoint, Place, GraphSet]) -> None:
    _, place, published = served
    assert rows(place, published) == 306  # 305 asserted, 1 unnamed; no other generation, no ontology
    assert rows(place, published, "ASK { GRAPH <https://x.example/notes> { ?s ?p ?o } }") == 1


def test_rows_that_are_left_out_in_silence_are_noticed(served: tuple[FakeEndpoint, Place, GraphSet]) -> None:
    endpoint, place, published = served
    endpoint.most_rows = 200
    try:
        with pytest.raises(RefusedError, match="hands out 200 of 306 rows"):
            rows(place, published)
        assert rows(place, published, f"{EVERY} LIMIT 150") == 150
    finally:
        endpoint.most_rows = 0


def test_copy_is_made_in_pages_where_a_graph_is_cut(served: tuple[FakeEndpoint, Place, GraphSet]) -> None:
    endpoint, place, _ = served
    endpoint.most_rows = 128
    try:
        with fetch(place, SLUG)[1].open() as store:
            assert len(store) == 305 + 4
    finally:
        endpoint.most_rows = 0


@pytest.mark.parametrize("header", ["X-SQL-State", "X-SPARQL-MaxRows"])
def test_answer_that_says_that_it_is_partial_is_refused(
    served: tuple[FakeEndpoint, Place, GraphSet], header: str
) -> None:
    endpoint, place, published = served
    endpoint.confession = header
    try:
        with pytest.raises(RefusedError, match="answers with a part only"):
            rows(place, published)
    finally:
        endpoint.confession = ""
