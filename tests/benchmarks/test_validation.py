"""What validation adds to a build: the processor time of its stage beside that of all others, in one run."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark


class StageClock:
    """Progress that counts seconds of processor and on the wall by stage."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self.wall_s: dict[str, float] = {}
        self._stage, self._last = "start", (time.process_time(), time.perf_counter())

    def __call__(self, stage: str, _count: int, _unit: str = "rows") -> None:
        now = time.process_time(), time.perf_counter()
        self.cpu_s[self._stage] = self.cpu_s.get(self._stage, 0) + now[0] - self._last[0]
        self.wall_s[self._stage] = self.wall_s.get(self._stage, 0) + now[1] - self._last[1]
        self._stage, self._last = stage, now


@pytest.mark.parametrize("jobs", [900, 9000])
def test_validation_within_a_build(jobs: int, tmp_path: Path) -> None:
    write_sample(tmp_path / "source", SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    clock = StageClock()
    report = run_build(Plan(str(tmp_path / "source")), Settings(home=tmp_path / "home"), progress=clock)
    validation, others = clock.cpu_s["validate"], sum(clock.cpu_s.values()) - clock.cpu_s["validate"]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{report.tenants[0].quads:,} quads: validation {clock.wall_s['validate']:.1f} s wall, {validation:.1f} s cpu"
    )
    print(f"  {validation / others:.2f} of the rest of the build ({others:.1f} s cpu), {peak_mb:.0f} MB")
    assert validation / others < 0.2
    assert clock.wall_s["validate"] < 15
    assert peak_mb < 4000
