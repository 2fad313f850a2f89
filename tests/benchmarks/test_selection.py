"""What selecting costs beside writing the store as it is: time as a ratio in one run, and memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, serialize

from jobgraph.exports import Selection, read_profile
from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

JOBS = 900  # makes 1.1 million triples
MOST_TIMES, MOST_BYTES = 3, 10**9
# In a process of its own: the most memory that a process ever had is all that it can tell.
MEASURE = "from tests.benchmarks.test_selection import measure; import sys; measure(sys.argv[1])"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tenant of 1.1 million triples, or the one that the environment names."""
    if given := os.environ.get("JOBGRAPH_BENCHMARK_HOME"):
        return Path(given)
    folder = tmp_path_factory.mktemp("selection")
    write_sample(folder / "source", SampleSize(jobs=JOBS, tenants=1), vocabulary=Vocabulary())
    run_build(Plan(str(folder / "source")), Settings(home=folder / "home"))
    return folder / "home"


def measure(home: str) -> None:
    """Print the seconds of selecting all and writing it, those of writing the store, and the memory in bytes."""
    vocabulary = Vocabulary()
    found = Home(Path(home))
    current = found.tenant(found.tenants()[0]).current()
    assert current
    with current.open() as store, Path(os.devnull).open("wb") as output:
        profile = read_profile("full", vocabulary=vocabulary)
        selection = Selection(store, current, profile, vocabulary=vocabulary)
        selected = timed(lambda: serialize(selection.quads(), output, RdfFormat.N_QUADS))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        plain = timed(lambda: store.dump(output, RdfFormat.N_QUADS))
    print(selected, plain, memory, selection.counts.triples)


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_selecting_all_takes_at_most_thrice_the_time_of_writing_the_store(home: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(home)], check=True, capture_output=True, text=True, cwd=Path.cwd()
    )
    selected, plain, memory, triples = map(float, run.stdout.split())
    print(
        f"{triples:,.0f} triples: selected and written in {selected:.1f} s, the store written in {plain:.1f} s, "
        f"{selected / plain:.2f} times; {memory / 1e6:.0f} MB"
    )
    assert selected <= MOST_TIMES * plain
    assert memory <= MOST_BYTES
