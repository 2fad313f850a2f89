from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.server.views.hostile import BASE, HOSTILE, TERM, hostile_tenant

from jobgraph.server.views.answers import Linked
from jobgraph.server.views.catalog import VIEWS
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.vocabulary import JG

THING = {"iri": f"{BASE}job/1", "step": "job/1", "address": "/page/job/1", "context": "/context.jsonld"}
PAGES: list[tuple[str, Mapping[str, str]]] = [
    ("thing_page", THING),
    ("class_page", {"step": "job", "address": "/page/job/"}),
    ("incoming_page", {**THING, "property": f"{JG}hostileProperty"}),
    ("term_page", {"iri": TERM.value, "local": "HostileThing"}),
    ("ontology_page", {"iri": JG, "local": ""}),
]
SHOWING_IT = ["thing_page", "class_page", "term_page", "search_answer"]


def view(tenant: Tenant, name: str, arguments: Mapping[str, str], media_type: str = "text/html") -> bytes:
    made = VIEWS[name](tenant, arguments, media_type)
    parts: Iterable[bytes] = made.parts if isinstance(made, Linked) else made
    return b"".join(parts)


def read(tenant: Tenant, name: str, arguments: Mapping[str, str]) -> ReadPage:
    return read_page(view(tenant, name, arguments))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("name", "arguments"), [pytest.param(*page, id=page[0]) for page in PAGES])
def test_nothing_in_the_data_runs(name: str, arguments: Mapping[str, str], text: str) -> None:
    page = read(hostile_tenant(text), name, arguments)
    assert is_safe(page)
    assert len(page.all("main")) == len(page.all("title")) == len(page.all("body")) == 1
    assert page.all("img") == page.all("svg") == []


@given(st.text(min_size=1))
def test_no_text_adds_an_element(text: str) -> None:
    """All pages of a thing have the same elements, whatever it is called."""
    usual = [name for name, _ in read(hostile_tenant("usual"), "thing_page", THING).elements]
    shown = read(hostile_tenant(text[:50]), "thing_page", THING)
    assert is_safe(shown)
    assert sorted(name for name, _ in shown.elements) == sorted(usual) or text.startswith("http")


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "blob:x", "urn:x"])
def test_iri_that_is_no_address_is_no_link(iri: str) -> None:
    page = read(hostile_tenant("name", iri=iri), "thing_page", THING)
    assert not any(address.startswith(iri) for address in page.addresses)


def test_search_shows_a_hostile_name_as_text() -> None:
    page = read(hostile_tenant(HOSTILE[0]), "search_answer", {"text": "<script>"})
    assert is_safe(page)
    assert HOSTILE[0] in page.text


def test_page_of_a_thing_says_what_is_known() -> None:
    page = read(hostile_tenant("A job", code="J-1"), "thing_page", THING)
    for expected in ("A job", "J-1", "hostile property", "IRI", f"{BASE}job/1", "jobs_to_be_done", "Referred to by"):
        assert expected in page.text


def test_page_can_be_read_with_a_keyboard_and_a_screen_reader() -> None:
    page = read(hostile_tenant("A job"), "thing_page", THING)
    names = [name for name, _ in page.elements]
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("a")[0] == {"href": "#content", "class": "skip"}
    assert page.all("main")[0]["id"] == "content"
    assert {"header", "nav", "main", "footer"} <= set(names)
    assert names.count("h1") == 1
    assert {label["for"] for label in page.all("label")} == {each["id"] for each in page.all("input") if "id" in each}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("thing_page", {**THING, "iri": f"{BASE}job/none"}, id="unknown"),
        pytest.param("thing_page", {**THING, "iri": f"{BASE}job/a b"}, id="no_iri"),
        pytest.param("incoming_page", {**THING, "property": "no iri"}, id="no_property"),
        pytest.param("incoming_page", {**THING, "property": f"{JG}dependsOn"}, id="no_such_link"),
        pytest.param("class_page", {"step": "persona", "address": "/"}, id="class_without_things"),
        pytest.param("class_page", {"step": "job", "address": "/", "page": "2"}, id="page_behind_the_last"),
        pytest.param("term_page", {"iri": f"{JG}Nothing", "local": "Nothing"}, id="term"),
        pytest.param("reason_page", {**THING, "property": f"{JG}x", "value": "<a:b> . <c:d> <e:f> <g:h>"}, id="reason"),
    ],
)
def test_what_there_is_not_is_missing(name: str, arguments: Mapping[str, str]) -> None:
    with pytest.raises(AnswerError) as caught:
        view(hostile_tenant("A job"), name, arguments)
    assert (caught.value.reason, str(caught.value)) == (
        "missing",
        "There is nothing of this name, or it is not yours.",
    )


def test_class_of_which_there_is_nothing_says_so() -> None:
    page = read(hostile_tenant("A job"), "class_page", {"step": "hostile-thing", "address": "/page/hostile-thing/"})
    assert "There are none yet." in page.text
