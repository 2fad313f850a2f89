from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.server.html.reading import is_safe, read_page

from jobgraph.exports.markup import Markup, join, said, tag

# What HTML can hold: no control characters but tab and line feed; a carriage return becomes a line feed.
texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n")
)
hostile = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onfocus=alert(1) autofocus='",
        "</title><svg/onload=x>",
    ]
)


@given(texts | hostile)
def test_text_is_read_as_it_was_written(text: str) -> None:
    page = read_page(tag("p", said(text)))
    assert page.text == text
    assert [name for name, _ in page.elements] == ["p", "bdi"]


@given(texts | hostile)
def test_attribute_is_read_as_it_was_written(text: str) -> None:
    assert read_page(tag("p", title=text)).elements == [("p", {"title": text})]


@given(st.text(), st.text())
def test_nothing_from_a_text_becomes_markup(text: str, other: str) -> None:
    page = read_page(join(text, tag("a", other, title=text, href="/"), other))
    assert is_safe(page)
    assert len(page.elements) == 1


def test_control_characters_are_shown_as_unknown() -> None:
    assert tag("p", "a\x00b\x1bc") == "<p>a\ufffdb\ufffdc</p>"


def test_markup_is_escaped_once() -> None:
    assert tag("p", Markup("<b>&amp;</b>"), " & ", None, [1, ["x"]]) == "<p><b>&amp;</b> &amp; 1x</p>"
