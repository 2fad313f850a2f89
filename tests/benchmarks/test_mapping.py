"""The mapping with all contract checks, as whole processes, beside its peers on the same CSV files.

The plain writer is the floor: it formats the same lines and checks nothing, as the rdflib loop does. morph-kgc does
less: no tenants, no graphs, no lists (see `morph`).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from tests.benchmarks.morph import time_morph
from tests.benchmarks.runs import best_of, count_lines, run

from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

BASE = Settings().base
# The tables that most questions are about: the bars are for these. All 129 cost more to plan than to read at this size.
CORE = [
    "tenants",
    "org_functions",
    "org_departments",
    "org_roles",
    "personas",
    "jobs_to_be_done",
    "jtbd_outcomes",
    "jtbd_success_criteria",
    "jtbd_kpis",
    "jtbd_value_drivers",
    "jtbd_obstacles",
    "jtbd_constraints",
    "jtbd_competitive_alternatives",
    "jtbd_evidence_sources",
    "jtbd_solution_requirements",
    "jtbd_roles",
    "jtbd_personas",
    "jtbd_dependencies",
    "capability_jtbd_mapping",
    "capabilities",
    "domains",
    "strategic_priorities",
    "industries",
    "jtbd_workflow_stages",
    "jtbd_workflow_activities",
    "jtbd_gen_ai_opportunities",
    "jtbd_gen_ai_use_cases",
    "organizations",
    "users",
]
SIZES = {"29 tables": (CORE, 2000), "129 tables": (None, 900)}


@pytest.fixture(params=SIZES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """About a million triples of CSV files, two tenants."""
    tables, jobs = SIZES[str(request.param)]
    folder = tmp_path / str(request.param).replace(" ", "_")
    write_sample(folder, SampleSize(jobs=jobs, tenants=2), vocabulary=Vocabulary())
    for path in folder.glob("*.csv"):
        if tables is not None and path.stem not in tables:
            path.unlink()
    return folder


def test_mapping_beside_its_peers(source: Path, tmp_path: Path) -> None:
    runs = [run(_mapping(source, tmp_path / "before"))]
    triples = count_lines(sorted((tmp_path / "before").glob("*.nq")))
    plain = best_of(3, _python("plain_writer", source, tmp_path / "plain.nq"))
    # Each run into a new folder, for replacing files is no part of the work; before, between and after the peers, for
    # the machine's speed changes within a minute.
    runs += [run(_mapping(source, tmp_path / f"between{number}")) for number in range(2)]
    rdflib = run(_python("rdflib_loop", source, tmp_path / "rdflib.nt"))
    runs += [run(_mapping(source, tmp_path / f"after{number}")) for number in range(2)]
    morph = time_morph(source, base=BASE, vocabulary=Vocabulary())
    ours = min(runs, key=lambda measured: measured.wall_s)
    print(f"\n{source.name}, {triples:,} triples")
    for name, measured in {"jobgraph": ours, "plain csv writer": plain, "rdflib loop": rdflib}.items():
        print(f"  {name:18} {measured}  {measured.wall_s / ours.wall_s:6.2f} times ours")
    print(f"  {'morph-kgc':18} {morph.whole_s:7.2f} s wall  {morph.whole_s / ours.wall_s:6.2f} times ours")
    print(f"  of which morph-kgc reads its mapping for {morph.mapping_s:.2f} s")
    assert triples > 800_000
    assert ours.wall_s < 2 * plain.wall_s
    assert morph.whole_s > 5 * ours.wall_s
    if source.name == "29_tables":
        assert rdflib.wall_s > 25 * ours.wall_s


@pytest.mark.parametrize("jobs", [900, 9000])
def test_growth(jobs: int, tmp_path: Path) -> None:
    """About one and ten million triples: time and memory."""
    source, out = tmp_path / "source", tmp_path / "quads"
    write_sample(source, SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    measured = run(_mapping(source, out))
    triples = count_lines(sorted(out.glob("*.nq")))
    print(f"\n{triples:,} triples mapped: {measured}  {triples / measured.wall_s:,.0f} triples/s")
    shutil.rmtree(out)
    assert measured.peak_mb < 1500


def _mapping(source: Path, out: Path) -> list[str | Path]:
    return [sys.executable, "-m", "jobgraph", "mapping", source, "--out", out, "--quiet"]


def _python(script: str, source: Path, out: Path) -> list[str | Path]:
    return [sys.executable, "-m", f"tests.benchmarks.{script}", source, out, BASE]
