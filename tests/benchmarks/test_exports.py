"""Exports of a million triples: each format beside pyoxigraph's and beside rdflib's, and their memory.

Times are seconds of processor, written to nowhere. The bare serialiser of pyoxigraph is `store.dump` of the same store:
it reads and writes, as ours reads, selects and writes. Beside it stands what both take for statements in memory.
rdflib gets a tenth of the statements, and so do ours beside it. It has to load before it can write. 20 times is
asserted with the load for all formats, and without it for those that rdflib writes; of JSON-LD that is the expanded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.benchmarks.runs import run

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

COMPARED = ("turtle", "nquads", "jsonld", "jsonld-compact")
FASTER = ("turtle", "nquads", "jsonld")
STREAMED = (*COMPARED, "jsonld-framed", "rdfxml", "trig", "jelly")
MOST_MB = 1_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tenant of about 1.1 million triples, or the one that the environment names."""
    if given := os.environ.get("JOBGRAPH_BENCHMARK_HOME"):
        return Path(given)
    folder = tmp_path_factory.mktemp("million")
    write_sample(folder / "source", SampleSize(jobs=900, tenants=1), vocabulary=Vocabulary())
    run_build(Plan(str(folder / "source")), Settings(home=folder / "home"))
    return folder / "home"


@pytest.mark.parametrize("format_", COMPARED)
def test_export_beside_the_bare_serialiser(format_: str, home: Path) -> None:
    stored, kept = measure("from_store", format_, home), measure("from_memory", format_, home)
    slower = stored["ours"] / stored["bare"]
    print(
        f"\n{format_:15} {stored['quads']:,.0f} quads from a store: bare {stored['bare']:.1f} s, ours "
        f"{stored['ours']:.1f} s ({slower:.2f} times); from memory: bare {kept['bare']:.2f} s, ours "
        f"{kept['ours']:.2f} s ({kept['ours'] / kept['bare']:.2f} times)"
    )
    assert slower <= 3


@pytest.mark.parametrize("format_", COMPARED)
def test_export_beside_rdflib(format_: str, home: Path) -> None:
    found = measure("rdflib", format_, home)
    faster, whole = found["rdflib"] / found["ours"], (found["load"] + found["rdflib"]) / found["ours"]
    print(
        f"\n{format_:15} {found['quads']:,.0f} quads: ours {found['ours']:.2f} s, rdflib {found['rdflib']:.1f} s "
        f"({faster:.0f} times; {whole:.0f} with its load)"
    )
    assert whole >= 20
    assert format_ not in FASTER or faster >= 20


@pytest.mark.parametrize("format_", STREAMED)
def test_memory_of_a_format_is_bounded(format_: str, home: Path) -> None:
    done = run(command("stream", format_, home))
    print(f"\n{format_:15} {done}")
    assert done.peak_mb < MOST_MB


def test_memory_of_hashing_grows_only_with_blank_nodes() -> None:
    sizes = [("plain", 300_000), ("plain", 1_200_000), ("blank", 100_000), ("blank", 300_000)]
    runs = {size: run(command("hash", *size)) for size in sizes}
    for (kind, count), done in runs.items():
        print(f"\nhash of {count:,} quads, {kind}: {done}")
    assert runs["plain", 1_200_000].peak_mb < 2 * runs["plain", 300_000].peak_mb < MOST_MB
    assert runs["blank", 300_000].peak_mb < MOST_MB


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.export_formats", *map(str, words)]


def measure(*words: object) -> dict[str, float]:
    done = subprocess.run(command(*words), capture_output=True, check=True, text=True)
    return dict(json.loads(done.stdout))
