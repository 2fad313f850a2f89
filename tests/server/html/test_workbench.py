from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.html.reading import is_safe, read_page
from tests.server.views.hostile import HOSTILE

from jobgraph.exports.markup import Markup, tag
from jobgraph.server.html.layout import Frame, page
from jobgraph.server.html.workbench import (
    Choice,
    Column,
    choice_form,
    data_table,
    empty_state,
    number,
    share,
    workbench_page,
)

FRAME = Frame("acme", "000007", source="data/acme", built="2026-11-23 10:00:00")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(HOSTILE)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


@given(VALUES.filter(lambda value: value is not None))
def test_script_reads_the_data_that_the_page_was_given(data: Any) -> None:
    body = workbench_page("Page", frame=FRAME, here="/", script="overview", data=data).decode()
    _, _, rest = body.partition('<script type="application/json" id="data">')
    text, _, after = rest.partition("</script>")
    assert json.loads(text) == json.loads(json.dumps(data))
    assert after.startswith("</main>")


@pytest.mark.parametrize("text", HOSTILE)
def test_pieces_hold_any_text(text: str) -> None:
    content = (
        data_table([text, Column(text, unit=text, is_number=True)], [[text, number(1, text)]], text),
        empty_state(text, text),
        choice_form("/gaps", [Choice("by", text, [(text, text)], text)], kept={"kept": text}),
    )
    found = read_page(workbench_page(text, *content, frame=Frame(text, "1", text, text, asked=text), here="/"))
    assert is_safe(found)
    assert len(found.all("option")) == 1


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (number(1234), "1,234"),
        (number(Decimal("7.50"), "of 20"), "7.5 of 20"),
        (number(0.1 + 0.2), "0.3"),
        (number(1200.0), "1,200"),
        (number(None, "%"), "\N{EN DASH}"),
        (share(1, 3), "33.3 %"),
        (share(0, 0), "\N{EN DASH}"),
    ],
)
def test_numbers_have_no_more_places_than_they_need(shown: Markup, text: str) -> None:
    assert read_page(shown).text == text


def test_table_names_its_rows_and_columns() -> None:
    table = data_table(
        ["Job", Column("Score", "of 20", is_number=True)], [["Plan", number(7)], ["Do", number(9)]], "All"
    )
    found = read_page(table)
    assert found.tables == {"All": [["Job", "Score of 20"], ["Plan", "7"], ["Do", "9"]]}
    assert [each["scope"] for each in found.all("th")] == ["col", "col", "row", "row"]


def test_form_keeps_what_is_chosen() -> None:
    found = read_page(choice_form("/gaps", [Choice("by", "By", [("a", "A"), ("b", "B")], "b")], kept={"page": "2"}))
    assert [each["value"] for each in found.all("option") if "selected" in each] == ["b"]
    assert found.all("input") == [{"type": "hidden", "name": "page", "value": "2"}]
    assert found.all("form")[0]["method"] == "get"


@given(st.from_regex(r"(/[a-z0-9-]{1,8}){1,3}", fullmatch=True), TEXTS)
def test_all_addresses_of_the_server_begin_with_its_root(root: str, text: str) -> None:
    content = (
        tag("a", f' href="/{text}', href="/gaps?a=/b", title=f' href="/{text}'),
        tag("a", "elsewhere", href="https://example.org/x"),
        tag("a", "elsewhere, too", href="//example.org/x"),
        tag("a", "here", href="#part"),
    )
    plain = read_page(page("Title", *content, frame=FRAME))
    moved = read_page(page("Title", *content, frame=Frame(**{**vars(FRAME), "root": root})))
    own = [address.startswith("/") and not address.startswith("//") for address in plain.addresses]
    assert moved.addresses == [root * is_own + a for a, is_own in zip(plain.addresses, own, strict=True)]
    assert moved.text == plain.text
    assert moved.all("html")[0]["data-root"] == root


def test_foot_says_of_what_the_page_is() -> None:
    foot = "Generation 000007 of acme, built from data/acme at 2026-11-23 10:00:00 UTC."
    assert foot in read_page(page("Title", frame=FRAME)).text
