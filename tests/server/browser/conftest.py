"""Chromium without a window, before a server that runs; what a page asks of other hosts fails its test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.live import NORTHWIND, LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

DARK = {"color_scheme": "dark"}
NARROW = {"viewport": {"width": 390, "height": 844}}
LOOKS = [pytest.param({}, id="light"), pytest.param(DARK, id="dark"), pytest.param(NARROW, id="narrow")]
NO_SCRIPT = {"java_script_enabled": False}
_AXE = Path(__file__).with_name("axe.min.js")
_SHOTS = Path(__file__).resolve().parents[3] / ".screenshots"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_CHECK = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
}"""
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Window:
    """A page with what it asked for and what it complained of."""

    page: Page
    root: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.root + path)
        return self.page

    @property
    def outside(self) -> list[str]:
        """What was asked of other hosts."""
        return [url for url in self.requests if not url.startswith((self.root, "data:", "blob:"))]


def follow(link: Locator) -> None:
    """Clicks, and waits until the page that it leads to is there."""
    with link.page.expect_navigation():
        link.click()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong on a page, by WCAG 2.1 A and AA and its own best practice."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(_CHECK, _RULES))


def shot(page: Page, name: str) -> Path:
    """A picture of a whole page, for people to look at."""
    _SHOTS.mkdir(exist_ok=True)
    path = _SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"there is no browser; install one of {', '.join(_NAMES)}")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser that was just installed; a test may give it options."""
    options = getattr(request, "param", {})
    with chromium.new_context(**options) as context:
        yield context


@pytest.fixture
def window(context: BrowserContext, live: LiveServer) -> Window:
    """A window in which nobody has signed in."""
    window = Window(context.new_page(), f"http://127.0.0.1:{live.port}")
    window.page.on("request", lambda request: window.requests.append(request.url))
    window.page.on("console", lambda message: window.complaints.append(message.text))
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
    return window


@pytest.fixture
def blameless(window: Window) -> Iterator[None]:
    """Fails a test whose pages asked other hosts, or complained of something."""
    yield
    assert window.outside == []
    assert window.complaints == []


@pytest.fixture
def signed_in(window: Window, live: LiveServer) -> Window:
    """A window whose browser keeps the token of a reader."""
    token = live.tokens[NORTHWIND, "reader"]
    window.page.context.add_cookies([{"name": "jobgraph", "value": token, "url": window.root, "sameSite": "Strict"}])
    return window
