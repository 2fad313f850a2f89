from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jobgraph.errors import UsageError
from jobgraph.server.problems import ProblemError
from jobgraph.server.shards.hosting import ShardOptions, Shards
from jobgraph.server.shards.table import Host, Table, write_table

URL = "https://{tenant}.graph.test"
HOSTS = {name: Host(name, "10.0.0.1:7878") for name in "ab"}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Member:
    """Host a, whose table and clock a test sets."""

    def __init__(self, folder: Path) -> None:
        self.path, self.clock = folder / "shards.json", Clock()
        self.shards = Shards(ShardOptions(str(self.path), "a", "k" * 32, URL), clock=self.clock)

    def put(self, epoch: int, **pins: str) -> None:
        write_table(self.path, Table(epoch, HOSTS, pins=pins, lease_s=5))

    def demand(self, slug: str = "acme") -> int:
        """The status that a request is refused with; 200 for none."""
        try:
            asyncio.run(self.shards.demand(slug))
        except ProblemError as problem:
            return problem.status
        return 200


@pytest.fixture
def member(tmp_path: Path) -> Member:
    member = Member(tmp_path)
    member.put(1, acme="a", bolt="b")
    return member


def test_tenant_of_this_host_is_let_in_and_another_is_sent_on(member: Member) -> None:
    assert (member.demand("acme"), member.demand("bolt")) == (200, 421)


def test_tenant_that_has_just_come_is_let_in_at_once(member: Member) -> None:
    assert member.demand("bolt") == 421
    member.put(2, bolt="a")
    assert member.demand("bolt") == 200


def test_host_that_cannot_read_the_table_answers_until_its_lease_is_over(member: Member) -> None:
    assert member.demand() == 200
    member.path.unlink()
    member.clock.now += 4.9
    assert (member.demand(), member.shards.has("acme")) == (200, True)
    member.clock.now += 0.2
    assert (member.demand(), member.shards.has("acme")) == (503, False)


def test_fenced_tenant_is_refused_for_a_moment(member: Member) -> None:
    write_table(member.path, Table(1, HOSTS, pins={"acme": "a"}).fencing(["acme"]))
    assert member.demand() == 503


def test_older_table_is_not_believed(member: Member) -> None:
    member.put(5, acme="b")
    assert member.demand() == 421
    member.put(4, acme="a")
    assert member.demand() == 421
    member.clock.now += 6
    assert member.demand() == 503


@pytest.mark.parametrize("url", ["", "https://graph.test", "https://graph.test/{tenant}", "ftp://{tenant}.test"])
def test_hosts_need_a_name_for_each_tenant(url: str) -> None:
    with pytest.raises(UsageError, match="--public-url"):
        ShardOptions("t", "a", "k" * 32, url)


@pytest.mark.parametrize(
    ("host", "tenant"),
    [
        ("acme.graph.test", "acme"),
        ("ACME.Graph.Test:80", "acme"),
        ("acme.graph.test.evil", ""),
        ("a.b.graph.test", ""),
        ("graph.test", ""),
        ("acme-graph.test", ""),
        ("10.0.0.1:7878", ""),
    ],
)
def test_called_tenant_is_the_first_step_of_the_name(host: str, tenant: str) -> None:
    assert ShardOptions("t", "a", "k" * 32, URL).called_tenant(host) == tenant
