from __future__ import annotations

import json

from jobgraph.exports.json_ld_context import LINK, context_document, context_terms
from jobgraph.vocabulary import JG, RDFS, XSD, Vocabulary


def test_every_column_has_a_term(shipped_vocabulary: Vocabulary) -> None:
    iris = {term["@id"] for term in context_terms(shipped_vocabulary).values()}
    assert {column.path for table in shipped_vocabulary.tables.values() for column in table.columns} <= iris


def test_terms_have_the_types_of_their_values(shipped_vocabulary: Vocabulary) -> None:
    terms = context_terms(shipped_vocabulary)
    found = {name: terms[name].get("@type", "") for name in ("dependsOn", "importanceScore", "Job", "label", "demand")}
    decimal = XSD + "decimal"
    assert found == {"dependsOn": LINK, "importanceScore": decimal, "Job": "", "label": "", "demand": decimal}


def test_name_that_two_terms_have_is_that_of_the_usual_one(shipped_vocabulary: Vocabulary) -> None:
    terms = context_terms(shipped_vocabulary)
    assert (terms["label"]["@id"], terms["jg:label"]["@id"]) == (RDFS + "label", JG + "label")


def test_no_two_names_say_the_same(shipped_vocabulary: Vocabulary) -> None:
    iris = [term["@id"] for term in context_terms(shipped_vocabulary).values()]
    assert len(iris) == len(set(iris))


def test_document_is_a_context(shipped_vocabulary: Vocabulary) -> None:
    context = json.loads(context_document(shipped_vocabulary))["@context"]
    assert (context["@version"], context["jg"]["@id"]) == (1.1, JG)
