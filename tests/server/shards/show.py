"""Three hosts on networks of their own behind nginx, the clients that load them, and the commands that move tenants."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.commands import PROGRAM, Outcome
from tests.server.live import wait_until
from tests.server.shards.hosts import DOMAIN, JOBS, NOTE, TENANTS, Answer, Cluster, ask, closing
from tests.server.shards.network import HOSTS, Network, networks, proxy

from jobgraph.server.shards.table import Host, Table, write_table

CONFIGURATION = Path(__file__).resolve().parents[3] / "docs" / "shards" / "nginx.conf"
PROXY = "10.7.1.1:80"
_PAUSE_S = 0.01  # between requests of a client, so that a machine with two cores gets to its hosts


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
        """Clients that read on and on, and one that writes to the first of the tenants."""
        load = Load(self)
        work = [lambda: load.read(slugs)] * clients + [lambda: load.write(slugs[0])]
        with ThreadPoolExecutor(len(work), initializer=self.network.enter, initargs=("p",)) as threads:
            running = [threads.submit(each) for each in work]
            try:
                yield load
            finally:
                load.is_over.set()
        for each in running:
            each.result()


@dataclass
class Load:
    """What clients saw: the statuses of their reads by tenant, and the writes that were confirmed."""

    show: Show
    reads: list[tuple[str, int, str]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    is_over: threading.Event = field(default_factory=threading.Event)

    def read(self, slugs: list[str]) -> None:
        while not self.is_over.is_set():
            for slug in slugs:
                answer = self.show.ask(slug)
                time.sleep(_PAUSE_S)
                self.reads.append((slug, answer.status, "" if "job-" + slug in answer.body else answer.body))

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
            time.sleep(10 * _PAUSE_S)

    def failed(self, slugs: list[str]) -> list[tuple[str, int, str]]:
        return [read for read in self.reads if read[0] in slugs and read[1:] != (200, "")]


@contextmanager
def showing(folder: Path, tenants_home: Path) -> Iterator[Show]:
    """The hosts with all tenants where their names place them, answering; skips where there can be no networks."""
    folder.chmod(0o755)
    with ExitStack() as stack:
        network = stack.enter_context(networks())
        table = folder / "table" / "shards.json"
        table.parent.mkdir()
        hosts = {name: Host(name, f"10.7.{number}.2:7878") for name, number in HOSTS.items()}
        write_table(table, Table(1, hosts, lease_s=3))
        stack.enter_context(proxy(network, CONFIGURATION, folder, table))

        def within(name: str) -> list[str]:
            return network.within(name)

        cluster = stack.enter_context(closing(Cluster(folder, table, within)))
        for name, number in HOSTS.items():
            cluster.table_at = f"http://10.7.{number}.1:7880/shards.json"
            cluster.start(name)
        cluster.fill(tenants_home)
        found = Show(network, cluster)
        network.call("p", lambda: wait_until(lambda: all(map(found.is_right, TENANTS)), "all tenants answer"))
        yield found
