"""What each stage takes at several sizes: seconds, memory and disk, each command in a process of its own.

`python -m tests.benchmarks.scale JOBS...` (900 jobs make a million triples) measures, keeps the figures of sizes that
are not named, writes data/scale.json and the tables of docs/scale.md; without sizes it only writes the tables anew.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from tests.benchmarks.runs import Run, count_lines, run_small
from tests.benchmarks.scale_docs import FIGURES, STAGES, write_tables
from tests.benchmarks.scale_server import measure_server
from tests.benchmarks.test_changes import change_rows, spell_alike

from jobgraph.contract import door
from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

LIBRARIES = ("duckdb", "pyoxigraph", "pyarrow", "fastapi", "uvicorn")
IN_STAGES = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from tests.benchmarks.scale import build_in_stages
found = build_in_stages(Path(sys.argv[1]), Path(sys.argv[2]))
Path(sys.argv[3]).write_text(json.dumps([asdict(figure) for figure in found]))
"""
DONE = (0, 3)  # exit codes of a build: what linked to rows that went is in quarantine
TENANTS = 50  # of the platform that is measured
TENANT_JOBS = 8  # of each of its tenants, which makes about 44,000 triples with the ontology and the shared rows


@dataclass(frozen=True)
class Figure:
    """What one stage took; None where it is not measured."""

    stage: str
    wall_s: float
    cpu_s: float
    peak_mb: float
    disk_mb: float | None = None

    @classmethod
    def of(cls, stage: str, taken: Run, disk_mb: float | None = None) -> Figure:
        """That of a process which did nothing else."""
        return cls(stage, taken.wall_s, taken.cpu_s, taken.peak_mb, disk_mb)


class Stages:
    """Notes what each stage of a build takes: the time until the next begins, and the most memory in it."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self._stage, self._wall, self._cpu = "start", time.perf_counter(), time.process_time()

    def note(self, stage: str, count: int, _unit: str = "rows") -> None:
        """A count of 0 begins a stage."""
        if count == 0:
            self.begin(stage)

    def begin(self, stage: str) -> None:
        """The stage before is over."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.figures.append(Figure(self._stage, wall - self._wall, cpu - self._cpu, peak_mb()))
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        self._stage, self._wall, self._cpu = stage, wall, cpu


def peak_mb() -> float:
    """The most memory of this process since its peak was reset."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def build_in_stages(source: Path, home: Path) -> list[Figure]:
    """Build a source in this process; what each stage took."""
    stages, load_tables = Stages(), door.load_tables

    def load(*arguments: Any, **options: Any) -> Any:
        stages.begin("read")
        loaded = load_tables(*arguments, **options)
        stages.begin("check")
        return loaded

    with patch.object(door, "load_tables", load):
        run_build(Plan(str(source)), Settings(home=home), progress=stages.note)
    stages.begin("end")
    return stages.figures


def measure(jobs: int, folder: Path) -> Iterator[dict[str, object]]:
    """All figures of one tenant with so many jobs, as far as they are there; the longest come last."""
    source, home = folder / "source", folder / "home"
    report = write_sample(source, SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    spell_alike(source)
    size: dict[str, object] = {"jobs": jobs, "rows": report.rows, "source_mb": disk_mb(source)}
    with said(f"{jobs} jobs: build"):
        figures = measure_build(source, home)
    generation = Home(home).tenant(Home(home).tenants()[0]).current()
    assert generation is not None
    size |= {"triples": generation.triples, "store_mb": disk_mb(generation.store_path)}
    yield size | {"figures": figures}
    with said("serve"):
        served, about = measure_server(home, generation.slug)
    figures, size = figures + [Figure(**each) for each in served], size | about
    yield size | {"figures": figures}
    for figure in measure_commands(home, generation.slug, folder):
        figures = [*figures, figure]
        yield size | {"figures": figures}
    shutil.rmtree(home)
    with said("map to N-Quads, build with a record, build of 1 % changes"):
        found, about = measure_builds(source, folder)
    yield size | about | {"figures": figures + found}


def measure_build(source: Path, home: Path) -> list[Figure]:
    """The stages of a build, and the build as a whole."""
    said_by = home.with_name("stages.json")
    whole = run_small([sys.executable, "-c", IN_STAGES, source, home, said_by])
    found = [Figure(**each) for each in json.loads(said_by.read_text(encoding="utf-8"))]
    peak = max(figure.peak_mb for figure in found)  # that of the process was reset at each stage
    return [*merged(found), replace(Figure.of("build", whole, disk_mb(home)), peak_mb=peak)]


def measure_builds(source: Path, folder: Path) -> tuple[list[Figure], dict[str, object]]:
    """The mapping alone, a build that keeps a record, and one of changes; how much was mapped and changed."""
    quads, home = folder / "quads", folder / "recorded"
    mapped = Figure.of("mapping", run_small(command("mapping", source, "--out", quads)), disk_mb(quads))
    lines = count_lines(list(quads.glob("*.nq")))
    shutil.rmtree(quads)
    build = command("build", source, "--home", home, "--changes")
    first = Figure.of("build with a record", run_small(build), disk_mb(home))
    changed = change_rows(source, every=1)
    second = Figure.of("build of changes", run_small(build, exit_codes=DONE))
    shutil.rmtree(home)
    return [mapped, first, second], {"mapped": lines, "changed_rows": changed}


def measure_commands(home: Path, slug: str, folder: Path) -> Iterator[Figure]:
    """Exports, a backup and its restoring."""
    for name in ("nquads", "turtle"):
        with said(f"dump as {name}"):
            out = folder / f"graph.{name}"
            taken = run_small(
                command("dump", "--tenant", slug, "--format", name, "--out", out, "--home", home, quiet=False)
            )
            yield Figure.of(f"dump as {name}", taken, disk_mb(out))
            out.unlink()
    with said("backup, restore"):
        backup, other = folder / "backup.tar.zst", folder / "restored"
        yield Figure.of("backup", run_small(command("backup", "--home", home, "--out", backup)), disk_mb(backup))
        yield Figure.of("restore", run_small(command("restore", backup, "--home", other)), disk_mb(other))
        shutil.rmtree(other)


def measure_platform(folder: Path) -> dict[str, object]:
    """A home of some hundred small tenants: its build, its disk, and what a list of all of them takes."""
    source, home, backup = folder / "source", folder / "home", folder / "backup.tar.zst"
    write_sample(source, SampleSize(jobs=TENANT_JOBS * TENANTS, tenants=TENANTS), vocabulary=Vocabulary())
    with said(f"{TENANTS} tenants"):
        built = run_small(command("build", source, "--home", home), exit_codes=DONE)
        saved = run_small(command("backup", "--home", home, "--out", backup))
        listed = run_small(command("tenants", "list", "--home", home, quiet=False))
    tenants = Home(home).tenants()
    current = [Home(home).tenant(slug).current() for slug in tenants]
    triples = sum(generation.triples or 0 for generation in current if generation)
    figures = [
        Figure.of("build", built, disk_mb(home)),
        Figure.of("backup", saved, disk_mb(backup)),
        Figure.of("list", listed),
    ]
    files = sum(1 for path in home.rglob("*") if path.is_file())
    about = {"tenants": len(tenants), "triples": triples, "files": files, "source_mb": round(disk_mb(source), 1)}
    return about | {"figures": [rounded(asdict(figure)) for figure in figures]}


def merged(figures: list[Figure]) -> list[Figure]:
    """One figure a stage, in the order of a build: times in sum, the most memory."""
    stages = [stage for stage in ("start", *STAGES) if any(figure.stage == stage for figure in figures)]
    return [
        Figure(
            stage,
            sum(f.wall_s for f in figures if f.stage == stage),
            sum(f.cpu_s for f in figures if f.stage == stage),
            max(f.peak_mb for f in figures if f.stage == stage),
        )
        for stage in stages
    ]


def command(name: str, *words: object, quiet: bool = True) -> list[str | Path]:
    return [sys.executable, "-m", "jobgraph", name, *map(str, words), *(["--quiet"] if quiet else [])]


def disk_mb(path: Path) -> float:
    """What a file or a folder takes on the disk; a file of several names counts once."""
    paths = path.rglob("*") if path.is_dir() else [path]
    status = [each.stat() for each in paths if each.is_file()]
    return sum({(s.st_dev, s.st_ino): s.st_blocks * 512 for s in status}.values()) / 1e6


def rounded(figure: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 2) if isinstance(value, float) else value for key, value in figure.items()}


@contextmanager
def said(what: str) -> Iterator[None]:
    """Say what is measured, and how long that took."""
    start = time.monotonic()
    sys.stderr.write(f"{what} ... ")
    sys.stderr.flush()
    yield
    sys.stderr.write(f"{time.monotonic() - start:.0f} s, load average {os.getloadavg()[0]:.1f}\n")


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
        "kernel": platform.release().split("-")[0],
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def keep(part: Callable[[dict[str, Any]], None]) -> None:
    """Change a part of the figures that are kept."""
    found = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {"sizes": []}
    part(found)
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def keep_size(size: dict[str, object]) -> None:
    """Put a size at its place, and in place of an older one of as many jobs."""
    about = {"date": datetime.now(UTC).date().isoformat(), "machine": machine()}
    figures = [rounded(asdict(figure)) for figure in cast("list[Figure]", size["figures"])]
    stamped = rounded(size | about) | {"figures": figures}

    def put(found: dict[str, Any]) -> None:
        others = [each for each in found["sizes"] if each["jobs"] != stamped["jobs"]]
        found["sizes"] = sorted([*others, stamped], key=lambda each: int(each["jobs"]))

    keep(put)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", type=int, help="sizes to measure: jobs of one tenant")
    parser.add_argument("--platform", action="store_true", help=f"measure a home of {TENANTS} tenants as well")
    parser.add_argument("--folder", type=Path, help="where there is room; the system's for temporary files if none")
    options = parser.parse_args()
    for jobs in options.jobs:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            for size in measure(jobs, Path(folder)):
                keep_size(size)
    if options.platform:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            found = measure_platform(Path(folder)) | {"date": datetime.now(UTC).date().isoformat()}
            keep(lambda figures: figures.update(platform=found))
    write_tables()


if __name__ == "__main__":
    main()
