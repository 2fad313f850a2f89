"""The reference in a browser, from the disk: as a person sees it, on paper, in the dark, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.browser.conftest import Window, chromium, context

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

__all__ = ["chromium", "context"]

PHONE = {"viewport": {"width": 360, "height": 740}}
DARK = {"color_scheme": "dark"}
PAGES = ["index.html", "a-z.html", "job.html", "codes.html", "schemes-ulwick.html"]


@pytest.fixture
def window(context: BrowserContext, docs: Path) -> Iterator[Window]:
    window = Window(context.new_page(), f"{docs.as_uri()}/")
    window.page.on("request", lambda request: window.requests.append(request.url))
    window.page.on("console", lambda message: window.complaints.append(message.text))
    yield window
    assert (window.outside, window.complaints) == ([], [])


def test_person_finds_a_term_and_follows_its_links(window: Window) -> None:
    page = window.open("index.html")
    page.get_by_role("link", name="A to Z").click()
    page.get_by_role("link", name="activity type", exact=True).first.click()
    assert page.url.endswith("codes.html#code/activity-type")
    assert page.locator("[id='code/activity-type']").get_by_text("Approval", exact=True).is_visible()
    page.go_back()
    page.get_by_role("link", name="job to be done", exact=True).click()
    assert page.url.endswith("job.html#Job")
    page.locator("svg a[href='job.html#Obstacle']").click()
    assert page.url.endswith("job.html#Obstacle")
    assert page.locator("#Obstacle").get_by_role("columnheader", name="What must hold").is_visible()


@pytest.mark.parametrize(
    "context", [pytest.param(PHONE, id="phone"), pytest.param({**PHONE, **DARK}, id="dark")], indirect=True
)
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(window: Window, name: str) -> None:
    page = window.open(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


_CONTRAST = """() => {
  const light = (text) => { const [r, g, b] = text.match(/[\\d.]+/g).map((n) => { const c = n / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const ground = (element) => { for (let e = element; e; e = e.parentElement) {
    const found = getComputedStyle(e).backgroundColor; if (!/rgba\\(.*, 0\\)/.test(found)) return light(found); } };
  const texts = [...document.querySelectorAll("header a, main *")].filter((e) => !e.closest("svg")
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  const boxes = [...document.querySelectorAll("svg text")].map((t) => ratio(light(getComputedStyle(t).fill),
    light(getComputedStyle(t.parentElement.querySelector("rect")).fill)));
  return texts.map((e) => ratio(light(getComputedStyle(e).color), ground(e))).concat(boxes);
}"""


@pytest.mark.parametrize("context", [pytest.param({}, id="light"), pytest.param(DARK, id="dark")], indirect=True)
@pytest.mark.parametrize("name", ["index.html", "outcome.html"])
def test_text_stands_out_from_its_ground(window: Window, name: str) -> None:
    """At least 4.5 to 1, as WCAG 2.2, success criterion 1.4.3, asks."""
    ratios = window.open(name).evaluate(_CONTRAST)
    assert len(ratios) > 100
    assert min(ratios) >= 4.5


def test_paper_gets_the_content_only(window: Window) -> None:
    page = window.open("outcome.html")
    page.emulate_media(media="print")
    assert not page.locator("body > header").is_visible()
    assert page.locator("#Outcome").is_visible()
    widths = page.evaluate("[document.querySelector('svg').getBoundingClientRect().width, innerWidth]")
    assert widths[0] <= widths[1]


def test_keyboard_comes_to_the_content_first(window: Window) -> None:
    page = window.open("job.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
