"""Every analysis answers on the sample and on an empty tenant, with evidence that leads to rows of the source."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from jobgraph.analysis import ANALYSES, EVIDENCE, Choices, Source, analyze, open_source
from jobgraph.errors import UsageError
from jobgraph.resources import resource_path
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

NEEDED = {
    "waits-for": Choices(entity="PHARMA_MA_PUB_001"),
    "unlocks": Choices(entity="PHARMA_RD_TPP_001"),
    "what-if": Choices(levels={"Data Product Governance": "expert"}),
}
# The sample's jobs have no cycle, and all rows that lead to nothing were left out.
EMPTY_ON_SAMPLE = {"cycles"}

each_analysis = pytest.mark.parametrize("name", ANALYSES)


@pytest.fixture(scope="module")
def empty(sample_home: Path) -> Iterator[Source]:
    generation = Home(sample_home).tenant("empty").current()
    assert generation is not None
    with generation.open() as store:
        yield open_source(store, generation.names)


@cache
def keys_of(table: str) -> frozenset[str]:
    with resource_path("data", "sample", f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(row["id"] for row in csv.DictReader(lines))


@each_analysis
def test_every_row_leads_to_rows_of_the_source(sample: Source, shipped_vocabulary: Vocabulary, name: str) -> None:
    answer = analyze(sample, name, NEEDED.get(name, Choices())).head(25)
    assert answer.table.is_empty() == (name in EMPTY_ON_SAMPLE)
    for index in range(answer.table.height):
        rows = answer.source_rows(index, base=sample.views.names.base, vocabulary=shipped_vocabulary)
        assert len(rows) == len(set(answer.table[EVIDENCE][index]))
        assert all(row.key in keys_of(row.table) for row in rows)


@each_analysis
def test_only_what_is_cut_heeds_the_limit(sample: Source, name: str) -> None:
    choices = NEEDED.get(name, Choices())
    whole, cut = (ANALYSES[name].answer(sample, replace(choices, limit=limit)).table for limit in (1_000, 1))
    assert whole.equals(cut) or ANALYSES[name].is_cut


@each_analysis
def test_numbers_that_are_no_counts_have_units(sample: Source, name: str) -> None:
    answer = analyze(sample, name, NEEDED.get(name, Choices()))
    assert answer.table.columns[-1] == EVIDENCE
    measured = [column for column, kind in answer.shown.schema.items() if kind.is_decimal() or kind.is_float()]
    assert set(measured) <= set(answer.units)


@each_analysis
def test_empty_tenant_has_an_empty_answer_or_a_sentence(empty: Source, name: str) -> None:
    if name in NEEDED:
        with pytest.raises(UsageError, match="there are none of this kind"):
            analyze(empty, name, NEEDED[name])
        return
    answer = analyze(empty, name, Choices())
    counts = {"progress": 7, "distribution": 3}
    assert answer.table.height == counts.get(name, 0)


@pytest.mark.parametrize(
    ("name", "choices", "words"),
    [
        pytest.param("gap", Choices(), "did you mean gaps", id="unknown_analysis"),
        pytest.param("zzz", Choices(), "leave the name out to list them all", id="nothing_near"),
        pytest.param("gaps", Choices(by="role"), "gaps does not take --by; it takes --set", id="choice_not_taken"),
        pytest.param("over-served", Choices(scheme="ulwick"), "it takes none", id="no_choices"),
        pytest.param("order", Choices(limit=0), "below 1", id="limit"),
        pytest.param("order", Choices(of="people"), "choose one of jobs, activities, steps", id="graph"),
        pytest.param("order", Choices(job="PHARMA_MA_PUB_001"), "name --of activities", id="job_of_jobs"),
        pytest.param("waits-for", Choices(), "Which job?", id="no_entity"),
        pytest.param("waits-for", Choices(entity="PHARMA_MA_PUB_01"), "did you mean PHARMA_MA_PUB_001", id="entity"),
        pytest.param("ranking", Choices(by="team"), "cannot be grouped by 'team'", id="group"),
        pytest.param("tiers", Choices(against="ulwik"), "did you mean ulwick", id="scheme"),
        pytest.param("what-if", Choices(), "Name it with --set", id="no_level"),
        pytest.param("influence", Choices(entity="Wren"), "did you mean", id="persona"),
    ],
)
def test_bad_choice_is_a_sentence(sample: Source, name: str, choices: Choices, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        analyze(sample, name, choices)
    assert words in str(caught.value)


def test_workflow_steps_have_a_cycle_with_a_cut(sample: Source) -> None:
    answer = analyze(sample, "cycles", Choices(of="steps"))
    assert (answer.table["members"].to_list(), answer.notes) == (
        [2],
        ("No cycle is left after 1 cut, and after no fewer.",),
    )


def test_activities_of_one_job_are_ordered_alone(sample: Source) -> None:
    answer = analyze(sample, "order", Choices(of="activities", job="PHARMA_MA_PUB_001"))
    jobs = sample.views["activities"].join(sample.views["jobs"], left_on="job", right_on="iri")
    expected = jobs.filter(jobs["code"] == "PHARMA_MA_PUB_001")["name"]
    assert sorted(answer.table["name"]) == sorted(expected)


def test_limit_is_said(sample: Source) -> None:
    answer = analyze(sample, "gaps", Choices(limit=3))
    assert (answer.table.height, answer.notes[-1]) == (3, "These are the first 3 of 40 rows.")
