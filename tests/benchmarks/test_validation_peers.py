"""`jobgraph validate` on a published store, beside TopQuadrant SHACL and pySHACL on the same shapes and triples.

Each is a whole process with its load. The ratios are of processor seconds: the machine may do other work meanwhile,
and more threads do not make less of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.benchmarks.runs import Run, run
from tests.benchmarks.validation_peers import (
    Case,
    Timed,
    pyshacl_command,
    run_within,
    topquadrant_command,
    write_case,
)

from jobgraph.sample import SampleSize, write_sample
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

_TOPQUADRANT_LIMIT_S = 1200


@dataclass(frozen=True)
class Published:
    """A built sample of one tenant, and the same as files for others."""

    home: Path
    slug: str
    case: Case


def publish(folder: Path, jobs: int) -> Published:
    write_sample(folder / "source", SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    home = folder / "home"
    run([sys.executable, "-m", "jobgraph", "build", folder / "source", "--home", home, "--quiet"])
    (slug,) = Home(home).tenants()
    return Published(home, slug, write_case(home, slug, folder / "case"))


def run_ours(published: Published, out: Path) -> tuple[Run, int]:
    """The quicker of two runs, and how many results it reports."""
    command = [sys.executable, "-m", "jobgraph", "validate", "--home", published.home, "--tenant", published.slug]
    runs = [run_within([*map(str, command), "--format", "turtle"], 3600, out) for _ in range(2)]
    best = min(runs, key=lambda timed: timed.run.cpu_s)
    return best.run, best.output.count("a sh:ValidationResult")


def say(name: str, ours: Run, peer: Timed) -> float:
    ratio = peer.run.cpu_s / ours.cpu_s
    print(f"  {name:30} {peer}: {'' if peer.finished else 'more than '}{ratio:.1f} times the processor time of ours")
    return ratio


def test_at_least_twice_as_fast_as_topquadrant(tmp_path: Path) -> None:
    published = publish(tmp_path, 900)
    ours, count = run_ours(published, tmp_path / "ours.ttl")
    print(f"\n{published.case.triples:,} triples, {count} results\n  {'ours, all shapes':30} {ours}")
    for name, shapes in (("without queries", published.case.core_shapes), ("all", published.case.all_shapes)):
        command = topquadrant_command(published.case.data, shapes)
        peer = run_within(command, _TOPQUADRANT_LIMIT_S, tmp_path / "peer.ttl")
        ratio = say(f"TopQuadrant, {name} shapes", ours, peer)
    assert ratio >= 2
    assert not peer.finished or peer.output.count("sh:ValidationResult") == count


def test_at_least_fifty_times_as_fast_as_pyshacl(tmp_path: Path) -> None:
    published = publish(tmp_path, 80)
    ours, count = run_ours(published, tmp_path / "ours.ttl")
    print(f"\n{published.case.triples:,} triples, {count} results\n  {'ours, all shapes':30} {ours}")
    for name, shapes in (("without queries", published.case.core_shapes), ("all", published.case.all_shapes)):
        command = pyshacl_command(published.case.data, shapes)
        peer = run_within(command, 50.5 * ours.cpu_s, tmp_path / "peer.txt")
        ratio = say(f"pySHACL, {name} shapes", ours, peer)
    assert ratio >= 50
