"""Short names of IRIs, and back."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.cli.terms import to_cell, to_iri, to_short
from jobgraph.vocabulary import JG


@pytest.mark.parametrize("name", ["jg:Job", "rdfs:label", "skos:notation"])
def test_short_name_comes_back(name: str) -> None:
    assert to_short(to_iri(name)) == name


@pytest.mark.parametrize("iri", ["https://example.org/x", f"{JG}code/job-status/active", "urn:x:y"])
def test_other_iris_stay(iri: str) -> None:
    assert (to_short(iri), to_iri(iri)) == (iri, iri)


@pytest.mark.parametrize(
    ("term", "cell"),
    [
        pytest.param(Literal("7.5"), "7.5", id="literal"),
        pytest.param(NamedNode(f"{JG}Job"), "jg:Job", id="iri"),
        pytest.param(BlankNode("b"), "_:b", id="blank"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_cell_is_what_people_read(term: Literal | NamedNode | BlankNode | None, cell: str) -> None:
    assert to_cell(term) == cell
