from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.validation.our_shapes import our_shapes
from jobgraph.vocabulary import JG, RDF, SH, Vocabulary

CONSTRAINTS = {"class", "datatype", "maxCount", "minCount", "node", "pattern", "minInclusive", "maxInclusive"}


@pytest.fixture(scope="module")
def whole(shipped_vocabulary: Vocabulary) -> list[Triple]:
    return list(our_shapes(shipped_vocabulary))


@pytest.fixture(scope="module")
def left(shipped_vocabulary: Vocabulary) -> list[Triple]:
    return list(our_shapes(shipped_vocabulary, after_the_door=True))


def subjects(triples: list[Triple], property_: str) -> set[object]:
    return {triple.subject for triple in triples if triple.predicate == NamedNode(property_)}


def test_every_property_shape_of_a_node_shape_has_a_name_of_its_own(whole: list[Triple]) -> None:
    properties = [t for t in whole if t.predicate == NamedNode(SH + "property") and isinstance(t.subject, NamedNode)]
    assert {type(triple.object) for triple in properties} == {NamedNode}
    assert max(Counter(triple.object for triple in properties).values()) == 1


def test_names_are_those_that_the_door_gives(whole: list[Triple], shipped_vocabulary: Vocabulary) -> None:
    described = {triple.subject for triple in whole}
    names = [column.shape for table in shipped_vocabulary.tables.values() for column in table.columns]
    assert len(names) > 1800
    assert {NamedNode(name) for name in names} <= described


def test_every_unique_key_is_a_query(whole: list[Triple], shipped_vocabulary: Vocabulary) -> None:
    keys = {NamedNode(key.iri) for table in shipped_vocabulary.tables.values() for key in table.unique_keys}
    assert len(keys) > 60
    assert keys <= subjects(whole, SH + "select") & subjects(whole, SH + "message")
    assert keys == {t.object for t in whole if t.predicate == NamedNode(SH + "sparql")} & keys


def test_inverse_columns_are_turned_in_the_query_of_a_key(whole: list[Triple]) -> None:
    key = NamedNode(f"{JG}OutcomeShape-unique-jtbd_id-outcome_id")
    (text,) = (t.object for t in whole if (t.subject, t.predicate) == (key, NamedNode(SH + "select")))
    assert isinstance(text, Literal)
    assert f"?key0 <{JG}hasOutcome> $this ." in text.value
    assert f"?other a <{JG}Outcome> ." in text.value


def test_link_to_a_tenant_need_not_lead_to_its_row(whole: list[Triple]) -> None:
    tenant = NamedNode(f"{JG}Tenant")
    assert [triple for triple in whole if triple.object == tenant and triple.predicate.value == SH + "class"] == []
    relaxed = Triple(NamedNode(f"{JG}OutcomeShape-tenant_id"), NamedNode(SH + "nodeKind"), NamedNode(SH + "IRI"))
    assert relaxed in whole


def test_nothing_is_left_that_the_door_decides(left: list[Triple], shipped_vocabulary: Vocabulary) -> None:
    columns = {NamedNode(column.shape) for table in shipped_vocabulary.tables.values() for column in table.columns}
    assert [t for t in left if t.subject in columns and t.predicate.value.removeprefix(SH) in CONSTRAINTS] == []


def test_what_the_door_does_not_decide_is_left(whole: list[Triple], left: list[Triple]) -> None:
    queries = [{t.object for t in some if t.predicate == NamedNode(SH + "select")} for some in (whole, left)]
    gone = [text.value for text in queries[0] - queries[1] if isinstance(text, Literal)]
    assert [text for text in gone if "?key0" not in text and "belongsToTenant" not in text] == []
    targets = {triple.subject for triple in left if triple.predicate == NamedNode(RDF + "type")}
    assert NamedNode(f"{JG}JobOutcomesShape") in targets
    assert NamedNode(f"{JG}ForeignLinkShape") not in targets


def test_shapes_of_links_are_there(whole: list[Triple]) -> None:
    shapes = {triple.subject for triple in whole}
    assert {NamedNode(JG + name) for name in ("ForeignLinkShape", "TornLinksShape")} <= shapes
