"""Entities: their attributes are the terms of the ontology, and lead to what SPARQL finds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from jobgraph.api import Entity, KnowledgeGraph
from jobgraph.api.names import to_plural
from jobgraph.errors import UsageError

WREN = "Wren the Curious Liaison"
OWN = {"iri", "class_name", "source_row", "name"}


@pytest.fixture
def wren(kg: KnowledgeGraph) -> Entity:
    found: Entity = kg.persona(WREN)
    return found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        pytest.param("plays_role", "?start jg:playsRole ?end", id="a link"),
        pytest.param("role", "?start jg:playsRole ?end", id="a class"),
        pytest.param("role.jobs", "?start jg:playsRole/jg:performsJob ?end", id="classes in a row"),
        pytest.param("does_job", "?start jg:doesJob ?end", id="an inferred link"),
        pytest.param("role.inverse_plays_role", "?start jg:playsRole/^jg:playsRole ?end", id="an inverse link"),
        pytest.param("role.personas", "?start jg:playsRole/^jg:playsRole ?end", id="a class against the link"),
    ],
)
def test_path_leads_where_sparql_leads(kg: KnowledgeGraph, wren: Entity, path: str, query: str) -> None:
    reached: Any = wren
    for step in path.split("."):
        reached = getattr(reached, step)
    found = reached if isinstance(reached, list) else [reached]
    expected = kg.query(f"SELECT DISTINCT ?start ?end {{ {query} }}", start=wren)["end"].to_list()
    assert sorted(entity.iri for entity in found) == sorted(expected) != []


def test_values_have_their_types(kg: KnowledgeGraph) -> None:
    outcome = kg.job("PHARMA_MA_EVD_001").outcomes[0]
    assert [type(v) for v in (outcome.importance_score, outcome.label, outcome.created)] == [Decimal, str, datetime]


def test_code_is_its_notation(kg: KnowledgeGraph) -> None:
    assert kg.job("PHARMA_MA_EVD_001").has_functional_area == "medical_affairs"


def test_lists_are_sorted_by_name(kg: KnowledgeGraph) -> None:
    names = [persona.name.casefold() for persona in kg.personas]
    assert names == sorted(names)
    assert len(names) == kg.counts["personas"]


def test_value_that_is_not_stated_is_none_or_empty(kg: KnowledgeGraph) -> None:
    bare = [role for role in kg.roles if not role.personas]
    assert bare
    assert (bare[0].persona, bare[0].inverse_plays_role if "inverse_plays_role" in dir(bare[0]) else []) == (None, [])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("playes_role", r"has no playes_role; did you mean plays_role"),
        ("outcomes", r"has no outcomes; "),
        ("job", r"has 6 of job; write .jobs"),
    ],
)
def test_wrong_attribute_has_advice(wren: Entity, name: str, sentence: str) -> None:
    with pytest.raises(AttributeError, match=sentence):
        getattr(wren, name)


def test_every_name_that_is_completed_can_be_read(wren: Entity) -> None:
    names = [name for name in dir(wren) if not name.startswith("_")]
    several = {name for name in names if not hasattr(wren, name)}
    assert {to_plural(name) for name in several} <= set(names)
    assert {"plays_role", "role", "roles", "iri"} <= set(names)


def test_entity_is_shown_with_what_it_states(wren: Entity) -> None:
    html = wren._repr_html_()
    assert (repr(wren), "Medical Science Liaison" in html, "<script" in html) == (f"<Persona {WREN!r}>", True, False)


def test_row_of_an_entity_is_named(wren: Entity) -> None:
    assert wren.source_row.split()[0] == "personas"
    assert wren.source_row.split()[1] in wren.iri


def test_equal_entities_are_one(kg: KnowledgeGraph, wren: Entity) -> None:
    assert {wren, kg.entity(wren.iri), kg.entity(WREN)} == {wren}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Wren the Curious Liason", r"There is no entity .* did you mean Wren the Curious Liaison"),
        ("https://jobgraph.example/id/job/none", r"is no entity of northwind-bio"),
        ("https://bad iri", r"is no IRI"),
        ("OUT-001", r"fits \d+ entities; give the IRI of one"),
    ],
)
def test_unknown_entity_is_refused_with_advice(kg: KnowledgeGraph, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        kg.entity(name)


def test_names_of_terms_do_not_collide(kg: KnowledgeGraph) -> None:
    names = kg._reader.names
    methods = {name for name in vars(KnowledgeGraph) if not name.startswith("_")}
    assert not set(names.singular) & set(names.plural)
    assert not methods & {*names.singular, *names.plural}
    assert not OWN & {name for properties in names.properties.values() for name in properties}
    assert len(names.plural) == len(names.singular)
