"""Entities are found by IRI, code and name; what does not fit is a sentence."""

from __future__ import annotations

import polars as pl
import pytest

from jobgraph.analysis.entities import find_entity
from jobgraph.errors import UsageError

JOBS = pl.DataFrame(
    {
        "iri": ["https://e.org/1", "https://e.org/2", "https://e.org/3"],
        "code": ["PUB_001", "PUB_002", None],
        "name": ["Publish results", "Plan", "plan"],
    }
)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        pytest.param("https://e.org/2", "2", id="iri"),
        pytest.param("PUB_001", "1", id="code"),
        pytest.param("pub_001", "1", id="code_in_other_case"),
        pytest.param("publish RESULTS", "1", id="name_in_other_case"),
        pytest.param("plan", "3", id="exact_name_first"),
    ],
)
def test_entity_is_found(named: str, found: str) -> None:
    assert find_entity(JOBS, named, kind="job") == f"https://e.org/{found}"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        pytest.param("PUB_003", "There is no job 'PUB_003'; did you mean PUB_00", id="near_code"),
        pytest.param("results", "did you mean Publish results", id="part_of_a_name"),
        pytest.param("zzz", "name one by IRI, code or name, such as PUB_001", id="nothing_near"),
        pytest.param("PLAN", "2 of kind job are called 'PLAN'; name one by its IRI: https://e.org/2, ", id="several"),
    ],
)
def test_what_does_not_fit_is_a_sentence(named: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_entity(JOBS, named, kind="job")
    assert words in str(caught.value)


def test_empty_tenant_has_none() -> None:
    with pytest.raises(UsageError, match="there are none of this kind"):
        find_entity(JOBS.clear(), "PUB_001", kind="job")
