"""What is chosen agrees with SQL on the sample; places hold every outcome once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given
from tests.analysis.test_opportunities import JOBS, PLAIN, SCORED, outcomes_of, scores

from jobgraph.analysis import Choices, Source, analyze
from jobgraph.analysis.landscape import places
from jobgraph.analysis.opportunities import landscape
from jobgraph.errors import UsageError

ROLE, PERSONA = "medical-science-liaison", "seasoned-liaison"
# How each choice narrows `outcomes o`, in the tables of the source.
NARROWED: Mapping[str, tuple[str, str]] = {
    "function": (
        "medical-affairs",
        "o.jtbd_id IN (SELECT id FROM jobs_to_be_done WHERE org_function_id = "
        "(SELECT id FROM org_functions WHERE slug = 'medical-affairs'))",
    ),
    "department": (
        "evidence-generation",
        "o.jtbd_id IN (SELECT jtbd_id FROM jtbd_roles l JOIN org_roles r ON r.id = l.role_id "
        "JOIN org_departments d ON d.id = r.department_id WHERE d.slug = 'evidence-generation')",
    ),
    "role": (
        ROLE,
        f"o.jtbd_id IN (SELECT jtbd_id FROM jtbd_roles l JOIN org_roles r ON r.id = l.role_id WHERE r.slug = '{ROLE}')",
    ),
    "persona": (
        PERSONA,
        "o.jtbd_id IN (SELECT jtbd_id FROM jtbd_roles l JOIN personas p ON p.role_id = l.role_id "
        f"WHERE p.slug = '{PERSONA}' UNION SELECT jtbd_id FROM jtbd_personas l JOIN personas p ON p.id = l.persona_id "
        f"WHERE p.slug = '{PERSONA}')",
    ),
    "job": (
        "PHARMA_MA_PUB_001",
        "o.jtbd_id IN (SELECT id FROM jobs_to_be_done WHERE code = 'PHARMA_MA_PUB_001')",
    ),
    "outcome_type": ("speed", "o.outcome_type = 'speed'"),
}
EACH = [pytest.param(kind, id=kind) for kind in NARROWED]


def sum_of(tables: duckdb.DuckDBPyConnection, text: str) -> tuple[object, ...]:
    return tables.execute(text).fetchone() or ()


@pytest.mark.parametrize("kind", EACH)
def test_choice_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection, kind: str) -> None:
    named, condition = NARROWED[kind]
    text = f"SELECT count(*), sum(score), (SELECT count(*) FROM jtbd_outcomes o WHERE {condition}) FROM ({SCORED}) o"
    count, total, everything = sum_of(tables, f"{text} WHERE {condition}")
    answer = analyze(sample, "opportunities", Choices(**{kind: named}))  # type: ignore[arg-type]
    assert 0 < answer.table.height < 166
    assert (answer.table.height, answer.table["opportunity"].sum()) == (count, total)
    unscored = analyze(sample, "unscored", Choices(**{kind: named})).table.height  # type: ignore[arg-type]
    assert unscored + answer.table.height == everything
    tiers = analyze(sample, "distribution", Choices(**{kind: named})).table  # type: ignore[arg-type]
    assert tiers["outcomes"].sum() == answer.table.height


def test_choices_narrow_together(sample: Source) -> None:
    both = analyze(sample, "opportunities", Choices(role=ROLE, outcome_type="speed")).table
    role, speed = (
        set(analyze(sample, "opportunities", choices).table.select("job", "outcome").rows())
        for choices in (Choices(role=ROLE), Choices(outcome_type="speed"))
    )
    assert set(both.select("job", "outcome").rows()) == role & speed


def test_relevance_is_that_for_whom_is_chosen(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"""
        SELECT j.code, max(l.relevance_score::DECIMAL(4, 2)) FROM jtbd_roles l JOIN org_roles r ON r.id = l.role_id
        JOIN jobs_to_be_done j ON j.id = l.jtbd_id WHERE r.slug = '{ROLE}' GROUP BY j.code
    """
    of_role = dict(tables.execute(text).fetchall())
    table = analyze(sample, "opportunities", Choices(role=ROLE)).table
    assert all(of_role[job] == relevance for job, relevance in table.select("job", "relevance").rows())
    everybody = analyze(sample, "opportunities", Choices()).table
    for job, relevance in everybody.filter(pl.col("job").is_in(list(of_role))).select("job", "relevance").rows():
        assert relevance >= of_role[job]


def test_range_keeps_the_ranks_of_all(sample: Source) -> None:
    ranges = Choices(importance_from=Decimal(8), importance_to=Decimal("9.2"), satisfaction_to=Decimal("3.1"))
    answer = analyze(sample, "opportunities", ranges)
    whole = analyze(sample, "opportunities", Choices()).table
    marks = pl.col("importance").is_between(8, 9.2) & (pl.col("satisfaction") <= 3.1)
    assert answer.table.rows() == whole.filter(marks).rows() != []
    assert (
        answer.notes[-1]
        == f"In the range of scores: {answer.table.height} of 166 ({answer.table.height / 1.66:.0f} %)."
    )


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        pytest.param(Choices(role="medical-science-liason"), f"did you mean {ROLE}", id="near"),
        pytest.param(Choices(outcome_type="sped"), "there are cost, output, risk, speed, stability", id="type"),
        pytest.param(Choices(importance_from=Decimal(6), importance_to=Decimal(5)), "that ascend", id="order"),
        pytest.param(Choices(satisfaction_to=Decimal(11)), "from 0 to 10", id="too_high"),
    ],
)
def test_bad_choice_is_a_sentence(sample: Source, choices: Choices, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        analyze(sample, "opportunities", choices)


@given(scores)
def test_places_hold_every_outcome_once(pairs: list[tuple[Decimal, Decimal]]) -> None:
    answer = landscape(outcomes_of(pairs), JOBS, PLAIN)
    found = places(answer).table
    assert found.select("importance", "satisfaction").rows() == list(
        dict.fromkeys(answer.table.select("importance", "satisfaction").rows())
    )
    counted = {(i, s): count for i, s, count in found.select("importance", "satisfaction", "outcomes").rows()}
    assert counted == {pair: pairs.count(pair) for pair in pairs}
    same = ("importance", "satisfaction", "rank", "best_rank", "worst_rank", "is_tie", "opportunity", "tier")
    assert set(answer.table.select(same).rows()) == set(found.select(same).rows())
