"""The whole of a server behind a proxy that gives it a path of its own: https://host/some/prefix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.browser.proxies import stripping_proxy
from tests.server.conftest import CopyHome
from tests.server.live import NORTHWIND, LiveServer, free_port, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PREFIX = "/some/prefix"
PAGES = ["/", "/quality", "/ontology", "/ontology/Job", "/search?q=plan", "/page/job/", "/exports", "/docs", "/sparql"]


@dataclass(frozen=True)
class Proxied:
    """The address that browsers know, the server behind it, and what was asked outside of the prefix."""

    root: str
    server: LiveServer
    outside: list[str]


@pytest.fixture(scope="module")
def proxied(copy_home: CopyHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    port = free_port()
    root, log = f"http://127.0.0.1:{port}{PREFIX}", Path(tmp_path_factory.mktemp("log")) / "server.log"
    with (
        serving(copy_home(), log, "--public-url", root) as server,
        stripping_proxy(port, PREFIX, server.port) as outside,
    ):
        yield Proxied(root, server, outside)


@pytest.fixture(scope="module")
def page(chromium: Browser, proxied: Proxied) -> Iterator[Page]:
    """The page that a person comes to who wanted to see jobs and signed in first."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{proxied.root}/page/job/")
        assert page.url == f"{proxied.root}/sign-in?next=/page/job/"
        page.get_by_label("Token").fill(proxied.server.tokens[NORTHWIND, "reader"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{proxied.root}/page/job/")
        yield page


def test_links_lead_on(page: Page, proxied: Proxied) -> None:
    page.goto(f"{proxied.root}/")
    page.get_by_role("link", name="job to be done", exact=True).click()
    page.locator(".things a").first.click()
    page.locator("#origin").wait_for()
    page.get_by_label("Search names").fill("PHARMA_MA_PUB_001")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{proxied.root}/search?q=PHARMA_MA_PUB_001")
    assert proxied.outside == []


@pytest.mark.parametrize("path", PAGES)
def test_page_stays_below_the_prefix(page: Page, proxied: Proxied, path: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(proxied.root + path, wait_until="networkidle")
    targets = page.evaluate(
        "[...document.querySelectorAll('[href], [src], [action]')].map((each) => each.href || each.src || each.action)"
    )
    inside = (f"{proxied.root}/", "https://", "data:", "http://purl.org", "http://www.w3.org")
    strange = [str(target) for target in targets if not str(target).startswith(inside)]
    assert strange == []
    assert (proxied.outside, complaints) == ([], [])


def test_scripts_ask_below_the_prefix(page: Page, proxied: Proxied) -> None:
    page.goto(f"{proxied.root}/sparql")
    page.locator(".yasqe_queryButton").click()
    page.locator(".yasr table td a.iri").first.wait_for()
    with page.context.expect_page() as opened:
        page.locator(".yasr table td a.iri").first.click(position={"x": 4, "y": 4})
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith(f"{proxied.root}/page/job/")
    opened.value.close()
    assert proxied.outside == []


def test_things_and_data_name_their_public_addresses(proxied: Proxied) -> None:
    client = proxied.server.client(NORTHWIND)
    row = client.query("SELECT ?s WHERE { ?s a jg:Job } ORDER BY ?s LIMIT 1").rows[0]["s"]
    step = row.rpartition("/id/")[2]
    for accept, folder in (("text/html", "page"), ("text/turtle", "data")):
        reply = client.ask("GET", f"/id/{step}", headers={"Accept": accept})
        assert (reply.status, reply.headers["location"]) == (303, f"{PREFIX}/{folder}/{step}")
    reply = client.ask("GET", f"/data/{step}", headers={"Accept": "text/turtle"})
    assert f"<{PREFIX}/page/{step}>" in reply.headers["link"]
    assert "</page" not in reply.headers["link"]


def test_person_signs_out(page: Page, proxied: Proxied) -> None:
    page.goto(f"{proxied.root}/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{proxied.root}/sign-in")
    page.goto(f"{proxied.root}/")
    assert page.url == f"{proxied.root}/sign-in?next=/"
    assert proxied.outside == []
