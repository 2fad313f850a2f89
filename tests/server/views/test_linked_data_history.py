"""The history of a thing says which statements came and went, generation by generation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.server.live import Client
from tests.server.views.hostile import BASE, HOSTILE, NAMES

from jobgraph.server.views.linked_data_history import thing_history
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.store import Generation, Home
from jobgraph.store import Tenant as StoredTenant
from jobgraph.vocabulary import JG, RDFS

THING, OTHER = NamedNode(f"{BASE}job/1"), NamedNode(f"{BASE}job/2")
LABEL = NamedNode(RDFS + "label")
Facts = Sequence[tuple[NamedNode | BlankNode, NamedNode, NamedNode | BlankNode | Literal]]
Publish = Callable[[Facts], Generation]


@pytest.fixture
def stored(tmp_path: Path) -> StoredTenant:
    return Home(tmp_path).tenant("acme", missing_ok=True)


@pytest.fixture
def publish(stored: StoredTenant) -> Publish:
    """Makes a generation that says just this."""

    def make(facts: Facts) -> Generation:
        with stored.begin() as draft:
            store = Store(str(draft.store_path))
            store.extend(Quad(*fact, NamedNode(NAMES.asserted)) for fact in facts)
            store.flush()
            del store
            return draft.publish({"base": BASE})

    return make


def named(*texts: str, thing: NamedNode = THING) -> Facts:
    return [(thing, LABEL, Literal(text)) for text in texts]


@contextmanager
def opened(generation: Generation) -> Iterator[Tenant]:
    with generation.open() as store:
        yield Tenant(store, generation, generation.names)


def history(generation: Generation, start: str = "latest") -> Any:
    with opened(generation) as tenant:
        return json.loads(b"".join(thing_history(tenant, arguments(start), "application/json")))


def shown(generation: Generation) -> ReadPage:
    with opened(generation) as tenant:
        return read_page(b"".join(thing_history(tenant, arguments(), "text/html")))


def arguments(start: str = "latest") -> Mapping[str, str]:
    return {"iri": THING.value, "history": start, "address": "/page/job/1"}


def changes(step: Any) -> tuple[list[str], list[str]]:
    came, went = ([each["text"] for each in step[part]["first"]] for part in ("came", "went"))
    return came, went


def test_statements_come_and_go(publish: Publish) -> None:
    publish(named("Plan"))
    publish(named("Plan", "Plan B"))
    last = publish(named("Plan B"))
    steps = history(last)["steps"]
    assert [step["generation"] for step in steps] == ["000003", "000002", "000001"]
    assert [changes(step) for step in steps] == [([], ["Plan"]), (["Plan B"], []), ([], [])]
    assert [step["sentence"] for step in steps] == [
        "0 statements came, 1 went",
        "1 statement came, 0 went",
        "the oldest that is kept",
    ]


def test_what_is_the_same_is_no_change_whatever_unnamed_nodes_are_called(publish: Publish) -> None:
    for label in ("a", "b"):
        node = BlankNode(label)
        last = publish([*named("Plan"), (THING, NamedNode(JG + "x"), node), (node, LABEL, Literal("inside"))])
    assert history(last)["steps"][0]["sentence"] == "nothing changed"


def test_generation_is_compared_with_the_one_that_it_was_made_from(publish: Publish, stored: StoredTenant) -> None:
    publish(named("Plan"))
    publish(named("Mistake"))
    stored.rollback(1)
    last = publish(named("Plan"))
    newest, *_ = history(last)["steps"]
    assert (newest["before"], newest["sentence"]) == ("000001", "nothing changed")


def test_generation_before_that_is_gone_leaves_nothing_to_compare(publish: Publish, stored: StoredTenant) -> None:
    publish(named("Plan"))
    publish(named("Plan B"))
    last = publish(named("Plan C"))
    stored.prune(2)
    assert [step["before"] for step in history(last)["steps"]] == ["000002", None]


def test_thing_that_went_and_came_back(publish: Publish) -> None:
    publish(named("Plan"))
    publish(named("Other", thing=OTHER))
    last = publish(named("Plan"))
    assert [changes(step) for step in history(last)["steps"]] == [(["Plan"], []), ([], ["Plan"]), ([], [])]


def test_long_history_has_pages(publish: Publish) -> None:
    generations = [publish(named(f"Plan {number}")) for number in range(11)]
    first = history(generations[-1])
    assert first["next"] == "/page/job/1?history=000003"
    second = history(generations[-1], "000003")
    found = [step["generation"] for step in [*first["steps"], *second["steps"]]]
    assert found == [each.name for each in reversed(generations)]
    assert second["next"] is None


def test_long_change_is_counted_and_its_beginning_shown(publish: Publish) -> None:
    publish(named("Plan"))
    last = publish(named(*(f"Plan {number}" for number in range(70))))
    came = history(last)["steps"][0]["came"]
    assert (came["count"], len(came["first"])) == (70, 50)
    assert "and 20 more" in shown(last).text


def test_values_are_called_as_they_were(publish: Publish) -> None:
    link = (THING, NamedNode(JG + "dependsOn"), OTHER)
    publish([*named("Plan"), link, *named("Old name", thing=OTHER)])
    last = publish(named("Plan"))
    assert changes(history(last)["steps"][0]) == ([], ["Old name"])
    assert not any("job/2" in address for address in shown(last).addresses)  # there is no page of it any longer


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_history_runs(publish: Publish, text: str) -> None:
    publish(named("Plan"))
    page = shown(publish(named(text)))
    assert is_safe(page)
    assert len(page.all("main")) == len(page.all("title")) == 1


@pytest.mark.parametrize("start", ["000009", "nothing", "../000001"])
def test_generation_that_there_is_not_is_missing(publish: Publish, start: str) -> None:
    with pytest.raises(AnswerError, match="There is nothing of this name"):
        history(publish(named("Plan")), start)


def test_history_is_asked_each_time_and_only_by_its_tenant(reader: Client, other_reader: Client) -> None:
    job = reader.ask("GET", "/search?q=PHARMA_MA_PUB_001", headers={"Accept": "application/json"}).json["results"][0]
    for kind in ("application/json", "text/html"):
        reply = reader.ask("GET", f"{job['page']}?history=000001", headers={"Accept": kind})
        assert (reply.status, reply.kind, reply.headers["cache-control"]) == (200, kind, "no-store")
        assert "the oldest that is kept" in reply.text
    assert reader.ask("GET", f"{job['page']}?history=1", headers={"Accept": "text/html"}).status == 404
    reply = other_reader.ask("GET", f"{job['page']}?history=latest", headers={"Accept": "application/json"})
    assert reply.status == 404
