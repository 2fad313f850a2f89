from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest
from tests.server.browser.conftest import LOOKS, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import NORTHWIND, LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    Rows = list[dict[str, object]]

CAPABILITY, CODE = "Data Product Governance", "data-governance"
LEVEL = f"levels[{CODE}]"
WITH_LEVEL = f"/gaps?{quote(LEVEL)}=expert"


@pytest.fixture(autouse=True)
def _asks_nobody_else_and_complains_of_nothing(window: Window) -> Iterator[None]:
    yield
    assert window.outside == []
    assert [text for text in window.complaints if "status of 400" not in text] == []


def rows_of(live: LiveServer, analysis: str, fields: str = "") -> Rows:
    """What the interface answers."""
    found = live.client(NORTHWIND).ask("GET", f"/analysis/{analysis}?limit=1000&{fields}").json
    assert found["next"] is None
    return list(found["rows"])


def written(value: object) -> str:
    """A number as pages write it."""
    text = f"{Decimal(str(value)):,.2f}"
    return text.rstrip("0").rstrip(".")


def table_rows(table: Locator) -> list[list[str]]:
    cells = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    return list(table.locator("tbody tr").evaluate_all(cells))


def slider(page: Page) -> Locator:
    return page.get_by_label(f"Level of maturity of {CAPABILITY}", exact=True).and_(page.locator("input"))


def changed_jobs(page: Page) -> list[list[str]]:
    return [row[1:4] for row in table_rows(page.locator(".outcome table").first)]


def expected_jobs(live: LiveServer, levels: str) -> list[list[str]]:
    return [[written(row[name]) for name in ("before", "after", "change")] for row in rows_of(live, "what-if", levels)]


def assert_outcome(page: Page, live: LiveServer, levels: str) -> None:
    """What stands beside the sliders is what the interface answers."""
    assert changed_jobs(page) == expected_jobs(live, levels)
    totals = rows_of(live, "gap-totals", levels)
    columns = ("jobs", "before", "after", "change")
    expected = [[row["function"], *(written(row[name]) for name in columns)] for row in totals]
    assert table_rows(page.locator(".outcome table").nth(1)) == expected
    sums = [sum(Decimal(str(row[name])) for row in totals) for name in ("before", "after", "open_before", "open_after")]
    assert page.locator(".pairs dd").all_inner_texts() == [written(number) for number in sums]


def test_map_shows_what_closing_removes(signed_in: Window, live: LiveServer) -> None:
    page = signed_in.open("/gaps")
    functions = page.locator(".heat thead th.function").all_inner_texts()
    shown = {
        (row[0], function): text
        for row in table_rows(page.locator(".heat"))
        for function, text in zip(functions, row[2:], strict=True)
        if text
    }
    rows = rows_of(live, "heat-map")
    assert shown == {(row["capability"], row["function"]): f"{Decimal(str(row['removed'])):.2f}" for row in rows}


def test_slider_asks_the_server_what_changes(signed_in: Window, live: LiveServer) -> None:
    page = signed_in.open("/gaps")
    handle = slider(page)
    assert handle.get_attribute("aria-valuetext") == "not assessed, 0"
    with page.expect_response("**/analysis/what-if?**expert"):
        handle.focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
    page.get_by_role("heading", name="With 1 level changed").wait_for()
    assert handle.get_attribute("aria-valuetext") == "expert, 0.8 (now not assessed, 0)"
    assert_outcome(page, live, f"{LEVEL}=expert")
    assert unquote(page.url).endswith(f"/gaps?{LEVEL}=expert")
    page.reload()
    assert_outcome(page, live, f"{LEVEL}=expert")
    follow(page.get_by_role("link", name="Back to the stated levels"))
    assert page.get_by_role("heading", name="As it is").is_visible()


def test_page_reads_as_the_script_draws_it(signed_in: Window) -> None:
    page = signed_in.open(WITH_LEVEL)
    made_by_the_server = page.locator(".outcome").inner_text().splitlines()[:-1]
    with page.expect_response("**/analysis/what-if?**"):
        slider(page).evaluate("slider => slider.dispatchEvent(new Event('input'))")
    page.locator(".outcome button").first.wait_for()
    drawn = [line for line in page.locator(".outcome").inner_text().splitlines() if line != "Save as CSV"]
    assert [line for line in drawn if line][:-1] == [line for line in made_by_the_server if line]


def test_set_to_close_is_found_for_another_threshold(signed_in: Window, live: LiveServer) -> None:
    page = signed_in.open("/gaps")
    page.get_by_label("Gap that a job may keep").fill("0.4")
    page.get_by_role("button", name="Find the set").click()
    rows = rows_of(live, "closing-set", "threshold=0.4")
    page.get_by_text(f"{len(rows)} capabilities to close, in this order").wait_for()
    shown = table_rows(page.locator("#closing-set table"))
    assert [[row[0], row[1], row[3]] for row in shown] == [
        [str(row["position"]), row["capability"], row["reason"]] for row in rows
    ]
    assert "threshold=0.4" in page.url


def test_refusal_is_said_on_the_page(signed_in: Window) -> None:
    page = signed_in.open("/gaps")
    field = page.get_by_label("Gap that a job may keep")
    field.evaluate("field => { field.removeAttribute('max'); field.value = '5'; }")
    page.get_by_role("button", name="Find the set").click()
    page.get_by_role("alert").get_by_text("give a number from 0 to 1").wait_for()


@pytest.mark.parametrize("context", LOOKS, indirect=True)
def test_all_can_use_it(signed_in: Window, request: pytest.FixtureRequest) -> None:
    page = signed_in.open(WITH_LEVEL)
    page.locator(".levels input[type=range]").first.wait_for()
    shot(page, f"gaps-{request.node.callspec.id}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("context", [pytest.param(NO_SCRIPT, id="no_script")], indirect=True)
def test_what_if_can_be_asked_without_a_script(signed_in: Window, live: LiveServer) -> None:
    page = signed_in.open("/gaps")
    page.get_by_label(f"Level of maturity of {CAPABILITY}", exact=True).select_option("expert")
    follow(page.get_by_role("button", name="Compute"))
    assert_outcome(page, live, f"{LEVEL}=expert")
    page.get_by_label("Function of the jobs").select_option(label="Quality")
    follow(page.get_by_role("button", name="Show"))
    assert len(page.locator(".heat thead th.function").all()) == 1
    assert_outcome(page, live, f"{LEVEL}=expert")
