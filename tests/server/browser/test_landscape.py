"""The landscape in a browser: what is pointed at, brushed, chosen and kept is what the REST interface says."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from tests.server.browser.conftest import LOOKS, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import NORTHWIND, Client, LiveServer
from tests.server.rest.tables_of import all_rows, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("blameless")

LEFT, BOTTOM = 4.0, 2.0  # the scores at which the chart of the sample begins
RANGES = ("importance_from", "importance_to", "satisfaction_from", "satisfaction_to")
ROLE = "medical-science-liaison"


@pytest.fixture
def api(live: LiveServer) -> Client:
    return live.client(NORTHWIND)


def open_landscape(window: Window, query: str = "") -> Page:
    page = window.open(f"/landscape{query}")
    page.locator("#chart canvas").wait_for()
    return page


def point(page: Page, importance: float, satisfaction: float) -> tuple[float, float]:
    """Where a pair of scores is on the screen."""
    plot = page.locator("#chart .plot")
    plot.evaluate("plot => plot.scrollIntoView({ block: 'center' })")
    box = plot.bounding_box()
    assert box is not None
    across = (importance - LEFT) / (10 - LEFT)
    return box["x"] + across * box["width"], box["y"] + (10 - satisfaction) / (10 - BOTTOM) * box["height"]


def brush(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*point(page, *start))
    page.mouse.down()
    page.mouse.move(*point(page, *end), steps=5)
    page.mouse.up()
    page.get_by_role("link", name="List all").wait_for()


def listed(page: Page) -> list[list[str]]:
    """The texts of the first two and the last two cells of each row: rank, opportunity and tier, the two scores."""
    rows = page.locator("#ranked tbody tr").all()
    return [[text.split("\n")[0] for text in _cells(row)] for row in rows]


def _cells(row: Any) -> list[str]:
    texts = row.locator("th, td").all_inner_texts()
    return [texts[0], texts[1], texts[3], texts[4]]


def expected(rows: list[Mapping[str, Any]]) -> list[list[str]]:
    names = ("rank", "opportunity", "importance", "satisfaction")
    return [[f"{row[name]:,}" for name in names] for row in rows]


def opportunities(api: Client, **fields: str) -> list[Mapping[str, Any]]:
    return all_rows(api, f"/analysis/opportunities?{urlencode({**fields, 'limit': '1000'})}")


@pytest.mark.parametrize("context", LOOKS, indirect=True)
def test_page_can_be_used_by_all(signed_in: Window, request: pytest.FixtureRequest) -> None:
    page = open_landscape(signed_in, "?importance_from=8.5&satisfaction_to=4")
    page.locator(".brush").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"landscape_{request.node.callspec.id}")


def test_brush_lists_what_is_inside(signed_in: Window, api: Client) -> None:
    page = open_landscape(signed_in)
    assert listed(page) == expected(opportunities(api)[:25])
    brush(page, (9.02, 6.03), (9.93, 2.1))
    values = {name: page.locator(f"[name={name}]").input_value() for name in RANGES}
    inside = opportunities(api, **values)
    assert 0 < len(inside) < 166
    assert listed(page) == expected(inside[:25])
    assert f"of {len(inside)} in this part of the chart, 166 in all" in page.locator("#ranked caption").inner_text()
    page.reload()
    assert listed(page) == expected(inside[:25])
    page.get_by_role("link", name="List all").click()
    page.get_by_text("Outcomes 1 to 25 of 166").wait_for()
    assert urlsplit(page.url).query == "scheme=requirements"


def test_pages_of_the_list_are_turned_in_place(signed_in: Window, api: Client) -> None:
    page = open_landscape(signed_in)
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="Next").click()
    page.get_by_text("Outcomes 26 to 50 of 166").wait_for()
    assert listed(page) == expected(opportunities(api)[25:50])
    assert page.evaluate("window.stays && document.activeElement.classList.contains('table')")


def test_pointing_names_statement_scores_and_evidence(signed_in: Window, api: Client) -> None:
    page = open_landscape(signed_in)
    first = opportunities(api)[0]
    page.mouse.move(*point(page, first["importance"], first["satisfaction"]))
    hint = page.locator(".hint")
    hint.get_by_text(first["name"]).wait_for()
    text = hint.inner_text()
    for words in (first["evidence_source"], first["tier"], f"Opportunity {first['opportunity']} of 20", "Rank 1, firm"):
        assert words in text
    page.locator("#ranked tbody tr").nth(3).hover()
    assert page.locator(".ring").is_visible()
    assert not hint.is_visible()


def test_keyboard_goes_from_place_to_place_and_lists_one(signed_in: Window, api: Client) -> None:
    page = open_landscape(signed_in)
    second = page_of(api, "/analysis/landscape")["rows"][1]
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator(".hint").get_by_text(second["name"]).wait_for()
    tie = f"Rank 2, a tie: rounding leaves {second['best_rank']} to {second['worst_rank']} open."
    assert tie in page.locator("[aria-live]").inner_text()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="List all").wait_for()
    assert [row[2:] for row in listed(page)] == [[str(second["importance"]), str(second["satisfaction"])]]
    page.keyboard.press("Escape")
    page.get_by_text("Outcomes 1 to 25 of 166").wait_for()


def test_choices_change_chart_tiers_and_list(signed_in: Window, api: Client) -> None:
    page = open_landscape(signed_in)
    page.evaluate("window.stays = true")
    page.get_by_label("Outcome type").select_option("speed")
    page.get_by_label("Score scheme").select_option("ulwick")
    page.locator("#tiers").get_by_text("extreme").wait_for()
    fields = {"scheme": "ulwick", "outcome_type": "speed"}
    tiers = page_of(api, f"/analysis/distribution?{urlencode(fields)}")["rows"]
    shown = [row.locator("th, td").all_inner_texts() for row in page.locator("#tiers tbody tr").all()]
    assert [(row[0], row[2]) for row in shown] == [(tier["tier"], str(tier["outcomes"])) for tier in tiers]
    assert listed(page) == expected(opportunities(api, **fields)[:25])
    assert urlsplit(page.url).query == urlencode(fields)
    assert page.evaluate("window.stays")
    page.locator("[name=job]").select_option(index=1)
    page.locator("#tiers").get_by_text("extreme").wait_for()
    job = page.locator("[name=job]").input_value()
    count = len(opportunities(api, job=job, **fields))
    page.locator("#lead").get_by_text(f"of {count} scored outcomes").wait_for()


def test_sentence_says_what_is_wrong_with_a_choice(signed_in: Window) -> None:
    page = open_landscape(signed_in)
    page.get_by_text("List only a part of the chart").click()
    page.get_by_label("Importance from").fill("9")
    page.get_by_label("Importance to").fill("8")
    page.get_by_label("Importance to").blur()
    page.get_by_role("alert").filter(has_text="give two scores from 0 to 10 that ascend").wait_for()
    assert len(listed(page)) == 25
    signed_in.complaints.clear()  # the browser tells of the status 400


def test_files_hold_what_is_shown(signed_in: Window, api: Client, tmp_path: Path) -> None:
    page = open_landscape(signed_in, f"?role={ROLE}&importance_from=8.5")
    files = {}
    for kind in ("PNG", "SVG", "CSV"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind).click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    assert files["PNG"].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    svg = files["SVG"].read_text(encoding="utf-8")
    assert "high above 12" in svg
    assert page.locator("#lead").inner_text().partition(".")[0] in svg
    with files["CSV"].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    inside = opportunities(api, role=ROLE, importance_from="8.5")
    assert [(row["outcome"], row["iri"], float(row["opportunity"])) for row in rows] == [
        (row["outcome"], row["evidence"][0]["iri"], row["opportunity"]) for row in inside
    ]


@pytest.mark.parametrize("context", [NO_SCRIPT], indirect=True)
def test_page_works_without_a_script(signed_in: Window, api: Client) -> None:
    page = signed_in.open("/landscape")
    assert page.locator("circle").count() == page_of(api, "/analysis/landscape?limit=1")["total"]
    page.get_by_label("Outcome type").select_option("speed")
    follow(page.get_by_role("button", name="Show"))
    follow(page.get_by_role("link", name="Next"))
    assert listed(page) == expected(opportunities(api, outcome_type="speed")[25:50])
    assert page.get_by_label("Outcome type").input_value() == "speed"
