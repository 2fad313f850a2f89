"""Exports of a million triples: each format beside pyoxigraph's bare serialiser and beside rdflib's, and their memory.

Times are seconds of processor for writing alone, from statements in memory to bytes that are kept nowhere. Loading is
not counted in them, and printed beside them: rdflib has to load before it can write. Its N-Quads and JSON-LD are plain
loops, near 20 times the bare serialiser of pyoxigraph; so 20 times is asserted with the load for all formats, and
without it for Turtle.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, serialize
from tests.benchmarks.export_formats import Streamed
from tests.benchmarks.runs import run

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

COMPARED = ("turtle", "nquads", "jsonld", "jsonld-compact")
STREAMED = (*COMPARED, "jsonld-framed", "rdfxml", "trig", "jelly")
MOST_MB = 1_000


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one tenant with about 1.1 million triples."""
    folder = tmp_path_factory.mktemp("million")
    write_sample(folder / "source", SampleSize(jobs=900, tenants=1), vocabulary=Vocabulary())
    run_build(Plan(str(folder / "source")), Settings(home=folder / "home"))
    home = Home(folder / "home")
    (slug,) = home.tenants()
    generation = home.tenant(slug).current()
    assert generation
    return generation.store_path


def test_writers_beside_the_bare_serialiser_and_rdflib(store_path: Path, tmp_path: Path) -> None:
    statements = Streamed(Store.read_only(str(store_path)))
    serialize(statements.quads(), tmp_path / "data.nq", RdfFormat.N_QUADS)
    serialize(statements.triples(), tmp_path / "data.nt", RdfFormat.N_TRIPLES)
    for format_ in COMPARED:
        ours = measure("beside_bare", format_, store_path)
        theirs = measure("rdflib", format_, tmp_path / ("data.nt" if format_ == "turtle" else "data.nq"))
        slower, faster = ours["ours"] / ours["bare"], theirs["rdflib"] / ours["ours"]
        whole = (theirs["load"] + theirs["rdflib"]) / ours["ours"]
        print(
            f"\n{format_:15} {ours['quads']:,.0f} quads: bare {ours['bare']:.2f} s, ours {ours['ours']:.2f} s "
            f"({slower:.1f} times), rdflib {theirs['rdflib']:.1f} s ({faster:.0f} times; {whole:.0f} with its load)"
        )
        assert slower <= 3
        assert whole >= 20
        assert format_ != "turtle" or faster >= 20


@pytest.mark.parametrize("format_", STREAMED)
def test_memory_of_a_format_is_bounded(format_: str, store_path: Path) -> None:
    done = run(command("stream", format_, store_path))
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
