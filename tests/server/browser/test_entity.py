"""The page of a thing, as a person uses it: neighbours, history, data to copy, questions about it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from pyoxigraph import RdfFormat, parse
from tests.server.browser.conftest import LOOKS, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import Client

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("blameless")

JSON = {"Accept": "application/json"}
_MARKED = "() => [...document.querySelectorAll('details:not([open]) > summary')].forEach((each) => each.click())"


@pytest.fixture
def job(reader: Client) -> str:
    """The address of a job's page."""
    found = reader.ask("GET", "/search?q=PHARMA_MA_PUB_001", headers=JSON).json["results"]
    return str(found[0]["page"])


def open_drawn(window: Window, address: str) -> Page:
    page = window.open(address)
    page.locator("#network canvas").first.wait_for()
    return page


@pytest.mark.parametrize("context", LOOKS, indirect=True)
def test_page_is_accessible_however_it_looks(signed_in: Window, job: str, request: pytest.FixtureRequest) -> None:
    page = open_drawn(signed_in, job)
    page.evaluate(_MARKED)
    page.get_by_role("heading", name="Generation").first.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    shot(page, f"entity_{request.node.callspec.id}")


def test_click_on_a_neighbour_opens_its_page(signed_in: Window, job: str) -> None:
    page = open_drawn(signed_in, job)
    listed = {link.get_attribute("href") for link in page.locator(".ties a").all()}
    page.locator("#network").scroll_into_view_if_needed()
    box = page.locator("#network").bounding_box()
    assert box
    for share in range(60, 96):
        page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + 25)
        if page.evaluate("document.querySelector('#network').style.cursor") == "pointer":
            break
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(lambda url: job not in url)
    assert page.url.removeprefix(signed_in.root) in listed


def test_history_is_that_of_the_server(signed_in: Window, reader: Client, job: str) -> None:
    page = signed_in.open(job)
    page.get_by_text("What changed in the generations that are kept").click()
    page.locator("#changes h3").first.wait_for()
    steps = reader.ask("GET", f"{job}?history=latest", headers=JSON).json["steps"]
    assert page.locator("#changes h3").count() == len(steps)
    assert all(step["sentence"] in page.locator("#changes").inner_text() for step in steps)
    page.get_by_role("link", name="As a page").click()
    assert page.get_by_role("heading", level=2).count() == len(steps)


@pytest.mark.parametrize("context", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_data_can_be_read_and_copied(signed_in: Window, reader: Client, job: str) -> None:
    page = signed_in.open(job)
    page.locator("summary", has_text="Turtle").click()
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == page.locator("details.raw pre").first.text_content()
    data = reader.ask("GET", job.replace("/page/", "/data/"), headers={"Accept": "text/turtle"}).body
    subject = next(quad.subject for quad in parse(text, RdfFormat.TURTLE))
    everything = {quad.triple for quad in parse(data, RdfFormat.TURTLE)}
    assert {quad.triple for quad in parse(text, RdfFormat.TURTLE)} == {t for t in everything if t.subject == subject}


def test_question_about_it_is_one_click_away(signed_in: Window, reader: Client, job: str) -> None:
    page = signed_in.open(job)
    page.get_by_role("link", name="What must be done before a job, directly or through other jobs?").click()
    total = reader.ask("GET", "/questions/dependencies_of_job?job=PHARMA_MA_PUB_001", headers=JSON).json["total"]
    assert total > 0
    assert page.locator("tbody tr").count() == total
    assert "job=PHARMA_MA_PUB_001" in unquote(page.url)


@pytest.mark.parametrize("context", [pytest.param(NO_SCRIPT, id="no_script")], indirect=True)
def test_all_is_there_without_a_script(signed_in: Window, job: str) -> None:
    page = signed_in.open(job)
    assert not page.locator("#network").is_visible()
    page.get_by_text("As a list:").click()
    assert page.locator(".ties a").count() > 10
    page.get_by_text("What changed in the generations that are kept").click()
    follow(page.get_by_role("link", name="As a page"))
    older = page.get_by_role("link", name="Older generations")
    while older.count():
        follow(older)
    assert "the oldest that is kept" in page.locator("main").inner_text()
