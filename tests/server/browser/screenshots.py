"""The README's pictures of the pages, taken of the shipped sample: `python -m tests.server.browser.screenshots DIR`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.server.browser.walk import Walker, walking
from tests.server.live import NORTHWIND, serving

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

PART: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 800}
MOST_BYTES = 200_000


def nothing_more(_page: Page) -> None:
    """The page as it opens."""


# By the name of the picture: the address, and what is done on the page before.
PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "landscape": ("/landscape", nothing_more),
    "dependencies": ("/dependencies", nothing_more),
    "gaps": ("/gaps", nothing_more),
}


def write_pictures(folder: Path) -> None:
    """Build the sample, serve it and write a PNG file for each picture."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with TemporaryDirectory() as work, sync_playwright() as started:
        home = Path(work) / "home"
        run_build(Plan(str(resource_path("data", "sample"))), Settings(home=home))
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with serving(home, Path(work) / "server.log") as server:
            root = f"http://127.0.0.1:{server.port}"
            with walking(browser, root, server.tokens[NORTHWIND, "reader"], color_scheme="light") as walker:
                for name in PICTURES:
                    write_picture(walker, name, folder / f"{name}.png")
        browser.close()


def write_picture(walker: Walker, name: str, path: Path) -> None:
    """One picture; ValueError if it is too large for a README."""
    address, act = PICTURES[name]
    walker.open(address)
    act(walker.page)
    walker.settle()
    walker.page.wait_for_timeout(500)  # what moves has come to rest
    size = len(walker.page.screenshot(path=path, animations="disabled", clip=PART))
    if size > MOST_BYTES:
        raise ValueError(f"{path} has {size:,} bytes, more than {MOST_BYTES:,}; choose a smaller part of the page.")


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]))
