from __future__ import annotations

import pytest
from tests.server.live import Client
from tests.server.rest.tables_of import CSV, all_rows, csv_of, get, page_of

_PAGED = (
    "/questions",
    "/questions/highest_opportunities",
    "/questions/people_in_roles",
    "/analysis",
    "/analysis/opportunities",
    "/analysis/blast-radius",
    "/analysis/waits-for?entity=PHARMA_MX_HTA_001",
    "/validation",
    "/coverage",
    "/coverage/personas",
)


def with_fields(target: str, fields: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{fields}"


@pytest.mark.parametrize("target", _PAGED)
@pytest.mark.parametrize("limit", [3, 7])
def test_pages_have_all_rows_once(reader: Client, target: str, limit: int) -> None:
    whole = page_of(reader, with_fields(target, "limit=1000"))
    assert whole["next"] is None
    assert len(whole["rows"]) > 3
    assert all_rows(reader, with_fields(target, f"limit={limit}")) == whole["rows"]


@pytest.mark.parametrize("target", _PAGED)
def test_pages_of_csv_are_those_of_json(reader: Client, target: str) -> None:
    asked = with_fields(target, "limit=4&page=1")
    page = page_of(reader, asked)
    assert csv_of(reader, asked)[0] == page["columns"]
    assert len(csv_of(reader, asked)) == 1 + len(page["rows"])
    assert get(reader, asked, CSV).headers.get("link") == get(reader, asked).headers.get("link")


def test_a_page_after_the_last_is_empty(reader: Client) -> None:
    page = page_of(reader, "/questions/teams?page=1000000&limit=1000")
    assert (page["rows"], page["next"]) == ([], None)


@pytest.mark.parametrize(
    "fields",
    [
        *("limit=0", "limit=1001", "limit=-1", "limit=1.5", "limit=", "limit=%D9%A3"),  # the last is a digit of Arabic
        *("page=0", "page=1000001", "page=1e2", "generation=", "generation=x", f"page={'9' * 5000}"),
    ],
)
def test_a_page_that_cannot_be_is_refused(reader: Client, fields: str) -> None:
    assert reader.ask("GET", f"/questions?{fields}").status == 400


def test_pages_of_another_generation_are_not_mixed(reader: Client) -> None:
    reply = get(reader, "/questions/teams?page=2&generation=000999")
    assert reply.status == 404
    assert "begin with page 1" in reply.json["detail"]
