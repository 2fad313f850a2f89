"""Hosts of a table as real servers, on this machine or each in a network of its own, and what asks them."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from tests.commands import PROGRAM
from tests.server.live import wait_until
from tests.small_source import job, outcome, tenant, write_tables

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.server.access import Role, TokenFile
from jobgraph.server.shards.table import Table, read_table
from jobgraph.settings import Settings

DOMAIN = "graph.example.org"
KEY = "k" * 40
NOTE = "https://notes.example/note"
JOBS = f"/sparql?query={quote('SELECT (STR(?label) AS ?name) { ?job a jg:Job ; rdfs:label ?label }')}"
NOTES = f"/sparql?query={quote(f'SELECT ?note {{ GRAPH <{NOTE}> {{ ?s ?p ?note }} }}')}"
TENANTS = ("acme", "bolt", "corax", "delta", "ember", "flint")


def build_tenants(folder: Path) -> Path:
    """A home with all tenants, each with a job of its own."""
    tables = {
        "tenants": [tenant(slug) for slug in TENANTS],
        "jobs_to_be_done": [job(f"job-{slug}", slug) for slug in TENANTS],
        "jtbd_outcomes": [outcome(f"outcome-{slug}", slug, f"job-{slug}") for slug in TENANTS],
    }
    run_build(Plan(str(write_tables(folder / "source", tables))), Settings(home=folder / "home"))
    return folder / "home"


@dataclass
class Cluster:
    """Hosts with a home each, the table that they go by, and a writer's token for each tenant.

    Parameters
    ----------
    within : what to put before the command of a host, by its name.
    table_at : where hosts read the table.
    """

    folder: Path
    table: Path
    within: Callable[[str], list[str]] = lambda _name: []
    table_at: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def key(self) -> Path:
        path = self.folder / "shards.key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(KEY)
        return path

    def home(self, name: str) -> Path:
        return self.folder / name

    def read(self) -> Table:
        return read_table(self.table)

    def fill(self, template: Path) -> None:
        """Put each tenant where its name places it."""
        for slug in TENANTS:
            host = self.read().place(slug)
            assert host
            home = self.home(host.name)
            home.joinpath("tenants").mkdir(parents=True, exist_ok=True)
            shutil.copytree(template / "tenants" / slug, home / "tenants" / slug)
            self.tokens[slug] = TokenFile(home).create(slug, Role.WRITER, lasts=None)

    def start(self, *names: str) -> None:
        for name in names:
            address, _, port = self.read().hosts[name].address.partition(":")
            options: dict[str, object] = {
                "home": self.home(name),
                "host": address,
                "port": port,
                "shards": self.table_at or self.table,
                "as": name,
                "shards-key": self.key,
                "public-url": f"http://{{tenant}}.{DOMAIN}",
            }
            environment = {**os.environ, "JOBGRAPH_QUERY_SECONDS": "60"}  # a busy machine is no failure
            words = [str(word) for option, value in options.items() for word in (f"--{option}", value)]
            with self.folder.joinpath(f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    [*self.within(name), *PROGRAM, "serve", *words],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env=environment,
                )

    def kill(self, name: str) -> None:
        """End a host at once, with all its processes."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)

    def close(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def wait_for(self, *names: str) -> None:
        """Wait until hosts are ready."""
        for name in names:
            ready = partial(ask, self.address(name), "", "/ready")
            wait_until(lambda ready=ready: ready().status == 200, f"{name} is ready")

    def address(self, name: str) -> str:
        return self.read().hosts[name].address

    def read_at(self, name: str, slug: str) -> Answer:
        """The names of a tenant's jobs, from a host."""
        return ask(self.address(name), f"{slug}.{DOMAIN}", JOBS, token=self.tokens[slug])

    def write_at(self, name: str, slug: str, note: str) -> int:
        """The status of a write to a tenant at a host."""
        text = f'INSERT DATA {{ GRAPH <{NOTE}> {{ <{NOTE}> <{NOTE}> "{note}" }} }}'
        return ask(self.address(name), f"{slug}.{DOMAIN}", "/update", token=self.tokens[slug], update=text).status

    def notes_at(self, name: str, slug: str) -> list[str]:
        """What was written to a tenant, from a host."""
        answer = ask(self.address(name), f"{slug}.{DOMAIN}", NOTES, token=self.tokens[slug])
        assert answer.status == 200, answer
        return answer.values


@dataclass(frozen=True)
class Answer:
    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """What SELECT answers, in one list."""
        return [term["value"] for row in json.loads(self.body)["results"]["bindings"] for term in row.values()]


def ask(address: str, host: str, path: str, *, token: str = "", update: str = "", timeout_s: float = 90) -> Answer:
    """One request on a connection of its own, by the name of a host; status 0 where there is no answer."""
    connection = http.client.HTTPConnection(address, timeout=timeout_s)
    headers = {"Host": host or address, "Accept": "application/sparql-results+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if update:
        headers["Content-Type"] = "application/sparql-update"
    try:
        connection.request("POST" if update else "GET", path, body=update or None, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode(), {key.lower(): text for key, text in answer.getheaders()})
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, repr(error))
    finally:
        connection.close()


@contextmanager
def closing(cluster: Cluster) -> Iterator[Cluster]:
    try:
        yield cluster
    finally:
        cluster.close()
