"""The README's pictures of the pages, taken of the shipped sample: `python -m tests.server.browser.screenshots DIR`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from tests.server.browser.walk import Walker, walking
from tests.server.live import NORTHWIND, serving

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings

WIDTH, HEIGHT = 1280, 700
MEDICAL_AFFAIRS = "https://jobgraph.example/id/business-function/9f217df7-822c-5906-a4bc-40a7f46527ed"
MOST_BYTES = 200_000


# By the name of the picture: the address, and the element that it begins with.
PICTURES = {
    "landscape": ("/landscape", "#lead"),
    "dependencies": (f"/dependencies?within={quote(MEDICAL_AFFAIRS, safe='')}", "form.choices"),
    "gaps": ("/gaps", "h1"),
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
    address, first = PICTURES[name]
    walker.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    walker.open(address)
    walker.page.wait_for_timeout(500)  # what moves has come to rest
    top = walker.page.locator(first).first.evaluate("(element) => element.getBoundingClientRect().top + scrollY - 12")
    walker.page.evaluate("(top) => scrollTo({ top, behavior: 'instant' })", top)
    size = len(walker.page.screenshot(path=path, animations="disabled"))
    if size > MOST_BYTES:
        raise ValueError(f"{path} has {size:,} bytes, more than {MOST_BYTES:,}; choose a smaller part of the page.")


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]))
