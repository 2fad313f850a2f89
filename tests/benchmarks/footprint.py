"""What a group of processes takes: resident memory and open files, as /proc tells."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.test_server_isolation import family


@dataclass(frozen=True)
class Footprint:
    """Memory in MB and open files of all processes of a group.

    `resident_mb` counts a page once for each process that has it, `own_mb` (the sum of PSS) once in all. `files` leaves
    out the data files of stores that are there, of which one build makes more than the next; those that were removed,
    as of generations that are gone, count.
    """

    processes: int
    resident_mb: float
    own_mb: float
    files: int


def footprint(pid: int) -> Footprint:
    """That of a process and of all that came from it; one that ends meanwhile does not count."""
    found = []
    for each in family(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
            sizes = {name: int(size) / 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB$", rollup, re.MULTILINE)}
            found.append((sizes["Rss"], sizes["Pss"], _open_files(each)))
    return Footprint(len(found), sum(f[0] for f in found), sum(f[1] for f in found), sum(f[2] for f in found))


def _open_files(pid: int) -> int:
    names = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it is closed meanwhile
            names.append(str(link.readlink()))
    return sum(not name.endswith(".sst") for name in names)  # what was removed ends with " (deleted)"


@contextmanager
def watching(pid: int, *, every_s: float = 1.0) -> Iterator[Callable[[], Footprint]]:
    """Look at a group again and again inside the block; gives what tells the medians of what was seen."""
    seen, is_over = [footprint(pid)], threading.Event()

    def watch() -> None:
        while not is_over.wait(every_s):
            seen.append(footprint(pid))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(watch)
        try:
            yield lambda: median_of(seen)
        finally:
            is_over.set()
            running.result()


def median_of(seen: list[Footprint]) -> Footprint:
    """The medians of each figure."""
    return Footprint(
        round(median(each.processes for each in seen)),
        median(each.resident_mb for each in seen),
        median(each.own_mb for each in seen),
        round(median(each.files for each in seen)),
    )
