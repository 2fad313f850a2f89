"""A move under load, a host that dies and comes back, one that is cut off: on networks of their own, behind nginx."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.live import wait_until
from tests.server.shards.hosts import NOTES, TENANTS
from tests.server.shards.show import Show, showing


@pytest.fixture(scope="module")
def show(tenants_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with showing(tmp_path_factory.mktemp("hosts"), tenants_home) as found:
        yield found


def test_tenant_moves_under_load_without_a_failed_read(show: Show) -> None:
    slug = show.on("a")[0]
    with show.load([slug, show.on("b")[0]]) as load:
        time.sleep(0.5)
        moved = show.command("move", slug, "--to", "b", "--json")
        time.sleep(1.5)
    assert moved.code == 0, moved.err
    assert (len(load.reads) > 20, load.failed(list(TENANTS))) == (True, [])
    assert (len(load.writes) > 1, load.refused <= {503}) == (True, True)
    kept = show.network.call("p", lambda: show.ask(slug, NOTES).values)
    assert set(load.writes) <= set(kept)
    assert '"status": 421' in show.cluster.folder.joinpath("a.log").read_text(encoding="utf-8")
    assert not show.cluster.home("a").joinpath("tenants", slug).exists()


def test_dead_host_fails_its_tenants_alone_until_they_are_moved(show: Show) -> None:
    lost, others = show.on("c"), [*show.on("a"), *show.on("b")]
    with show.load([*others[:2], lost[0], *others[2:]]) as load:
        time.sleep(0.5)
        show.cluster.kill("c")
        time.sleep(1.5)
        failed = show.network.call("p", lambda: [show.ask(slug).status for slug in lost])
        moved = show.command("move", *lost, "--to", "a", "--from", show.cluster.home("c"), "--json")
        time.sleep(1.2)
        back = show.network.call("p", lambda: [show.is_right(slug) for slug in lost])
    assert load.failed(others) == []
    assert set(failed) <= {502, 503}
    assert (moved.code, back) == (0, [True] * len(lost)), moved.err


def test_host_that_comes_back_answers_for_none_that_was_moved(show: Show) -> None:
    old = [path.name for path in show.cluster.home("c").joinpath("tenants").iterdir()]
    show.cluster.table_at = "http://10.7.3.1:7880/shards.json"
    show.cluster.start("c")
    show.network.call("p", lambda: show.cluster.wait_for("c"))

    def answers() -> set[tuple[int, str]]:
        asked = [show.cluster.read_at("c", slug) for slug in old]
        return {(answer.status, answer.headers.get("jobgraph-host", "")) for answer in asked}

    assert show.network.call("p", answers) == {(421, "a")}


def test_host_that_cannot_read_the_table_answers_nothing(show: Show) -> None:
    slug = show.on("b")[0]

    def status() -> int:
        return show.cluster.read_at("b", slug).status

    assert show.network.call("b", status) == 200
    show.network.cut("b")
    try:
        wait_until(lambda: show.network.call("b", status) == 503, "its lease is over", seconds=15)
    finally:
        show.network.mend("b")
    wait_until(lambda: show.network.call("b", status) == 200, "it reads the table again")
