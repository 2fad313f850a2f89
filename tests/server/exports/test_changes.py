from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from tests.exports.changing import ENDED, NAME, SLUG, changed, copied, own_profile
from tests.server.exports.conftest import limited
from tests.server.live import Client, LiveServer, Reply, serving

from jobgraph.exports.selection import Selection
from jobgraph.server.audit_log import AuditLog
from jobgraph.store import Home
from jobgraph.vocabulary import JG, RDF, Vocabulary

ROOT = f"/exports/{NAME}/changes"
LDES, TREE, AS = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
VERSION_OF = NamedNode("http://purl.org/dc/terms/isVersionOf")
QUADS = "application/n-quads"
FORMATS = {"application/trig": RdfFormat.TRIG, QUADS: RdfFormat.N_QUADS, "application/ld+json": RdfFormat.JSON_LD}


@pytest.fixture(scope="module")
def things(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home with two generations, and the jobs that the second has not, has changed and has anew."""
    tenant = copied(sample_home, tmp_path_factory.mktemp("feed") / "home")
    return tenant.path.parent.parent, changed(tenant)[1]


@pytest.fixture(scope="module")
def feeding(things: tuple[Path, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(things[0], log, settings={"export_wait_seconds": 110}) as server:
        yield server


@pytest.fixture(scope="module")
def client(feeding: LiveServer) -> Client:
    return limited(feeding.home, feeding.port, NAME)


def fetched(client: Client, path: str, media_type: str = QUADS, **headers: str) -> Reply:
    reply = client.ask("GET", path, headers={"Accept": media_type, **headers})
    assert reply.status == 200, reply.text
    return reply


def read(reply: Reply) -> Store:
    store = Store()
    store.extend(parse(reply.body, FORMATS[reply.kind]))
    return store


def values(store: Store, predicate: str) -> list[str]:
    found = store.quads_for_pattern(None, NamedNode(predicate), None)
    return sorted({getattr(quad.object, "value", "") for quad in found})


def pages(client: Client) -> list[str]:
    """The paths of the pages, in the order of their steps."""
    found = values(read(fetched(client, ROOT)), f"{TREE}node")
    return sorted((ROOT + address.partition(ROOT)[2] for address in found), key=_place)


def _place(path: str) -> tuple[str, int]:
    step, number = path.split("/")[-2:]
    return step.rpartition("-")[2], int(number)


def followed(client: Client) -> dict[str, set[Any]]:
    """What somebody knows who has read all pages: the triples of each thing."""
    known: dict[str, set[Any]] = {}
    for path in pages(client):
        store = read(fetched(client, path))
        for quad in store.quads_for_pattern(None, VERSION_OF, None, None):
            if quad.graph_name == quad.subject:
                continue
            thing = str(getattr(quad.object, "value", ""))
            known.pop(thing, None)
            payload = {each.triple for each in store.quads_for_pattern(None, None, None, quad.subject)}  # type: ignore[arg-type]
            if payload:
                known[thing] = payload
    return known


def test_who_follows_the_feed_has_what_a_full_export_has(
    feeding: LiveServer, client: Client, shipped_vocabulary: Vocabulary
) -> None:
    tenant = Home(feeding.home).tenant(SLUG)
    generation = tenant.current()
    assert generation
    with generation.open() as store:
        profile = own_profile(tenant, shipped_vocabulary)
        quads = Selection(store, generation, profile, vocabulary=shipped_vocabulary).quads()
        triples = {quad.triple for quad in quads if str(quad.graph_name) != f"<{JG}>"}
    assert {triple for known in followed(client).values() for triple in known} == triples


def test_the_last_step_tells_what_left_changed_and_came(client: Client, things: tuple[Path, list[str]]) -> None:
    store = read(fetched(client, pages(client)[-1]))
    kinds = {
        str(getattr(quad.object, "value", "")): values_of(store, quad.subject)
        for quad in store.quads_for_pattern(None, VERSION_OF, None)
    }
    gone, other, new = things[1]
    assert (kinds[gone], kinds[other], kinds[new]) == ("Delete", "Update", "Create")


def values_of(store: Store, member: Any) -> str:
    kinds = store.quads_for_pattern(member, NamedNode(RDF + "type"), None)
    return next(quad.object.value.removeprefix(AS) for quad in kinds if quad.object.value.startswith(AS))  # type: ignore[union-attr]


def test_the_first_page_says_how_to_read_the_feed(client: Client) -> None:
    store = read(fetched(client, ROOT))
    (stream,) = {q.subject for q in store.quads_for_pattern(None, None, NamedNode(f"{LDES}EventStream"))}
    views = {
        str(getattr(q.object, "value", "")) for q in store.quads_for_pattern(stream, NamedNode(f"{TREE}view"), None)
    }
    assert {view.partition(ROOT)[1:] for view in views} == {(ROOT, "")}
    assert values(store, f"{LDES}timestampPath") == ["http://purl.org/dc/terms/created"]
    assert values(store, f"{LDES}versionOfPath") == [VERSION_OF.value]
    assert values(store, f"{LDES}versionDeleteObject") == [f"{AS}Delete"]
    assert len(values(store, f"{LDES}startingFrom")) == 1


def test_each_page_belongs_to_the_stream_and_says_that_it_never_changes(client: Client) -> None:
    (stream,) = {str(q.subject) for q in read(fetched(client, ROOT)) if q.object == NamedNode(f"{LDES}EventStream")}
    for path in pages(client):
        reply = fetched(client, path)
        store = read(reply)
        members = {q.object for q in store.quads_for_pattern(None, NamedNode(f"{TREE}member"), None)}
        assert members == {q.subject for q in store.quads_for_pattern(None, VERSION_OF, None)}
        assert {str(q.subject) for q in store.quads_for_pattern(None, NamedNode(f"{TREE}member"), None)} == {stream}
        assert values(store, f"{LDES}immutable") == ["true"]
        assert "immutable" in reply.headers["cache-control"]


@pytest.mark.parametrize("media_type", FORMATS)
def test_all_forms_say_the_same(client: Client, media_type: str) -> None:
    path = pages(client)[-1]
    reply = fetched(client, path, media_type)
    assert reply.kind == media_type
    assert set(read(reply)) == set(read(fetched(client, path)))
    assert reply.headers["vary"].startswith("Accept")


def test_what_the_client_has_is_not_sent_again(client: Client) -> None:
    for path in (ROOT, pages(client)[0]):
        first = fetched(client, path)
        again = client.ask("GET", path, headers={"Accept": QUADS, "If-None-Match": first.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        other = fetched(client, path, "application/trig", **{"If-None-Match": first.headers["etag"]})
        assert other.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    "change",
    [lambda p: p[:-1] + "999", lambda p: p.replace("/00", "/90"), lambda p: p.replace("changes/", "changes/f")],
)
def test_a_page_that_is_not_there_is_gone(client: Client, change: Any) -> None:
    reply = client.ask("GET", change(pages(client)[-1]), headers={"Accept": QUADS})
    assert (reply.status, reply.kind) == (410, "application/problem+json")


def test_a_form_without_graphs_is_not_to_be_had(client: Client) -> None:
    reply = client.ask("GET", ROOT, headers={"Accept": "text/turtle"})
    assert reply.status == 406
    assert "application/trig" in reply.json["detail"]


def test_pages_are_on_record(feeding: LiveServer, client: Client) -> None:
    path = pages(client)[-1]
    fetched(client, path)
    line = json.loads(AuditLog(feeding.home).path.read_text().splitlines()[-1])
    assert (line["action"], line["key"], line["outcome"]) == ("export", client.token.split("_")[1], "sent")
    assert f"changes {NAME} of step" in line["what"]


def test_a_feed_that_the_profile_forbids_is_refused(feeding: LiveServer) -> None:
    reply = limited(feeding.home, feeding.port, ENDED).ask("GET", f"/exports/{ENDED}/changes")
    assert (reply.status, reply.kind) == (403, "application/problem+json")
    assert "The policy held until 2020-01-01" in reply.json["detail"]


def test_a_pruned_generation_takes_its_pages_with_it(feeding: LiveServer, client: Client) -> None:
    """The last test of this feed."""
    before, known = pages(client), followed(client)
    Home(feeding.home).tenant(SLUG).prune(1)
    after = pages(client)
    assert {path.split("/")[-2] for path in after} == {_place(before[-1])[0]}
    assert client.ask("GET", before[0], headers={"Accept": QUADS}).status == 410
    assert followed(client) == known
