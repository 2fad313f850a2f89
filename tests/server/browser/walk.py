"""Every page of a tenant opened once, as a reader's browser sees it, and what there was to see."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.server.browser.conftest import violations
from tests.server.live import Client

from jobgraph.vocabulary import JG, RDFS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Response, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
DATA_PAGES = (
    "/",
    "/landscape",
    "/dependencies",
    "/inheritance",
    "/gaps",
    "/quality",
    "/ask/highest_opportunities",
    "/ontology",
    "/page/job/",
    "/search?q=time",
)
PAGES = (*DATA_PAGES, "/ask", "/ontology/Job", "/sparql", "/exports", "/docs")
_QUIET_S, _MOST_S = 0.15, 30.0
_MEASURES = Path(__file__).with_name("walk.js")
_PARSED = '[onerror], [onfocus], img[src="x"], main a[href^="javascript:"], b:text-is("learn")'


@dataclass
class Visit:
    """A page that was opened: what went wrong on it, and its measures. Empty texts and lists are good."""

    status: int
    title: str = ""
    text: str = ""
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    twins: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    parsed: int = 0
    shifts: list[tuple[float, list[str]]] = field(default_factory=list)
    script_bytes: int = 0

    @property
    def shift(self) -> float:
        """How far the page moved while it loaded: 0 is best."""
        return sum(value for value, _ in self.shifts)


@dataclass
class Walker:
    """A window that is signed in, with what it has asked for and complained of since it was last emptied."""

    page: Page
    root: str
    open_requests: int = 0
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_navigation_timeout(90_000)
        self.page.on("request", self._asked)
        for event in ("requestfinished", "requestfailed"):
            self.page.on(event, self._answered)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._refuse)

    def _asked(self, request: Any) -> None:
        self.open_requests += 1
        self.requests.append(request.url)

    def _answered(self, _request: Any) -> None:
        self.open_requests -= 1

    def _refuse(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def settle(self) -> None:
        """Wait until no request has been open for a while."""
        end, quiet = time.monotonic() + _MOST_S, time.monotonic()
        while time.monotonic() - quiet < _QUIET_S:
            assert time.monotonic() < end, f"{self.page.url} does not come to rest: {self.requests[-3:]}"
            self.page.wait_for_timeout(30)
            if self.open_requests > 0:
                quiet = time.monotonic()

    def open(self, path: str) -> Response | None:
        """Go to a page and wait until it has all it asks for."""
        self.requests.clear()
        self.complaints.clear()
        self.open_requests = 0
        response = self.page.goto(self.root + path)
        self.settle()
        return response

    def visit(self, path: str, *, with_axe: bool = False) -> Visit:
        """Look at a page at both widths."""
        self.page.set_viewport_size(WIDE)
        response = self.open(path)
        page = self.page
        seen = Visit(response.status if response else 0, page.title(), page.locator("main").inner_text())
        seen.script_bytes = page.evaluate("walk.scriptBytes()")
        seen.shifts = page.evaluate("walk.shifts")
        seen.twins = page.evaluate("walk.twins()")
        seen.parsed = page.locator(_PARSED).count()
        seen.violations = violations(page) if with_axe else []
        widest = [page.evaluate("walk.tooWide()")]
        page.set_viewport_size(PHONE)
        page.wait_for_timeout(100)  # what draws, draws again
        seen.too_wide = [text for text in (*widest, page.evaluate("walk.tooWide()")) if text]
        seen.complaints = list(self.complaints)
        seen.outside = [url for url in self.requests if not url.startswith((self.root, "data:", "blob:"))]
        return seen


@contextmanager
def walking(browser: Browser, root: str, token: str, **options: Any) -> Iterator[Walker]:
    """A walker with a browser of its own that has signed in."""
    with browser.new_context(**{"viewport": WIDE, **options}) as context:
        sign_in(context, root, token)
        context.add_init_script(path=_MEASURES)
        page = context.new_page()
        # Each page is loaded as by who comes for the first time.
        context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        yield Walker(page, root)


def sign_in(context: BrowserContext, root: str, token: str) -> None:
    """Let the browser keep a token, as the sign-in page does."""
    context.add_cookies([{"name": "jobgraph", "value": token, "url": root, "sameSite": "Strict"}])


def page_of(client: Client, class_name: str, name: str) -> str:
    """The address of the page of a thing of a class that has a name."""
    label = _literal(name)
    query = f"SELECT ?thing {{ ?thing a <{JG}{class_name}> ; <{RDFS}label> {label} }} ORDER BY ?thing LIMIT 1"
    (row,) = client.query(query).rows
    return f"/page/{'/'.join(row['thing'].split('/')[-2:])}"


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
