"""Questions and the search, as a person uses them, with keys or with a mouse, with a script or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.server.browser.conftest import LOOKS, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import Client

pytestmark = pytest.mark.usefixtures("blameless")

JSON = {"Accept": "application/json"}
A_PERSONA = "Wren the Curious Liaison"
A_JOB = "Publish study results in peer-reviewed journals"


def answer(client: Client, name: str, fields: str = "limit=1000") -> Any:
    """What the REST interface says."""
    return client.ask("GET", f"/questions/{name}?{fields}", headers=JSON).json


@pytest.mark.parametrize("context", LOOKS, indirect=True)
def test_pages_are_accessible_however_they_look(signed_in: Window, request: pytest.FixtureRequest) -> None:
    paths = {
        "ask": "/ask",
        "form": "/ask/jobs_of_persona",
        "answer": "/ask/highest_opportunities",
        "search": "/search?q=publish",
    }
    for name, path in paths.items():
        page = signed_in.open(path)
        if name == "answer":
            page.locator("#chart canvas").wait_for()
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        shot(page, f"{name}_{request.node.callspec.id}")


def test_words_leave_the_questions_that_have_them(signed_in: Window) -> None:
    page = signed_in.open("/ask")
    page.get_by_label("Only those with").fill("persona evidence")
    page.locator(".asked li[hidden]").nth(60).wait_for(state="attached")
    shown = [item.inner_text().lower() for item in page.locator(".asked li:visible").all()]
    assert shown
    assert all("persona" in text and "evidence" in text for text in shown)
    follow(page.locator(".asked a:visible").first)
    assert "/ask/" in page.url


def test_persona_is_chosen_with_keys_and_the_answer_is_that_of_the_server(signed_in: Window, reader: Client) -> None:
    page = signed_in.open("/ask/jobs_of_persona")
    field = page.get_by_role("combobox", name="persona")
    field.focus()
    page.keyboard.type("curious")
    page.get_by_role("option", name=A_PERSONA).wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    option = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert option.get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    assert field.input_value() == A_PERSONA
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Answer").wait_for()
    expected = answer(reader, "jobs_of_persona", f"persona={quote(A_PERSONA)}")
    assert page.locator(".count").inner_text() == f"{expected['total']} rows."
    assert page.locator("tbody th").all_inner_texts() == [row["code"] for row in expected["rows"]]


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(signed_in: Window) -> None:
    page = signed_in.open("/ask/jobs_of_persona")
    field = page.get_by_role("combobox", name="persona")
    field.focus()
    page.keyboard.press("ArrowDown")  # all of them, by name
    page.get_by_role("option").first.wait_for()
    page.keyboard.type("wr")
    page.keyboard.press("Escape")
    assert not page.get_by_role("option").first.is_visible()
    assert field.input_value() == "wr"


def test_heading_sorts_and_numbers_are_those_of_the_server(signed_in: Window, reader: Client) -> None:
    page = signed_in.open("/ask/highest_opportunities?limit=1000")
    follow(page.get_by_role("link", name="satisfaction", exact=True))
    rows = answer(reader, "highest_opportunities")["rows"]
    highest = sorted((row["satisfaction"] for row in rows), reverse=True)
    at = list(rows[0]).index("satisfaction") + 1
    shown = page.locator(f"tbody tr > :nth-child({at})").all_inner_texts()
    assert [float(text) for text in shown] == highest[:100]
    follow(page.get_by_role("link", name="Next"))
    shown = page.locator(f"tbody tr > :nth-child({at})").all_inner_texts()
    assert [float(text) for text in shown] == highest[100:]


def test_bars_show_the_number_that_is_chosen_also_after_a_reload(signed_in: Window) -> None:
    page = signed_in.open("/ask/opportunities_of_functions")
    page.locator("#chart canvas").wait_for()
    page.get_by_label("Bars show").select_option("highest")
    page.wait_for_url("**bars=highest")
    page.reload()
    page.get_by_label("Bars of highest by function name").wait_for()


def test_query_goes_to_the_editor_with_its_values(signed_in: Window, reader: Client) -> None:
    page = signed_in.open(f"/ask/jobs_of_persona?persona={quote(A_PERSONA)}")
    page.get_by_text("The query behind it, in SPARQL").click()
    follow(page.get_by_role("link", name="Open it in the editor"))
    page.locator(".yasqe_queryButton").click()
    page.locator(".yasr table").wait_for()
    total = answer(reader, "jobs_of_persona", f"persona={quote(A_PERSONA)}")["total"]
    assert page.locator(".yasr_response_chip").inner_text().startswith(f"{total} results")
    signed_in.complaints.clear()  # of the editor


def test_csv_has_the_whole_answer(signed_in: Window, reader: Client) -> None:
    page = signed_in.open("/ask/highest_opportunities?limit=1000")
    with page.expect_download() as download:
        page.get_by_role("link", name="Take it along as CSV").click()
    assert download.value.suggested_filename == "highest_opportunities.csv"
    whole = reader.ask("GET", "/questions/highest_opportunities?limit=1000", headers={"Accept": "text/csv"}).body
    assert Path(download.value.path()).read_bytes() == whole


@pytest.mark.parametrize("context", [pytest.param(NO_SCRIPT, id="no_script")], indirect=True)
def test_question_is_asked_without_a_script(signed_in: Window, reader: Client) -> None:
    page = signed_in.open("/ask")
    follow(page.get_by_role("link", name="Which jobs does a persona do"))
    page.get_by_label("persona").fill(A_PERSONA)
    follow(page.get_by_role("button", name="Show the answer"))
    total = answer(reader, "jobs_of_persona", f"persona={quote(A_PERSONA)}")["total"]
    assert page.locator("tbody tr").count() == total
    follow(page.get_by_role("link", name="code", exact=True))
    assert page.locator("tbody tr").count() == total


@pytest.mark.parametrize("path", ["/", "/ontology/Job", "/ask", "/landscape", "/page/job/", "/quality"])
def test_slash_leads_to_the_search_from_everywhere(signed_in: Window, path: str) -> None:
    page = signed_in.open(path)
    page.locator("main").click(position={"x": 2, "y": 2})
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("a/b")
    assert page.locator("#q").input_value() == "a/b"


def test_search_suggests_and_leads_to_what_is_chosen(signed_in: Window) -> None:
    page = signed_in.open("/ontology")
    page.keyboard.press("/")
    page.keyboard.type("pharma_ma_pub")
    page.get_by_role("option", name=A_JOB).wait_for()
    assert "PHARMA_MA_PUB_001" in page.get_by_role("option", name=A_JOB).inner_text()
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=A_JOB).wait_for()


def test_search_shows_what_is_typed_where_nothing_is_chosen(signed_in: Window) -> None:
    page = signed_in.open("/ask")
    page.keyboard.press("/")
    page.keyboard.type("plan")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=plan")
    codes = page.locator("tbody tr").all_inner_texts()
    assert len(codes) == len(set(codes)) > 10
