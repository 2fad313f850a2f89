from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.exports.profiles import BASE, NAMES, generation, store_of, to_profile

from jobgraph.exports import ClassRule, check_gate, read_profile
from jobgraph.store import Home
from jobgraph.vocabulary import JG, RDF, XSD, Vocabulary

TODAY = date(2026, 11, 22)
OUTCOME = JG + "Outcome"
PROFILE = to_profile([ClassRule(OUTCOME, {RDF + "type": None})])
DECIMAL = NamedNode(XSD + "decimal")


def outcome(name: str, *facts: tuple[str, str]) -> list[Quad]:
    node, graph = NamedNode(f"{BASE}outcome/{name}"), NamedNode(NAMES.asserted)
    said = [
        Quad(node, NamedNode(JG + path), Literal(text, datatype=DECIMAL) if text[0].isdigit() else Literal(text), graph)
        for path, text in facts
    ]
    return [Quad(node, NamedNode(RDF + "type"), NamedNode(OUTCOME), graph), *said]


@pytest.mark.parametrize(
    ("first", "last", "word"),
    [
        pytest.param(None, None, "", id="no_dates"),
        pytest.param(TODAY, TODAY, "", id="today_only"),
        pytest.param(date(2026, 11, 23), None, "holds from 2026-11-23", id="not_yet"),
        pytest.param(None, date(2026, 11, 21), "held until 2026-11-21", id="expired"),
    ],
)
def test_policy_must_hold_today(first: date | None, last: date | None, word: str) -> None:
    profile = replace(PROFILE, policy=replace(PROFILE.policy, valid_from=first, valid_until=last))
    reasons = check_gate(generation(), profile, store=store_of([]), now=TODAY)
    assert len(reasons) == bool(word)
    assert word in "".join(reasons)


@pytest.mark.parametrize(
    ("limit", "severities", "word"),
    [
        pytest.param(None, {"violation": 9}, "", id="no_limit"),
        pytest.param(3, {"violation": 3, "warning": 9}, "", id="at_the_limit"),
        pytest.param(3, {"violation": 4}, "4 violations, and the profile lets 3 pass", id="above"),
        pytest.param(0, None, "never validated", id="not_validated"),
    ],
)
def test_violations_stay_within_the_limit(limit: int | None, severities: object, word: str) -> None:
    made = generation(**({} if severities is None else {"severities": severities}))
    reasons = check_gate(made, replace(PROFILE, max_violations=limit), store=store_of([]), now=TODAY)
    assert len(reasons) == bool(word)
    assert word in "".join(reasons)


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        pytest.param([], "", id="no_score"),
        pytest.param([("importanceScore", "9.1"), ("evidenceSource", "Survey, n=41")], "", id="evidenced"),
        pytest.param([("importanceScore", "9.1")], "what they rest on of 1 things", id="unevidenced"),
        pytest.param([("opportunityScore", "9.1")], "what they rest on of 1 things", id="stored_score"),
        pytest.param([("importanceScore", "9.1"), ("evidenceSource", "Synthetic data")], "made up", id="synthetic"),
        pytest.param([("importanceScore", "9.1"), ("evidenceSource", "Team's assumption")], "made up", id="assumed"),
    ],
)
def test_scores_need_evidence_where_the_profile_wants_it(
    facts: list[tuple[str, str]], word: str, shipped_vocabulary: Vocabulary
) -> None:
    store = store_of(outcome("o1", *facts))
    options = {"store": store, "now": TODAY, "vocabulary": shipped_vocabulary}
    reasons = check_gate(generation(), replace(PROFILE, wants_evidence=True), **options)  # type: ignore[arg-type]
    assert len(reasons) == bool(word)
    assert word in "".join(reasons)
    assert check_gate(generation(), PROFILE, **options) == []  # type: ignore[arg-type]


def test_scores_that_stay_need_no_evidence(shipped_vocabulary: Vocabulary) -> None:
    store = store_of(outcome("o1", ("importanceScore", "9.1")))
    profile = replace(to_profile([ClassRule(JG + "Job", {RDF + "type": None})]), wants_evidence=True)
    assert check_gate(generation(), profile, store=store, now=TODAY, vocabulary=shipped_vocabulary) == []


def test_sample_passes_the_shipped_profiles(sample_home: Path, shipped_vocabulary: Vocabulary) -> None:
    current = Home(sample_home).tenant("northwind-bio").current()
    assert current
    with current.open() as store:
        for name in ("open", "partner", "full"):
            profile = read_profile(name, vocabulary=shipped_vocabulary)
            assert check_gate(current, profile, store=store, now=TODAY, vocabulary=shipped_vocabulary) == []
