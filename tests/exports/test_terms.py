from __future__ import annotations

import pytest

from jobgraph.exports.terms import Terms
from jobgraph.vocabulary import JG, RDFS, Vocabulary


@pytest.fixture(scope="module")
def terms(shipped_vocabulary: Vocabulary) -> Terms:
    return Terms(shipped_vocabulary)


@pytest.mark.parametrize(
    ("class_name", "path", "is_known"),
    [
        pytest.param("Job", RDFS + "label", True, id="column"),
        pytest.param("Job", JG + "hasOutcome", True, id="column_of_another_table"),
        pytest.param("BusinessFunction", JG + "operatesInCountry", True, id="plain_junction"),
        pytest.param("Job", JG + "dependsOn", True, id="inferred"),
        pytest.param("PersonaJob", JG + "isPrimary", True, id="without_domain"),
        pytest.param("Job", JG + "importanceScore", False, id="of_another_class"),
        pytest.param("Job", JG + "column", False, id="annotation"),
    ],
)
def test_class_has_the_properties_that_its_things_can_state(
    class_name: str, path: str, *, is_known: bool, terms: Terms
) -> None:
    assert (path in terms.properties_of(JG + class_name)) is is_known


def test_every_column_belongs_to_a_class(terms: Terms, shipped_vocabulary: Vocabulary) -> None:
    for table in shipped_vocabulary.tables.values():
        own = table.class_iri or (table.subject.target if table.subject else "")
        for column in table.columns:
            assert column.path in terms.properties_of(column.target if column.inverse else own)


def test_people_are_those_with_personal_data(terms: Terms) -> None:
    assert terms.people == {JG + "User", JG + "UserProfile"}
    assert JG + "email" in terms.personal_of(JG + "User")
    assert terms.personal_of(JG + "Job") == frozenset()
