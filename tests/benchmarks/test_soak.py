"""200,000 requests of all kinds while a generation is published each 10 s: memory and open files stay as they are.

The table has the medians of a round under load, and what was there when the server rested after it.

SOAK_REQUESTS and SOAK_PUBLISH_S name other numbers, to try it. The limits of time are long, so that a machine with
other work on it, or one that is stopped for a while, is not taken for an error.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.benchmarks.footprint import Footprint, footprint, median_of, watching
from tests.benchmarks.load import Ask, Load, Visit, run_load
from tests.benchmarks.runs import run
from tests.benchmarks.test_server import ASKS, values_of
from tests.server.conftest import copy_home as copy_home
from tests.server.live import ALPINE, NORTHWIND, LiveServer, serving

from jobgraph.store import Home

pytestmark = pytest.mark.benchmark

REQUESTS = int(os.environ.get("SOAK_REQUESTS", "200000"))
ROUNDS = 20  # of the requests; at the end of each, the server rests and its open files are counted
WARM = 5  # rounds of warm-up: by then the answers that are kept fill the memory that they may have
WINDOW = 5  # rounds whose medians are compared: those after the warm-up, and the last ones
CLIENTS, PUBLISH_S = 6, float(os.environ.get("SOAK_PUBLISH_S", "10"))
QUERIES = 10  # times as often as in the comparison of servers, beside all that is no query
MOST_GROWTH = 1.05
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SETTINGS = {"keep_generations": 2, "query_seconds": 300, "client_seconds": 300, "cache_mb": 32}
HTML = "text/html"
UNKNOWN = "nobody"  # a token that is none
VISITS = (
    Visit("question", "/questions/highest_opportunities?limit={{few}}", 8),
    Visit("question of a job", "/questions/what_blocks_job?job={{job}}", 4),
    Visit("analysis", "/analysis/opportunities?limit={{few}}", 4),
    Visit("analysis of gaps", "/analysis/gaps?limit={{few}}", 2),
    Visit("analysis as CSV", "/analysis/tiers?against=ulwick&limit={{few}}", 1, accept="text/csv"),
    Visit("questions", "/questions", 1),
    Visit("coverage", "/coverage", 1),
    Visit("validation", "/validation?limit={{few}}", 1),
    Visit("generations", "/generations", 2),
    Visit("entity", "/data/{{step}}", 6, accept="text/turtle"),
    Visit("entity as JSON-LD", "/data/{{step}}", 4, accept="application/ld+json"),
    Visit("page of an entity", "/page/{{step}}", 4, accept=HTML),
    Visit("search", "/search?q=trial", 1, accept=HTML),
    *(
        Visit(f"page {name or 'home'}", f"/{name}", 1, accept=HTML)
        for name in ("", "landscape", "dependencies", "gaps", "inheritance", "quality", "ask")
    ),
    Visit("unknown question", "/questions/none", 1, 404),
    Visit("unknown path", "/nothing/{{number}}", 1, 404),
    Visit("bad parameter", "/questions/highest_opportunities?limit=-{{number}}", 1, 400),
    Visit("bad type", "/landscape", 1, 406, accept="image/png"),
    Visit("bad token", "/questions", 1, 401, token=UNKNOWN),
    Visit("health", "/health", 1),
)
BAD_QUERIES = (
    Ask("bad query", "SELECT {{{number}}", 1, 400),
    Ask("query that calls out", "SELECT * { SERVICE <http://{{number}}.example/> { ?s ?p ?o } }", 1, 403),
)


@dataclass
class Publisher:
    """Publishes a generation each 10 s by writing a graph, and by a build where that is asked for."""

    server: LiveServer
    published: int = 0
    loaded_s: float = 0.0  # under load since the last write, for a round of the load may be shorter than 10 s

    def write(self) -> None:
        self.published += 1
        body = f"<urn:thing> <urn:is> {self.published} ."
        reply = self.server.client(NORTHWIND, "writer", timeout_s=300).graph("PUT", "urn:state", body)
        assert reply.status in {200, 201}, reply.text

    def build(self) -> None:
        self.published += 1
        options: list[str | Path] = ["--home", self.server.home, "--quiet"]
        environment = {"JOBGRAPH_KEEP_GENERATIONS": "2"}
        run([sys.executable, "-m", "jobgraph", "build", SAMPLE, *options], environment=environment)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Write again and again in the block, beside what it does."""
        is_over = threading.Event()

        def go_on() -> None:
            begin = time.monotonic() - self.loaded_s
            while not is_over.wait(max(0.0, begin + PUBLISH_S - time.monotonic())):
                begin = time.monotonic()
                self.write()
            self.loaded_s = time.monotonic() - begin

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(go_on)
            try:
                yield
            finally:
                is_over.set()
                running.result()


def test_soak(copy_home: object, tmp_path: Path) -> None:
    assert callable(copy_home)
    with serving(copy_home(), tmp_path / "log", settings=SETTINGS) as server:
        publisher = Publisher(server)
        load = load_on(server)
        print(f"\n{REQUESTS:,} requests of {len(load.asks)} kinds, {CLIENTS} clients, {SETTINGS}")
        print("requests  generations  errors  processes  resident MB  own MB  files | resident MB  own MB  files")
        busy, rests, errors = [], [], Counter[str]()
        begin = time.monotonic()
        for number in range(1, ROUNDS + 1):
            with publisher.publishing(), watching(server.process.pid) as seen:
                figures = run_load(load)
            busy.append(seen())
            errors.update(figures.errors)
            rests.append(rest(publisher))
            done = number * load.requests
            say(done, publisher.published, errors, busy[-1], rests[-1])
        spent = time.monotonic() - begin
        kept = len(Home(server.home).tenant(NORTHWIND).generations())
    growth = compared(busy), compared(rests)
    print(f"{spent:.0f} s; errors {dict(errors) or 'none'}; {kept} generations are left")
    for state, (before, after) in zip(("under load", "at rest"), growth, strict=True):
        print(f"{state}: resident {ratio(before, after, 'resident_mb')}, own {ratio(before, after, 'own_mb')}")
    assert not errors
    assert kept <= SETTINGS["keep_generations"] + 1
    assert growth[1][1].files == growth[1][0].files
    for before, after in growth:
        assert after.resident_mb < MOST_GROWTH * before.resident_mb
        assert after.own_mb < MOST_GROWTH * before.own_mb


def load_on(server: LiveServer) -> Load:
    """One round of the load."""
    generation = Home(server.home).tenant(NORTHWIND).current()
    assert generation is not None
    values: dict[str, Sequence[str]] = {**values_of(generation), "few": [str(n) for n in range(1, 40)]}
    base = str(generation.manifest["base"])
    queries = [replace(ask, weight=QUERIES * ask.weight) for ask in ASKS]
    values["step"] = [iri.removeprefix(base) for iri in values["thing"] if iri.startswith(base)]
    other = Visit(
        "other tenant", "/questions/highest_opportunities?limit={{few}}", 1, token=server.tokens[ALPINE, "reader"]
    )
    return Load(
        server.port,
        "/sparql",
        [*queries, *BAD_QUERIES, *VISITS, other],
        values,
        clients=CLIENTS,
        seconds=3600,
        warm_s=0,
        timeout_s=300,
        token=server.tokens[NORTHWIND, "reader"],
        requests=REQUESTS // ROUNDS,
    )


def rest(publisher: Publisher) -> Footprint:
    """What the server takes a while after its last request, always in the same state: a new build, seen once."""
    publisher.build()
    for tenant in (NORTHWIND, ALPINE):
        for path in ("/questions", "/landscape"):
            assert publisher.server.client(tenant, timeout_s=300).ask("GET", path).status == 200
    time.sleep(2)
    return footprint(publisher.server.process.pid)


def compared(seen: list[Footprint]) -> tuple[Footprint, Footprint]:
    """The medians after the warm-up and at the end."""
    return median_of(seen[WARM : WARM + WINDOW]), median_of(seen[-WINDOW:])


def ratio(before: Footprint, after: Footprint, figure: str) -> str:
    old, new = getattr(before, figure), getattr(after, figure)
    return f"{old:.0f} to {new:.0f} MB ({100 * (new / old - 1):+.1f} %)"


def say(done: int, published: int, errors: Counter[str], busy: Footprint, rested: Footprint) -> None:
    first = f"{done:8,}  {published:11}  {errors.total():6}  {busy.processes:9}"
    print(first, *(f"{f.resident_mb:12.0f} {f.own_mb:7.0f} {f.files:6}" for f in (busy, rested)), flush=True)
