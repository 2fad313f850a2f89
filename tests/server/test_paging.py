from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.server.paging import Page

sizes = st.integers(1, 50)


@given(st.integers(0, 500), sizes)
def test_pages_hold_everything_once(total: int, size: int) -> None:
    pages = [Page(number, total, size, "/x") for number in range(1, Page(1, total, size, "/x").last + 1)]
    held = [n for page in pages for n in range(page.start, min(page.start + size, total))]
    assert held == list(range(total))


@given(st.integers(0, 500), sizes)
def test_links_lead_through_all_pages_and_back(total: int, size: int) -> None:
    last = Page(1, total, size, "/x").last
    pages = [Page(number, total, size, "/x") for number in range(1, last + 1)]
    assert ["next" in page.around for page in pages] == [True] * (last - 1) + [False]
    assert ["prev" in page.around for page in pages] == [False] + [True] * (last - 1)


@pytest.mark.parametrize(("number", "total"), [(2, 0), (2, 10), (3, 11), (10**9, 5)])
def test_page_behind_the_last_is_missing(number: int, total: int) -> None:
    with pytest.raises(LookupError, match=f"no page {number}"):
        Page(number, total, 10, "/x")


def test_address_keeps_its_other_fields() -> None:
    assert Page(1, 30, 10, "/data/job/1?a=b").around["next"] == "/data/job/1?a=b&page=2"
