"""A whole build to a published generation, beside a bare bulk load of the same N-Quads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.benchmarks.runs import count_lines, run

from jobgraph.sample import SampleSize, write_sample
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

BARE_LOAD = """
import sys
from pyoxigraph import RdfFormat, Store
store = Store(sys.argv[1])
for path in sys.argv[2:]:
    store.bulk_load(path=path, format=RdfFormat.N_QUADS)
"""


@pytest.mark.parametrize("jobs", [900, 9000])
def test_build_beside_a_bare_load(jobs: int, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "quads"
    write_sample(source, SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    run([sys.executable, "-m", "jobgraph", "mapping", source, "--out", out, "--quiet"])
    files = sorted(out.glob("*.nq"))
    times = 2 if jobs < 1000 else 1
    bare, build = [], []
    for number in range(times):  # in turn, so that both meet the same machine
        bare.append(run([sys.executable, "-c", BARE_LOAD, tmp_path / f"bare{number}", *files]))
        home = tmp_path / f"home{number}"
        build.append(run([sys.executable, "-m", "jobgraph", "build", source, "--home", home, "--quiet"]))
    best_bare, best_build = (min(runs, key=lambda r: r.wall_s) for runs in (bare, build))
    ratio = best_build.wall_s / best_bare.wall_s
    print(f"\n{count_lines(files):,} triples\n  bare load {best_bare}\n  build     {best_build}")
    print(f"  {ratio:.2f} times the load")
    assert ratio < 1.5
    assert best_build.peak_mb < 1500
