from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.server.html.reading import read_page
from tests.server.views.hostile import Unwritten

from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.search import find, search_answer
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import GraphNames
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS

NAMES = GraphNames("https://jobgraph.example/id/", "acme")


def tenant_of(*names: str, codes: tuple[str, ...] = ()) -> Tenant:
    store = Store()
    for predicate, texts in ((RDFS + "label", names), (SKOS + "notation", codes)):
        for number, text in enumerate(texts):
            thing = NamedNode(f"{NAMES.base}job/{number}")
            store.add(Quad(thing, NamedNode(predicate), Literal(text), NamedNode(NAMES.asserted)))
    return Tenant(store, Unwritten("acme", Path("000001")), NAMES)


def found(tenant: Tenant, text: str) -> list[str]:
    return [hit.name for hit in find(Things(tenant), text)[0]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("plan", ["Plan", "Planning", "A plan", "Explanation"], id="closest_first"),
        pytest.param("PLAN", ["Plan", "Planning", "A plan", "Explanation"], id="whatever_the_case"),
        pytest.param("tion ex", ["Explanation"], id="all_words"),
        pytest.param("nothing", [], id="none"),
        pytest.param("  ", [], id="blank"),
        pytest.param('") ?x { DROP ALL', [], id="no_part_of_a_query"),
    ],
)
def test_names_that_fit_are_found(text: str, names: list[str]) -> None:
    assert found(tenant_of("Planning", "Explanation", "A plan", "Plan"), text) == names


def test_thing_is_found_by_its_code_too() -> None:
    assert found(tenant_of("Publish", codes=("PHARMA_MA_PUB_001",)), "ma_pub") == ["PHARMA_MA_PUB_001"]


def test_thing_is_found_once() -> None:
    assert len(found(tenant_of("Code red", codes=("CODE",)), "code")) == 1


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return tenant_of("Alpha beta", "alphabet", "Ünïcode ß", 'quo"te', "back\\slash", "a")


@given(text=st.text(st.sampled_from('aAblphet "\\\nßüÜ?{}$'), max_size=6))
def test_search_finds_what_plain_python_finds(tenant: Tenant, text: str) -> None:
    everything = [q.object.value for q in tenant.store if isinstance(q.object, Literal)]
    words = text.lower().split()
    expected = [name for name in everything if words and all(word in name.lower() for word in words)]
    assert sorted(found(tenant, text)) == sorted(expected)


def test_json_tells_things_of_one_name_apart() -> None:
    tenant = tenant_of("Plan", "Plan", codes=("P-1", "P-2"))
    answer = json.loads(b"".join(search_answer(tenant, {"text": "plan"}, "application/json")))
    assert [result["code"] for result in answer["results"]] == ["P-1", "P-2"]
    assert answer["results"][0] == {
        "iri": f"{NAMES.base}job/0",
        "name": "Plan",
        "label": "Plan",
        "code": "P-1",
        "class": None,
        "kind": None,
        "page": "/page/job/0",
    }


@pytest.mark.parametrize(
    ("text", "class_", "names"),
    [
        pytest.param("plan", "Job", ["Plan B"], id="of_the_class"),
        pytest.param("", "Job", ["Other", "Plan B"], id="all_by_name"),
        pytest.param("plan", "Persona", [], id="of_another"),
        pytest.param("", "no class", [], id="of_none"),
    ],
)
def test_search_keeps_to_a_class(text: str, class_: str, names: list[str]) -> None:
    tenant = tenant_of("Plan A", "Plan B", "Other")
    for number in (1, 2):
        thing = NamedNode(f"{NAMES.base}job/{number}")
        tenant.store.add(Quad(thing, NamedNode(RDF + "type"), NamedNode(JG + "Job"), NamedNode(NAMES.asserted)))
    answer = json.loads(b"".join(search_answer(tenant, {"text": text, "class": class_}, "application/json")))
    assert [result["name"] for result in answer["results"]] == names


def test_page_tells_things_of_one_name_apart() -> None:
    tenant = tenant_of("Plan", "Plan", codes=("P-1", "P-2"))
    page = read_page(b"".join(search_answer(tenant, {"text": "plan"}, "text/html")))
    assert len([place for place in page.addresses if place.startswith("/page/job/")]) == 2
    assert "2 found for “plan”." in page.text
    assert {"P-1", "P-2"} <= set(page.texts["bdi"])
