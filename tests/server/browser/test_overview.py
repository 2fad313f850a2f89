"""The pages for a first look: the overview, quality and the ontology, as people use them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from tests.server.browser.conftest import LOOKS, NARROW, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import NORTHWIND, Client, LiveServer

PATHS = {"overview": "/", "quality": "/quality", "ontology": "/ontology"}
AN_AREA = "Jobs to be done and what surrounds them"


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Client:
    return live.client(NORTHWIND)


def api(client: Client, path: str) -> Any:
    return client.ask("GET", path, headers={"Accept": "application/json"}).json


@pytest.mark.parametrize("context", LOOKS, indirect=True)
@pytest.mark.parametrize("name", PATHS)
def test_page_is_for_everybody(signed_in: Window, name: str, request: pytest.FixtureRequest) -> None:
    page = signed_in.open(PATHS[name])
    shot(page, f"{name}-{request.node.callspec.id.rpartition('-')[2]}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (signed_in.complaints, signed_in.outside) == ([], [])


def test_overview_leads_to_what_it_counts(signed_in: Window, client: Client) -> None:
    page = signed_in.open("/")
    found = api(client, "/validation?limit=1")["counts"]
    for word, count in (("violation", found["Violation"]), ("warning", found["Warning"]), ("remark", found["Info"])):
        assert page.get_by_role("link", name=re.compile(rf"^{count:,} {word}s?$")).count() == 1
    follow(page.get_by_role("link", name=re.compile("in quarantine")))
    assert page.url == f"{signed_in.root}/quality#quarantine"
    follow(page.get_by_role("link", name="Overview"))
    follow(page.get_by_role("link", name=re.compile("^Capability gaps")))
    assert page.url == f"{signed_in.root}/gaps"


def test_progress_is_that_of_the_analysis(signed_in: Window, client: Client) -> None:
    rows = api(client, "/analysis/progress?by=function&limit=1000")["rows"]
    table = signed_in.open("/").get_by_role("table").filter(has_text="Define collection scope")
    shown = table.locator("tbody tr:not(:first-child) td").all_inner_texts()
    assert shown == [f"{row['done']:,} of {row['of']:,}" if row["of"] else "none" for row in rows]


def test_coverage_opens_into_columns(signed_in: Window, client: Client) -> None:
    page = signed_in.open("/quality")
    follow(page.get_by_role("link", name="jtbd_outcomes", exact=True))
    page.get_by_role("heading", level=1, name="Columns of jtbd_outcomes").wait_for()
    rows = api(client, "/coverage/jtbd_outcomes?limit=1000")["rows"]
    assert page.locator("tbody th").all_inner_texts() == [row["column"] for row in rows]
    assert page.locator("tbody td:nth-child(2)").all_inner_texts() == [row["state"] for row in rows]


def test_area_of_the_ontology_is_drawn_and_counted(signed_in: Window, client: Client) -> None:
    page = signed_in.open("/ontology")
    page.get_by_role("table").get_by_role("link", name=AN_AREA).click()
    page.get_by_role("heading", level=1, name=AN_AREA).wait_for()
    counts = "SELECT (COUNT(*) AS ?n) WHERE { ?s a jg:Job }", "SELECT (COUNT(*) AS ?n) WHERE { ?s jg:hasOutcome ?o }"
    things, statements = (int(client.query(query).rows[0]["n"]) for query in counts)
    classes = page.get_by_role("table").filter(has_text="Classes of the area")
    assert classes.get_by_role("row", name=re.compile(rf"^job to be done .* {things:,}$")).count() == 1
    page.locator("figure svg a").filter(has_text="job to be done").first.click()
    page.wait_for_url(f"{signed_in.root}/ontology/Job")
    page.goto(f"{signed_in.root}/ontology/hasOutcome")
    assert page.get_by_text(f"{statements:,} statements").count() == 1


@pytest.mark.parametrize("context", [pytest.param({**NO_SCRIPT, **NARROW}, id="no_script")], indirect=True)
def test_pages_work_without_a_script(signed_in: Window, client: Client) -> None:
    page = signed_in.open("/quality")
    counts = api(client, "/validation?limit=1")["counts"]
    if sum(counts.values()):
        page.get_by_label("Group by").select_option("owner")
        follow(page.get_by_role("button", name="Show"))
        assert "by=owner" in page.url
    page.goto(f"{signed_in.root}/?unknown={quote('<b>')}")
    assert page.get_by_role("heading", name="How far the collection has come").is_visible()
