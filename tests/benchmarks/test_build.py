"""A whole build to a published generation, beside a bare bulk load of the same N-Quads."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

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


@pytest.mark.parametrize(("jobs", "turns", "bar"), [(900, 3, 1.3), (9000, 1, 1.5)])
def test_build_beside_a_bare_load(jobs: int, turns: int, bar: float, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "quads"
    write_sample(source, SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    run([sys.executable, "-m", "jobgraph", "mapping", source, "--out", out, "--quiet"])
    files = sorted(out.glob("*.nq"))
    bare, build = [], []
    for number in range(turns):  # so that both meet the same machine
        bare.append(run([sys.executable, "-c", BARE_LOAD, tmp_path / f"bare{number}", *files]))
        home = tmp_path / f"home{number}"
        build.append(run([sys.executable, "-m", "jobgraph", "build", source, "--home", home, "--quiet"]))
    ratios = [whole.wall_s / load.wall_s for load, whole in zip(bare, build, strict=True)]
    print(f"\n{count_lines(files):,} triples")
    for load, whole, ratio in zip(bare, build, ratios, strict=True):
        print(f"  bare load {load}\n  build     {whole}\n  {ratio:.2f} times the load")
    assert median(ratios) < bar
    assert max(whole.peak_mb for whole in build) < 1500
