"""The pages say all that the ontology and the shapes say, hang together, and need nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest
from pyoxigraph import Literal, NamedNode
from tests.exports.ontology_docs.conftest import Page, is_inert

from jobgraph.exports.ontology_docs.reference import CONCEPT, Reference, anchor
from jobgraph.vocabulary import SKOS, Vocabulary


def text_of(pages: Mapping[str, Page], reference: Reference, iri: str) -> str:
    """What is said where a term is described."""
    address = reference.address(iri)
    assert address
    page, _, place = address.partition("#")
    return pages[page].text_of[unquote(place)]


def test_every_link_leads_somewhere(pages: Mapping[str, Page]) -> None:
    places = {name: set(page.ids) for name, page in pages.items()}
    lost = []
    for name, page in pages.items():
        for address in page.addresses:
            target, _, place = address.partition("#")
            is_ours = not address.startswith(("https://", "http://", "data:")) and target != "style.css"
            if is_ours and (target not in {"", *places} or (place and unquote(place) not in places[target or name])):
                lost.append((name, address))
    assert lost == []


def test_each_place_of_a_page_has_a_name_of_its_own(pages: Mapping[str, Page]) -> None:
    assert [name for name, page in pages.items() if len(page.ids) != len(set(page.ids))] == []


def test_nothing_is_fetched_from_outside(docs: Path, pages: Mapping[str, Page]) -> None:
    assert [name for name, page in pages.items() if not is_inert(page)] == []
    style = docs.joinpath("style.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", style)


def test_every_term_is_described_with_its_definition(pages: Mapping[str, Page], reference: Reference) -> None:
    assert len(reference.terms) > 2000
    missing = [
        iri
        for iri in reference.terms
        if reference.name(iri) not in (said := text_of(pages, reference, iri)) or reference.definition(iri) not in said
    ]
    assert missing == []


def test_every_column_and_what_must_hold_is_said_of_its_class(
    pages: Mapping[str, Page], reference: Reference, shipped_vocabulary: Vocabulary
) -> None:
    missing = []
    for table in shipped_vocabulary.tables.values():
        owner = table.class_iri or (table.subject.target if table.subject else "")
        said = text_of(pages, reference, owner)
        expected = [table.name, *(c.name for c in table.columns), *(c.message for c in table.columns)]
        expected += [*table.waived.values(), *(key.message for key in table.unique_keys)]
        missing += [(owner, words) for words in expected if words not in said]
    assert missing == []


def test_rules_beyond_columns_are_said(pages: Mapping[str, Page], reference: Reference) -> None:
    said = text_of(pages, reference, "https://w3id.org/jobgraph/Job")
    for rule in ("The job depends on itself.", "The job has more than one primary role."):
        assert rule in said


def test_every_code_is_listed_with_its_notation_and_spellings(pages: Mapping[str, Page], reference: Reference) -> None:
    codes = [iri for iri, kind in reference.terms.items() if kind == CONCEPT]
    assert len(codes) > 800
    for iri in codes:
        node = NamedNode(iri)
        words = [*reference.graph.all(node, f"{SKOS}notation"), *reference.graph.all(node, f"{SKOS}hiddenLabel")]
        said = text_of(pages, reference, iri)
        assert all(word.value in said for word in words if isinstance(word, Literal)), iri


def test_names_are_listed_from_a_to_z(pages: Mapping[str, Page], reference: Reference) -> None:
    page = pages["a-z.html"]
    listed = {address for address in page.addresses if not address.startswith("#")}
    assert {reference.address(iri) for iri in reference.terms} <= listed
    assert [name for name in page.ids if name.startswith("_letter-")] == sorted(
        (name for name in page.ids if name.startswith("_letter-")), key=lambda name: (name != "_letter-other", name)
    )


@pytest.mark.parametrize("part", ["0.1.0", "https://w3id.org/jobgraph/", "814", "Jobs to be done and what surrounds"])
def test_overview_tells_what_there_is(pages: Mapping[str, Page], part: str) -> None:
    assert part in pages["index.html"].html


def test_place_of_a_term_is_its_name() -> None:
    assert anchor("https://w3id.org/jobgraph/code/activity-type") == "code/activity-type"
    assert anchor("http://purl.org/dc/terms/created") == "dcterms:created"
