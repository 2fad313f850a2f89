"""Several hosts for longer: tenants that go round under load, a wire that is cut, and what the proxy costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from statistics import median

import pytest
from tests.server.shards.hosts import DOMAIN, JOBS, NOTES, TENANTS, ask, build_tenants
from tests.server.shards.show import PROXY, Show, showing

pytestmark = pytest.mark.benchmark
ROUNDS = 3
ASKED = 300


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with showing(tmp_path_factory.mktemp("hosts"), build_tenants(tmp_path_factory.mktemp("tenants"))) as found:
        yield found


def test_tenant_goes_round_all_hosts_under_load(show: Show) -> None:
    slug = TENANTS[0]
    held = []
    with show.load(list(TENANTS), clients=4) as load:
        for _ in range(ROUNDS):
            for name in ("a", "b", "c"):
                if slug not in show.on(name):
                    moved = show.command("move", slug, "--to", name, "--json")
                    assert moved.code == 0, moved.err
                    held.append(float(moved.out.partition('"held_s": ')[2].partition(",")[0]))
        time.sleep(1)
    kept = show.network.call("p", lambda: show.ask(slug, NOTES).values)
    print(
        f"\n{len(held)} moves under {len(load.reads):,} reads and {len(load.writes):,} writes to the tenant that moved;"
    )
    print(f"failed reads {len(load.failed(list(TENANTS)))}, lost writes {len(set(load.writes) - set(kept))};")
    print(f"writes held for {median(held):.2f} s in the median, {max(held):.2f} s at most")
    assert (load.failed(list(TENANTS)), set(load.writes) - set(kept)) == ([], set())


def test_cut_wire_fails_its_tenants_alone(show: Show) -> None:
    lost = show.on("c")
    others = [slug for slug in TENANTS if slug not in lost]
    with show.load(others, clients=4) as load:
        time.sleep(2)
        show.network.cut("c")
        time.sleep(20)
        moved = show.command("move", *lost, "--to", "b", "--from", show.cluster.home("c"))
        time.sleep(2)
        show.network.mend("c")
        time.sleep(3)
    back = show.network.call("p", lambda: [show.is_right(slug) for slug in lost])
    print(f"\n{len(load.failed(others))} of {len(load.reads):,} reads of the other hosts' tenants failed")
    assert (moved.code, back, load.failed(others)) == (0, [True] * len(lost), []), moved.err


def test_what_the_proxy_costs(show: Show) -> None:
    slug = show.on("a")[0]
    token = show.cluster.tokens[slug]

    def seconds(address: str) -> float:
        taken = []
        for _ in range(ASKED):
            began = time.perf_counter()
            assert ask(address, f"{slug}.{DOMAIN}", JOBS, token=token).status == 200
            taken.append(time.perf_counter() - began)
        return median(taken)

    direct, through = (show.network.call("p", partial(seconds, at)) for at in ("10.7.1.2:7878", PROXY))
    print(
        f"\na read takes {through / direct:.2f} times as long through nginx as from its host ({1000 * direct:.1f} ms)"
    )
