"""Dependency answers over 100,000 jobs and 500,000 dependencies, beside rustworkx's bare algorithms in the same run."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.benchmarks.runs import run

from jobgraph.store import GraphNames, Home, bulk_load
from jobgraph.vocabulary import JG, RDF, SKOS, XSD

pytestmark = pytest.mark.benchmark

BASE = "https://jobgraph.example/id/"
JOBS, DEPENDENCIES, BACKWARD = 100_000, 500_000, 100
SPAN = 2000  # how far apart, in a row, two jobs can be that depend on each other


def iri(kind: str, number: int) -> str:
    return f"<{BASE}{kind}/{number:08x}-0000-4000-8000-000000000000>"


def iter_lines(chance: random.Random) -> Iterator[str]:
    for number in range(JOBS):
        job, outcome = iri("job", number), iri("outcome", number)
        yield f"{job} <{RDF}type> <{JG}Job> ."
        yield f'{job} <{SKOS}notation> "JOB_{number:06}" .'
        yield f"{job} <{JG}belongsToFunction> {iri('business-function', number % 12)} ."
        yield f'{job} <{JG}currentEffortHours> "{chance.randrange(8, 400)}" .'
        yield f"{job} <{JG}hasOutcome> {outcome} ."
        score = chance.randrange(0, 200) / 10
        yield f'{outcome} <{JG}computedOpportunityScore> "{score}"^^<{XSD}decimal> .'
    for number in range(12):
        yield f"{iri('business-function', number)} <{RDF}type> <{JG}BusinessFunction> ."
    for number in range(DEPENDENCIES):
        first = chance.randrange(JOBS - 1)
        ends = [first, min(JOBS - 1, first + 1 + chance.randrange(SPAN))]
        if number < BACKWARD:
            ends.reverse()
        dependency = iri("job-dependency", number)
        yield f"{dependency} <{JG}hasSourceJob> {iri('job', ends[0])} ."
        yield f"{dependency} <{JG}hasDependentJob> {iri('job', ends[1])} ."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenant with these jobs, published."""
    folder = tmp_path_factory.mktemp("large")
    lines = folder / "jobs.nt"
    with lines.open("w", encoding="utf-8") as output:
        output.writelines(f"{line}\n" for line in iter_lines(random.Random(7)))
    names = GraphNames(BASE, "large")
    with Home(folder / "home").tenant("large", missing_ok=True).begin() as draft:
        bulk_load(draft.store_path, [(lines, names.asserted)])
        draft.publish({"base": BASE})
    return folder / "home"


def test_answers_take_no_more_than_ten_times_the_bare_algorithm(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "times.json"
    script = Path(__file__).with_name("dependency_answers.py")
    run([sys.executable, script, home, "large", out])
    facts = json.loads(out.read_text(encoding="utf-8"))
    print(f"\n{facts['jobs']:,} jobs, {facts['dependencies']:,} dependencies; at most {facts['peak_mb']:,.0f} MB")
    print(f"  views and graph from the store {facts['loading_s']:7.2f} s")
    print(f"  crossings, 1,000 rows          {facts['crossings_s']:7.2f} s; rustworkx has no such algorithm")
    estimate, slow = facts["estimate_s"], facts["networkx_estimate_s"]
    print(f"  betweenness from 32 nodes      {estimate:7.2f} s; networkx, from 1 node scaled, {slow:.1f} s")
    ratios = {name: ours / bare for name, (bare, ours) in facts["answers"].items()}
    for name, (bare, ours) in facts["answers"].items():
        print(f"  {name:45} bare {bare:9.3f} s  ours {ours:7.3f} s  ratio {ratios[name]:6.2f}")
    assert max(ratios.values()) < 10
    assert facts["peak_mb"] < 3000
    assert estimate < slow
