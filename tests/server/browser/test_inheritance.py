from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.server.browser.conftest import LOOKS, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import NORTHWIND, LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("blameless")

WAYS = "#pairs .way"
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"


@pytest.fixture
def pairs(live: LiveServer) -> list[dict[str, object]]:
    """What the interface answers."""
    return list(live.client(NORTHWIND).ask("GET", "/analysis/inheritance?limit=1000").json["rows"])


def letters(page: Page) -> Counter[str]:
    return Counter(page.locator(WAYS).all_inner_texts())


def test_matrix_counts_as_the_interface_does(signed_in: Window, pairs: list[dict[str, object]]) -> None:
    page = signed_in.open("/inheritance")
    assert letters(page) == Counter(str(row["how"])[0].upper() for row in pairs)
    page.locator("select[name=show]").select_option("conflict")
    follow(page.get_by_role("button", name="Show", exact=True))
    conflicts = [row for row in pairs if row["conflict"]]
    assert letters(page) == {"B": len(conflicts)}
    assert page.locator(f"{WAYS}.conflict").count() == len(conflicts)
    follow(page.get_by_role("link", name="Show all"))
    assert letters(page).total() == len(pairs)


def test_click_leads_to_why_the_persona_does_the_job(signed_in: Window) -> None:
    page = signed_in.open("/inheritance?persona=Wren")
    words = page.locator(WAYS).first.get_attribute("aria-label") or ""
    follow(page.locator(WAYS).first)
    assert page.get_by_role("heading", level=1).inner_text() == "Why does this stand?"
    lead = page.locator("main .lead").inner_text()
    assert lead.startswith("Wren the Curious Liaison does job")
    assert lead.removeprefix("Wren the Curious Liaison does job").strip() in words


def test_pointing_says_what_stands_there(signed_in: Window) -> None:
    page = signed_in.open("/inheritance?show=both")
    letter = page.locator(WAYS).first
    letter.hover()
    assert page.locator("#pair").inner_text() == letter.get_attribute("aria-label")
    assert page.locator("#pairs .pointed").count() == 2


def test_keys_move_in_the_matrix(signed_in: Window) -> None:
    page = signed_in.open("/inheritance")
    page.locator("a, button").get_by_text("conflicts").focus()
    page.keyboard.press("Tab")
    rows = page.locator("#pairs tbody tr:not(.role)")
    assert page.evaluate(FOCUSED) == rows.first.locator("th").inner_text()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    first = rows.first.locator("td").first
    assert page.evaluate(FOCUSED) == first.locator(".way").get_attribute("aria-label")
    page.keyboard.press("Control+End")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == page.locator("#pairs tr").count() - 1
    page.keyboard.press("Control+Home")
    assert page.evaluate("document.activeElement.closest('thead') !== null")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#pairs')") is None
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/persona/*why=*")


@pytest.mark.parametrize("context", LOOKS, indirect=True)
def test_all_can_use_it(signed_in: Window, request: pytest.FixtureRequest) -> None:
    page = signed_in.open("/inheritance")
    page.locator("#pairs[role=grid]").wait_for()
    shot(page, f"inheritance-{request.node.callspec.id}")
    page = signed_in.open("/inheritance?show=both")  # a small matrix has all that a large one has
    page.get_by_text("Show as a list").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("context", [pytest.param(NO_SCRIPT, id="no_script")], indirect=True)
def test_list_says_the_same_without_a_script(signed_in: Window, pairs: list[dict[str, object]]) -> None:
    page = signed_in.open("/inheritance")
    page.get_by_text("Show as a list").click()
    assert page.locator("details tbody tr").count() == len(pairs)
    assert page.locator("details a", has_text="why?").count() == len(pairs)
    follow(page.locator(WAYS).first)
    assert page.get_by_role("heading", level=1).inner_text() == "Why does this stand?"
