from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.server.browser.conftest import Window, follow
from tests.server.live import NORTHWIND, LiveServer

PHONE = {"viewport": {"width": 360, "height": 740}}
DARK = {"color_scheme": "dark"}
PATHS = [
    "/",
    "/ontology",
    "/ontology/Job",
    "/search?q=plan",
    "/page/job/",
    "/sparql",
    "/page/graph/northwind-bio/asserted",
]
A_JOB = "Publish study results in peer-reviewed journals"


@pytest.fixture(autouse=True)
def _asks_nobody_else(window: Window) -> Iterator[None]:
    yield
    assert window.outside == []


def open_job(window: Window) -> None:
    """From the overview to a job, as a person would."""
    follow(window.open("/").get_by_role("link", name="job to be done", exact=True))
    follow(window.page.get_by_role("link", name=A_JOB))


def test_person_signs_in_looks_around_and_signs_out(window: Window, live: LiveServer) -> None:
    page = window.open("/page/job/")
    assert page.url.startswith(f"{window.root}/sign-in")
    page.get_by_label("Token").fill(live.tokens[NORTHWIND, "reader"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{window.root}/page/job/")
    assert page.evaluate("document.cookie") == ""
    follow(page.get_by_role("link", name=A_JOB))
    assert page.get_by_role("heading", level=1).inner_text() == A_JOB
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{window.root}/sign-in")
    assert window.open("/").url.startswith(f"{window.root}/sign-in")
    assert window.complaints == []


def test_search_leads_to_a_thing(signed_in: Window) -> None:
    page = signed_in.open("/")
    page.get_by_label("Search names").fill("pharma_ma_pub_001")
    page.keyboard.press("Enter")
    page.get_by_role("row", name=re.compile("job to be done PHARMA_MA_PUB_001")).wait_for()
    follow(page.get_by_role("link", name=A_JOB))
    assert page.get_by_role("heading", level=1).inner_text() == A_JOB


def test_why_a_statement_stands_is_one_click_away(signed_in: Window) -> None:
    open_job(signed_in)
    page = signed_in.page
    follow(page.get_by_role("link", name="why?").first)
    assert page.get_by_role("heading", level=1).inner_text() == "Why does this stand?"
    assert page.locator(".reasons code").count() > 0


def test_keyboard_comes_to_the_content_first(signed_in: Window) -> None:
    page = signed_in.open("/page/job/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    box = page.locator(".skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


@pytest.mark.parametrize(
    "context", [pytest.param(PHONE, id="phone"), pytest.param({**PHONE, **DARK}, id="dark")], indirect=True
)
@pytest.mark.parametrize("path", PATHS)
def test_page_fits_a_phone(signed_in: Window, path: str) -> None:
    page = signed_in.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


_CONTRAST = """() => {
  const light = (text) => { const [r, g, b] = text.match(/[\\d.]+/g).map((n) => { const c = n / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll("main h1, main p, main a, main dt, main dd, main small, main .n, footer p")]
    .map((element) => light(getComputedStyle(element).color))
    .map((ink) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
}"""


@pytest.mark.parametrize("context", [pytest.param({}, id="light"), pytest.param(DARK, id="dark")], indirect=True)
def test_text_stands_out_from_its_ground(signed_in: Window) -> None:
    """At least 4.5 to 1, as WCAG 2.2, success criterion 1.4.3, asks."""
    open_job(signed_in)
    ratios = signed_in.page.evaluate(_CONTRAST)
    assert len(ratios) > 50
    assert min(ratios) >= 4.5


@pytest.mark.parametrize("context", [pytest.param({"java_script_enabled": False}, id="no_script")], indirect=True)
def test_everything_can_be_read_without_a_script(signed_in: Window) -> None:
    open_job(signed_in)
    assert signed_in.page.get_by_text("Referred to by").is_visible()
    page = signed_in.open("/sparql")
    with page.expect_download() as answer:
        page.get_by_role("button", name="Run").click()
    assert "query=SELECT" in answer.value.url


def test_editor_answers_and_leads_to_pages(signed_in: Window) -> None:
    page = signed_in.open("/sparql")
    page.locator(".yasqe_queryButton").click()
    page.locator(".yasr table td a.iri").first.wait_for()
    with page.context.expect_page() as opened:
        page.locator(".yasr table td a.iri").first.click(position={"x": 4, "y": 4})
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith(f"{signed_in.root}/page/job/")
    assert signed_in.complaints == []


def test_editor_shows_the_question_that_its_address_names(signed_in: Window) -> None:
    page = signed_in.open("/sparql#jobs_of_persona")
    assert page.get_by_label("Examples").input_value() == "jobs_of_persona"
    page.locator(".yasqe_queryButton").click()
    page.locator(".yasr table").wait_for()
    assert re.search(r"\d+ results", page.locator(".yasr_response_chip").inner_text())


def test_editor_keeps_nothing_but_the_token(signed_in: Window, live: LiveServer) -> None:
    page = signed_in.open("/sparql")
    token = live.tokens[NORTHWIND, "reader"]
    page.get_by_label("Token").fill(token)
    with page.expect_response("**/sparql") as response:
        page.locator(".yasqe_queryButton").click()
    assert response.value.request.method == "POST"
    assert response.value.request.headers["authorization"] == f"Bearer {token}"
    assert page.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("Object.values(sessionStorage)") == [token]
