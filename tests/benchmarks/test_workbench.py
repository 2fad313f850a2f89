"""The pages in a browser at a million triples: when there is something to see, and how the map of jobs moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.benchmarks.test_server import built
from tests.server.browser.conftest import chromium
from tests.server.browser.walk import DATA_PAGES, Walker, walking
from tests.server.browser.worlds import CROWDED, build_into, crowded_tables
from tests.server.live import serving
from tests.small_source import write_tables

from jobgraph.server.access import Role, TokenFile

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["chromium"]

pytestmark = pytest.mark.benchmark

MOST_MS = 1_500.0
LEAST_FRAMES = 30.0
MAP_JOBS, MOVED_S = 5_000, 3.0


@contextmanager
def walker_of(home: Path, slug: str, browser: Browser) -> Iterator[Walker]:
    """A reader of one tenant, before a server that has answered this tenant once."""
    with serving(home, home.parent / "server.log", settings={"requests_per_second": 1_000}) as server:
        root, token = f"http://127.0.0.1:{server.port}", TokenFile(home).create(slug, Role.READER, lasts=None)
        with walking(browser, root, token) as walker:
            walker.page.request.get(f"{root}/analysis/cycles")  # a worker, and the modules that analyse
            yield walker


def test_page_is_there_soon(tmp_path: Path, chromium: Browser) -> None:
    generation = built(tmp_path, 900)
    with walker_of(tmp_path / "home", generation.slug, chromium) as walker:
        first = {path: measured(walker, path) for path in DATA_PAGES}
        again = {path: measured(walker, path) for path in DATA_PAGES}
    print(f"\n{generation.triples:,} triples; ms until all has come, first and again, and painted")
    for path, times in first.items():
        print(f"  {path:26} {times['all']:7,.0f} {again[path]['all']:7,.0f}   {times['painted']:7,.0f}")
    assert {path: times for path, times in first.items() if times["painted"] >= MOST_MS} == {}


def measured(walker: Walker, path: str) -> dict[str, float]:
    walker.open(path)
    times: dict[str, float] = walker.page.evaluate("walk.loaded()")
    return times


def test_map_of_many_jobs_moves_smoothly(tmp_path: Path, chromium: Browser) -> None:
    tables = crowded_tables(jobs=MAP_JOBS, outcomes=MAP_JOBS)
    build_into(tmp_path / "home", write_tables(tmp_path / "source", tables))
    with walker_of(tmp_path / "home", CROWDED, chromium) as walker:
        walker.open("/dependencies")
        frames = dragged(walker)
    print(f"\n{MAP_JOBS:,} jobs: {frames['perSecond']:.0f} frames a second, {frames['longest']:.0f} ms at most for one")
    assert frames["perSecond"] > LEAST_FRAMES


def dragged(walker: Walker) -> dict[str, float]:
    """Frames while the map is dragged in a circle by the mouse."""
    page = walker.page
    chart = page.locator("#map")
    chart.scroll_into_view_if_needed()
    box: Any = chart.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 9, y + 9)
    page.evaluate("globalThis.frames_ = walk.countFrames()")
    page.mouse.down()
    end = time.monotonic() + MOVED_S
    while (left := end - time.monotonic()) > 0:
        page.mouse.move(x + 100 * (left % 1), y + 60 * (left % 0.7))
        page.mouse.wheel(0, 40 if left % 1 > 0.5 else -40)
    page.mouse.up()
    counted: dict[str, float] = page.evaluate("frames_()")
    return counted
