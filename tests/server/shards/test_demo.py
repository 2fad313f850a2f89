"""Three hosts on networks of their own behind a plain nginx: a move under load, a host that dies and comes back."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.commands import PROGRAM, Outcome
from tests.server.live import wait_until
from tests.server.shards.hosts import DOMAIN, JOBS, NOTE, NOTES, TENANTS, Answer, Cluster, ask, build_tenants, closing
from tests.server.shards.network import HOSTS, Network, networks, proxy

from jobgraph.server.shards.table import Host, Table, write_table

ROOT = Path(__file__).resolve().parents[3]
PROXY = "10.7.1.1:80"


@dataclass
class Show:
    """The cluster behind its proxy, as clients and those who move tenants see it."""

    network: Network
    cluster: Cluster

    def ask(self, slug: str, path: str = JOBS, *, update: str = "") -> Answer:
        """One request through the proxy, from a thread that is in its network."""
        return ask(PROXY, f"{slug}.{DOMAIN}", path, token=self.cluster.tokens[slug], update=update)

    def is_right(self, slug: str) -> bool:
        answer = self.ask(slug)
        return answer.status == 200 and answer.values == [f"Do job-{slug}"]

    def command(self, *words: object) -> Outcome:
        options = ["--table", self.cluster.table, "--key", self.cluster.key]
        command = [*self.network.within("p"), *PROGRAM, "shards", *map(str, [*words, *options])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def on(self, name: str) -> list[str]:
        """The tenants of a host."""
        table = self.cluster.read()
        return [slug for slug in TENANTS if (place := table.place(slug)) and place.name == name]

    @contextmanager
    def load(self, slugs: list[str], *, clients: int = 2) -> Iterator[Load]:
        """Clients that read without a pause, and one that writes to the first of the tenants."""
        load = Load(self)
        work = [lambda: load.read(slugs)] * clients + [lambda: load.write(slugs[0])]
        threads = [threading.Thread(target=lambda do=do: (self.network.enter("p"), do())) for do in work]
        for thread in threads:
            thread.start()
        try:
            yield load
        finally:
            load.is_over.set()
            for thread in threads:
                thread.join()


@dataclass
class Load:
    """What clients saw: the statuses of their reads by tenant, and the writes that were confirmed."""

    show: Show
    reads: list[tuple[str, int, bool]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    is_over: threading.Event = field(default_factory=threading.Event)

    def read(self, slugs: list[str]) -> None:
        while not self.is_over.is_set():
            for slug in slugs:
                answer = self.show.ask(slug)
                self.reads.append((slug, answer.status, "job-" + slug in answer.body))

    def write(self, slug: str) -> None:
        number = 0
        while not self.is_over.is_set():
            number += 1
            text = f'INSERT DATA {{ GRAPH <{NOTE}> {{ <{NOTE}> <{NOTE}> "{number}" }} }}'
            answer = self.show.ask(slug, "/update", update=text)
            if answer.status == 200:
                self.writes.append(str(number))
            else:
                self.refused.add(answer.status)
                time.sleep(0.1)

    def failed(self, slugs: list[str]) -> list[tuple[str, int, bool]]:
        return [read for read in self.reads if read[0] in slugs and read[1:] != (200, True)]


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    folder = tmp_path_factory.mktemp("hosts")
    folder.chmod(0o755)
    with ExitStack() as stack:
        network = stack.enter_context(networks())
        table = folder / "table" / "shards.json"
        table.parent.mkdir()
        hosts = {name: Host(name, f"10.7.{number}.2:7878") for name, number in HOSTS.items()}
        write_table(table, Table(1, hosts, lease_s=3))
        stack.enter_context(proxy(network, ROOT / "docs" / "shards" / "nginx.conf", folder, table))

        def within(name: str) -> list[str]:
            return network.within(name)

        cluster = stack.enter_context(closing(Cluster(folder, table, within)))
        for name, number in HOSTS.items():
            cluster.table_at = f"http://10.7.{number}.1:7880/shards.json"
            cluster.start(name)
        cluster.fill(build_tenants(folder))
        found = Show(network, cluster)
        network.call("p", lambda: wait_until(lambda: all(map(found.is_right, TENANTS)), "all tenants answer"))
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
