"""A server of tenants whose data are hard to show: none, one, very many, and names that are as bad as names can be."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from tests.server.live import Client, LiveServer, serving
from tests.small_source import MOMENT, Row, Tables, job, outcome, tenant, write_tables

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.server.access import Role, TokenFile
from jobgraph.settings import Settings
from jobgraph.vocabulary import RDFS, Vocabulary

BARE, PLANNED, SINGLE, HOSTILE, CROWDED = "bare", "planned", "single", "northwind-bio", "crowded"
JOBS, OUTCOMES = 1_000, 50_000  # of the crowded tenant
FUNCTIONS = ("Clinical", "Commercial", "Medical Affairs", "Regulatory")
LONG = "Reduce the time to agree on what a long name is " * 10 + "and where it is to end"
BAD_NAMES = (
    "<script>document.title = 'run'</script>",
    "</title></main><img src=x onerror=\"document.title = 'run'\">",
    "\"' autofocus onfocus='document.title = \"run\"'",
    "\u202eevil to left\u202c and back",
    "خفض الوقت اللازم للموافقة",
    "👩🏽\u200d🔬 launch 🚀 & <b>learn</b>",
    LONG,
    "{{7*7}} ${7*7} <%= 7*7 %> %00 \\u003c",
    "Two of one name",
    "Two of one name",
)


@dataclass(frozen=True)
class Worlds:
    """A server with a tenant for each world, and a reader's token for each."""

    server: LiveServer

    @property
    def root(self) -> str:
        """The address that all others start with."""
        return f"http://127.0.0.1:{self.server.port}"

    def token(self, slug: str) -> str:
        """A new token of a reader; it counts at once."""
        return TokenFile(self.server.home).create(slug, Role.READER, lasts=None)

    def publish(self, slug: str) -> None:
        """Make the next generation of a tenant, as a change by somebody else does."""
        token = TokenFile(self.server.home).create(slug, Role.WRITER, lasts=None)
        change = f"INSERT DATA {{ GRAPH <urn:others> {{ <urn:a> <urn:b> <urn:uuid:{uuid4()}> }} }}"
        reply = Client(self.server.port, token).update(change)
        assert reply.status == 200, reply.text


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """The tenants that are built in a few seconds: all but the crowded one."""
    folder = tmp_path_factory.mktemp("worlds")
    build_into(folder / "home", write_tables(folder / "small", small_worlds()))
    build_into(folder / "home", write_badly_named(folder / "hostile"), HOSTILE)
    with serving(folder / "home", folder / "server.log") as server:
        yield Worlds(server)


@pytest.fixture(scope="session")
def crowded(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """The same server, with the tenant of 50,000 outcomes, which takes some 20 seconds."""
    build_into(worlds.server.home, write_tables(tmp_path_factory.mktemp("crowded"), crowded_tables()))
    return worlds


def build_into(home: Path, source: Path, slug: str = "") -> None:
    """Build a folder of tables, or one tenant of it, beside what the home holds."""
    run_build(Plan(str(source), only_tenant=slug), Settings(home=home))


def small_worlds() -> Tables:
    """A tenant that has nothing, one with jobs and no outcome, and one with one outcome."""
    return {
        "tenants": [tenant(slug) for slug in (BARE, PLANNED, SINGLE)],
        "jobs_to_be_done": [job("p1", PLANNED), job("p2", PLANNED), job("s1", SINGLE)],
        "jtbd_outcomes": [outcome("s1-o1", SINGLE, "s1")],
    }


def write_badly_named(folder: Path) -> Path:
    """The shipped sample, where ten things of each kind have the bad names; which ones, the shapes say."""
    folder.mkdir()
    for table in Vocabulary().tables.values():
        labels = [column.name for column in table.columns if column.path == RDFS + "label"]
        with resource_path("data", "sample").joinpath(f"{table.name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row, name in zip(rows, BAD_NAMES, strict=False):
            row.update(dict.fromkeys(labels, name))
        write_tables(folder, {table.name: rows})
    return folder


def crowded_tables(*, jobs: int = JOBS, outcomes: int = OUTCOMES) -> Tables:
    """A tenant with many outcomes of many jobs in 4 functions; their scores take each value from 0 to 10."""
    return {
        "tenants": [tenant(CROWDED)],
        "org_functions": [_function(n) for n in range(len(FUNCTIONS))],
        "jobs_to_be_done": [_job(n) for n in range(jobs)],
        "jtbd_dependencies": [_dependency(n) for n in range(1, jobs) if n % 10],
        "jtbd_outcomes": [_outcome(n, jobs) for n in range(outcomes)],
    }


def _function(number: int) -> Row:
    name = FUNCTIONS[number]
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    return {"id": f"f{number}", "tenant_id": f"key-of-{CROWDED}", "name": name, "slug": name.lower(), **times}


def _job(number: int) -> Row:
    code = f"PHARMA_MA_JOB_{number:04}"
    return job(f"j{number}", CROWDED, code=code, org_function_id=f"f{number % len(FUNCTIONS)}")


def _dependency(number: int) -> Row:
    """A job waits for the one before it; each tenth waits for none."""
    ends = {"source_jtbd_id": f"j{number - 1}", "dependent_jtbd_id": f"j{number}"}
    kind = {"dependency_type": "prerequisite", "strength": "strong", "created_at": MOMENT}
    return {"id": f"d{number}", **ends, **kind}


def _outcome(number: int, jobs: int) -> Row:
    importance, satisfaction = (f"{number * step % 101 / 10:.1f}" for step in (37, 53))  # coprime to the 101 scores
    return outcome(
        f"o{number}",
        CROWDED,
        f"j{number % jobs}",
        outcome_id=f"OUT-{number:05}",
        outcome_statement=f"Minimize the time of step {number}",
        importance_score=importance,
        satisfaction_score=satisfaction,
    )
