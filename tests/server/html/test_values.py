from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode
from tests.server.html.reading import is_safe, read_page

from jobgraph.server.html.values import literal
from jobgraph.vocabulary import RDF, XSD


def typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(datatype))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(Literal("plain"), "plain", id="text"),
        pytest.param(typed("2025-05-22T09:30:00Z", XSD + "dateTime"), "2025-05-22 09:30:00", id="moment"),
        pytest.param(typed("true", XSD + "boolean"), "yes", id="yes"),
        pytest.param(typed("7.10", XSD + "decimal"), "7.10", id="number_keeps_its_digits"),
        pytest.param(typed('{"a":"ü"}', RDF + "JSON"), 'JSON{\n "a": "ü"\n}', id="json"),
        pytest.param(typed("{broken", RDF + "JSON"), "JSON{broken", id="broken_json"),
        pytest.param(typed("[" * 5000, RDF + "JSON"), "JSON" + "[" * 5000, id="deep_json"),
    ],
)
def test_value_is_shown_as_people_read_it(value: Literal, text: str) -> None:
    assert read_page(literal(value)).text == text


@pytest.mark.parametrize("text", ["javascript:alert(1)", "https://a b", "data:text/html,x"])
def test_text_that_is_no_address_is_no_link(text: str) -> None:
    assert read_page(literal(Literal(text))).all("a") == []


@pytest.mark.parametrize("datatype", [XSD + "string", XSD + "dateTime", XSD + "boolean", RDF + "JSON", "urn:x"])
@pytest.mark.parametrize("text", ["<script>x</script>", '"><b onclick=x>', "https://x.example/\"onclick='x'"])
def test_nothing_in_a_value_runs(text: str, datatype: str) -> None:
    page = read_page(literal(typed(text, datatype)))
    assert is_safe(page)
    assert page.all("b") == []


def test_long_text_is_folded_away() -> None:
    page = read_page(literal(Literal("word " * 200)))
    assert [name for name, _ in page.elements][:2] == ["details", "summary"]
