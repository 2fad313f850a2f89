from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.store.content import Publish, many_quads

from jobgraph.errors import UsageError
from jobgraph.store import Generation, Tenant
from jobgraph.store.pruning import freed_bytes

ONE = "<ex:a> <ex:b> <ex:1> {asserted} .\n"


def made_days_ago(generation: Generation, days: float) -> None:
    created = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = generation.path / "manifest.json"
    path.write_text(json.dumps({**generation.manifest, "created": created}))


def names(generations: list[Generation]) -> list[str]:
    return [generation.name for generation in generations]


@pytest.fixture
def aged(tenant: Tenant, publish: Publish) -> Tenant:
    """Five generations, made 40, 30, 20, 10 and 0 days ago."""
    for _ in range(4):
        publish(ONE)
    for generation, days in zip(tenant.generations(), (40, 30, 20, 10, 0), strict=True):
        made_days_ago(generation, days)
    return tenant


@pytest.mark.parametrize(
    ("keep", "days", "gone"),
    [
        (5, 0, []),
        (2, 0, ["000001", "000002", "000003"]),
        (1, 25, ["000001", "000002"]),
        (1, 35, ["000001"]),
        (4, 5, ["000001"]),
        (1, 1e9, []),
    ],
)
def test_newest_and_young_ones_stay(aged: Tenant, keep: int, days: float, gone: list[str]) -> None:
    assert names(aged.prunable(keep, days=days)) == gone
    assert aged.prune(keep, days=days) == gone


def test_pinned_published_and_open_ones_stay(aged: Tenant) -> None:
    aged.pin(2, "before-migration")
    aged.rollback(3)
    with aged.generation(4).open():
        assert names(aged.prunable(1)) == aged.prune(1) == ["000001"]


def test_pin_stands_for_its_generation_until_it_is_taken_away(aged: Tenant) -> None:
    aged.pin("000001", "first")
    assert aged.generation("first").name == "000001"
    aged.unpin("first")
    with pytest.raises(UsageError, match="no generation first"):
        aged.generation("first")
    assert aged.prune(4) == ["000001"]


@pytest.mark.parametrize("name", ["", "1", "../x", "a b", "-x", ".x", "x" * 64])
def test_name_that_could_be_something_else_is_no_pin(tenant: Tenant, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a pin"):
        tenant.pin(1, name)


def test_pin_that_is_not_there_is_answered_with_those_that_are(tenant: Tenant) -> None:
    tenant.pin(1, "first")
    with pytest.raises(UsageError, match="choose one of first"):
        tenant.unpin("last")


@pytest.mark.parametrize("days", [-1, float("-inf")])
def test_age_is_not_negative(tenant: Tenant, days: float) -> None:
    with pytest.raises(UsageError, match="0 days at least"):
        tenant.prune(1, days=days)


def test_freed_space_leaves_out_what_another_generation_shares(tenant: Tenant, publish: Publish) -> None:
    publish(many_quads(3000))
    with tenant.begin(copy=True) as draft:
        draft.publish({})
    second, third = tenant.generations()[1:]
    assert freed_bytes([second]) < 200_000 < freed_bytes([second, third])
