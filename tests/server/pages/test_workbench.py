from __future__ import annotations

import pytest
from tests.server.html.reading import is_safe, read_page
from tests.server.live import Client
from tests.server.pages.asking import BROWSER, HTML, see

from jobgraph.server.pages.workbench import PLACES

ADDRESSES = [address for address in PLACES if not address.endswith("/")]


@pytest.mark.parametrize("address", ["/", *ADDRESSES, "/ontology", "/sparql", "/docs", "/exports"])
def test_page_is_in_the_navigation_and_all_of_that_leads_somewhere(live_reader: Client, address: str) -> None:
    reply = see(live_reader, address, BROWSER)
    assert (reply.status, reply.kind) == (200, HTML), reply.text[:300]
    page = read_page(reply.body)
    assert is_safe(page)
    assert ("unsafe" in reply.headers["content-security-policy"]) == (address == "/sparql")
    assert [each["href"] for each in page.all("a") if each.get("aria-current") == "page"] in ([address], [])
    assert reply.headers["jobgraph-generation"] == page.all("html")[0]["data-generation"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("by=a&by=b", 400), ("x=" + "x" * 201, 400), ("%3Aroot=/evil", 400), ("x=%FF", 400), ("root=/evil", 200)],
)
def test_fields_are_given_once_and_none_of_ours(live_reader: Client, query: str, status: int) -> None:
    reply = see(live_reader, f"/quality?{query}", HTML)
    assert reply.status == status
    assert 'href="/evil' not in reply.text


@pytest.mark.parametrize("address", ["/quality", "/ask/highest_opportunities"])
def test_page_is_read_as_html_only(live_reader: Client, address: str) -> None:
    assert see(live_reader, address, "application/json").status == 406
    assert live_reader.ask("POST", address, headers={"Accept": HTML}, body="").status == 405
    assert see(live_reader, f"{address}/x/y", HTML).status == 404
