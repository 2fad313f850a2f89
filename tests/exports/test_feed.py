from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from jobgraph.exports.feed import CREATE, CREATED, DELETE, FOLDER, IS_VERSION_OF, UPDATE, write_feed
from jobgraph.store import Generation, Home
from jobgraph.vocabulary import RDF

BASE = "https://a.example/id/"
TYPE, NAME = NamedNode(RDF + "type"), NamedNode("urn:name")
ONE, TWO = NamedNode("urn:graph:1"), NamedNode("urn:graph:2")


@dataclass(frozen=True)
class All:
    """All of a store."""

    store: Store

    def quads(self) -> Iterable[Quad]:
        return list(self.store)


def thing(name: str, *texts: str, graph: NamedNode = ONE) -> list[Quad]:
    return [Quad(NamedNode(f"urn:{name}"), NAME, Literal(text), graph) for text in texts]


STATES = [
    [*thing("a", "1"), *thing("b", "1"), *thing("c", "1")],
    [*thing("a", "1", "2"), *thing("c", "1", graph=TWO), *thing("d", "1")],  # a changed, b left, c moved, d came
    [*thing("a", "1", "2"), *thing("b", "1"), *thing("c", "1")],  # b is back, d left
]


@pytest.fixture
def generations(tmp_path: Path) -> list[Generation]:
    tenant = Home(tmp_path).create_tenant("acme", base=BASE)
    made = []
    for state in STATES:
        with tenant.begin() as draft:
            store = Store(str(draft.store_path))
            store.extend(state)
            del store
            made.append(draft.publish({}))
    return made


def feed_of(generations: list[Generation], **options: int) -> list[dict[str, object]]:
    return write_feed(generations, lambda _, store: All(store), folder_of=lambda each: each.cache_path, **options)


def members(generation: Generation, step: Mapping[str, object]) -> Iterator[tuple[str, NamedNode, set[Triple]]]:
    """What happened to which thing, and what is said of it then."""
    for number in range(1, len(step["pages"]) + 1):  # type: ignore[arg-type]
        path = generation.cache_path / FOLDER / str(step["step"]) / f"{number}.nq"
        store = Store()
        store.extend(parse(path=path, format=RdfFormat.N_QUADS))
        for quad in store.quads_for_pattern(None, IS_VERSION_OF, None):
            kind = next(q.object for q in store.quads_for_pattern(quad.subject, TYPE, None))
            assert isinstance(quad.object, NamedNode)
            assert isinstance(kind, NamedNode)
            assert next(store.quads_for_pattern(quad.subject, CREATED, None))
            assert isinstance(quad.subject, NamedNode)
            yield quad.object.value, kind, {q.triple for q in store.quads_for_pattern(None, None, None, quad.subject)}


def test_each_step_says_what_came_changed_and_left(generations: list[Generation]) -> None:
    steps = feed_of(generations)
    told = [{(name, kind) for name, kind, _ in members(g, s)} for g, s in zip(generations, steps, strict=True)]
    assert told == [
        {("urn:a", CREATE), ("urn:b", CREATE), ("urn:c", CREATE)},
        {("urn:a", UPDATE), ("urn:b", DELETE), ("urn:d", CREATE)},
        {("urn:b", CREATE), ("urn:d", DELETE)},
    ]


@pytest.mark.parametrize("start", range(3))
def test_whoever_follows_arrives_at_what_there_is_now(generations: list[Generation], start: int) -> None:
    known: dict[str, set[Triple]] = {}
    for generation, step in zip(generations[start:], feed_of(generations[start:]), strict=True):
        for name, kind, triples in members(generation, step):
            known.pop(name, None)
            if kind != DELETE:
                known[name] = triples
    assert {t for triples in known.values() for t in triples} == {quad.triple for quad in STATES[-1]}


def test_pages_are_filled_and_never_written_again(generations: list[Generation]) -> None:
    first = feed_of(generations[:2], page_members=2)
    pages = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in _pages(generations)}
    steps = feed_of(generations, page_members=2)
    assert [len(step["pages"]) for step in steps] == [2, 2, 1]  # type: ignore[arg-type]
    assert steps[:2] == json.loads(json.dumps(first))
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in pages} == pages


def test_names_of_versions_are_unique_and_the_same_each_time(generations: list[Generation]) -> None:
    feed_of(generations)
    texts = {path: path.read_bytes() for path in _pages(generations)}
    names = [
        line.split()[0] for text in texts.values() for line in text.splitlines() if IS_VERSION_OF.value.encode() in line
    ]
    assert len(set(names)) == len(names) == 8
    for generation in generations:
        shutil.rmtree(generation.cache_path)
    feed_of(generations)
    assert {path: path.read_bytes() for path in _pages(generations)} == texts


def test_pages_go_with_their_generation(generations: list[Generation], tmp_path: Path) -> None:
    feed_of(generations)
    Home(tmp_path).tenant("acme").prune(1)
    assert {path.relative_to(generations[2].cache_path).parts[1] for path in _pages(generations)} == {"000003-000004"}


def test_nothing_half_made_is_taken_for_a_step(generations: list[Generation], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("jobgraph.exports.feed.sync_tree", broken)
        with pytest.raises(KeyboardInterrupt):
            feed_of(generations[:1])
    assert len(feed_of(generations[:1])[0]["pages"]) == 1  # type: ignore[arg-type]
    assert not list(generations[0].cache_path.rglob("*.partial"))


def _pages(generations: list[Generation]) -> list[Path]:
    return sorted(path for each in generations for path in each.cache_path.rglob("*.nq"))
