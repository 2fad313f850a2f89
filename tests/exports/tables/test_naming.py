from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.exports.tables.kinds import IRI, TEXT, Kind
from jobgraph.exports.tables.naming import class_names, column_names, to_camel_case
from jobgraph.vocabulary import JG, RDFS, XSD

KINDS = st.sampled_from([IRI, TEXT, Kind(XSD + "date"), Kind(XSD + "date", is_misfit=True), Kind("urn:l", "en-GB")])
NAMES = st.sampled_from(["id", "iri", "label", "Label", "la_bel", "label_2", "9", "é", "classes", "x" * 300, ""])
TERMS = st.builds(
    lambda start, name: start + name, st.sampled_from([JG, RDFS, "urn:a:", "urn:b:", "https://x/y#"]), NAMES
)


@given(st.sets(st.tuples(TERMS, KINDS)))
def test_names_of_columns_differ_in_any_case_and_suit_any_format(facts: set[tuple[str, Kind]]) -> None:
    names = column_names(facts)
    assert names.keys() == facts
    assert len({to_camel_case(name).lower() for name in names.values()}) == len(facts)
    assert all(re.fullmatch("[a-z][a-z0-9_]{0,99}", name) for name in names.values())


@given(st.sets(TERMS))
def test_names_of_classes_differ(iris: set[str]) -> None:
    names = class_names(iris)
    assert names.keys() == iris
    assert len({to_camel_case(name).lower() for name in names.values()}) == len(iris)


@pytest.mark.parametrize(
    ("iris", "names"),
    [
        pytest.param([RDFS + "label", JG + "label"], ["rdfs_label", "label"], id="ours_first"),
        pytest.param(["urn:a:label", "urn:b:label"], ["label", "other_label"], id="without_prefix"),
        pytest.param([JG + "id"], ["jg_id"], id="taken"),
    ],
)
def test_name_that_is_taken_has_a_prefix(iris: list[str], names: list[str]) -> None:
    found = column_names((iri, TEXT) for iri in iris)
    assert [found[iri, TEXT] for iri in iris] == names


def test_order_of_terms_does_not_matter() -> None:
    facts = [(JG + "label", TEXT), (RDFS + "label", TEXT), ("urn:label", IRI), (JG + "label", IRI)]
    assert column_names(facts) == column_names(reversed(facts))
