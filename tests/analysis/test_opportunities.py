"""Opportunities: scores, tiers, ranks and groups agree with figures by hand and with SQL on the sample."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.analysis import Choices, Source, analyze
from jobgraph.analysis.opportunities import landscape, ranking
from jobgraph.analysis.schemes import ScoreScheme, Tier
from jobgraph.analysis.views import DECIMAL
from jobgraph.errors import UsageError

PLAIN = ScoreScheme("plain", (Tier("any", 1, Decimal(0), Decimal(20), True, True),), False)
SCORED = """
SELECT o.*, importance_score::DECIMAL(4,1) AS i, satisfaction_score::DECIMAL(4,1) AS s, i + greatest(i - s, 0) AS score
FROM jtbd_outcomes o WHERE i IS NOT NULL AND s IS NOT NULL
"""
tenths = st.integers(0, 100).map(lambda number: Decimal(number) / 10)
scores = st.lists(st.tuples(tenths, tenths), max_size=6)


def outcomes_of(pairs: list[tuple[Decimal, Decimal]]) -> pl.DataFrame:
    rows = [
        {"iri": f"o{n}", "code": f"O{n}", "name": "", "job": "j", "importance": i, "satisfaction": s}
        | {"opportunity": i + max(i - s, Decimal(0)), "evidence_source": None, "type": None, "relevance": None}
        for n, (i, s) in enumerate(pairs)
    ]
    texts = dict.fromkeys(("iri", "code", "name", "job", "type"), pl.String())
    numbers = dict.fromkeys(("importance", "satisfaction", "opportunity", "relevance"), DECIMAL)
    return pl.DataFrame(rows, schema={**texts, **numbers, "evidence_source": pl.String()})


JOBS = pl.DataFrame({"iri": ["j"], "code": ["J"], "name": ["Job"]})


def clipped(score: Decimal) -> Decimal:
    return min(max(score, Decimal(0)), Decimal(10))


def opportunity(importance: Decimal, satisfaction: Decimal) -> Decimal:
    return importance + max(importance - satisfaction, Decimal(0))


@given(scores)
def test_ranks_are_all_that_rounding_leaves_open(pairs: list[tuple[Decimal, Decimal]]) -> None:
    table = landscape(outcomes_of(pairs), JOBS, PLAIN).table
    spans = {}
    for number, pair in enumerate(pairs):
        offs = product(*([clipped(score + off) for off in (Decimal("-.05"), Decimal(".05"))] for score in pair))
        values = [opportunity(i, s) for i, s in offs]
        spans[f"O{number}"] = (min(values), max(values))
    for outcome, best, worst, tie in table.select("outcome", "best_rank", "worst_rank", "is_tie").iter_rows():
        low, high = spans[outcome]
        others = [span for name, span in spans.items() if name != outcome]
        assert best == 1 + sum(other[0] > high for other in others)
        assert worst == 1 + sum(other[1] > low for other in others)
        assert tie == (worst > best)


@given(scores)
def test_without_margin_only_rank_remains(pairs: list[tuple[Decimal, Decimal]]) -> None:
    table = landscape(outcomes_of(pairs), JOBS, PLAIN, margin=Decimal(0)).table
    assert table["best_rank"].to_list() == table["worst_rank"].to_list() == table["rank"].to_list()


def test_negative_margin_is_refused() -> None:
    with pytest.raises(UsageError, match="negative"):
        landscape(outcomes_of([]), JOBS, PLAIN, margin=Decimal("-0.1"))


def test_no_outcomes_are_said_to_be_none() -> None:
    grouped = pl.DataFrame({"group": ["g"], "name": ["G"], "job": ["j"]})
    answer = ranking(outcomes_of([]), grouped, PLAIN)
    assert "There are no outcomes." in answer.notes
    assert answer.shown.select("jobs", "outcomes", "highest").rows() == [(1, 0, None)]


def test_landscape_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    tier = "CASE WHEN score > 12 THEN 'high' WHEN score >= 8 THEN 'medium' ELSE 'low' END"
    text = f"SELECT code, outcome_id, score, {tier} FROM ({SCORED}) o JOIN jobs_to_be_done j ON j.id = o.jtbd_id"
    table = analyze(sample, "opportunities", Choices()).table
    assert sorted(table.select("job", "outcome", "opportunity", "tier").rows()) == sorted(
        tables.execute(text).fetchall()
    )


def test_ranking_of_roles_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"""
        SELECT r.name, max(score), count(DISTINCT l.jtbd_id), count(o.id), count(*) FILTER (score >= 15),
            count(*) FILTER (o.id IS NOT NULL AND evidence_source IS NULL)
        FROM jtbd_roles l JOIN org_roles r ON r.id = l.role_id LEFT JOIN ({SCORED}) o ON o.jtbd_id = l.jtbd_id
        GROUP BY r.id, r.name
    """
    table = analyze(sample, "ranking", Choices(by="role", scheme="ulwick")).table
    found = table.select("name", "highest", "jobs", "scored", "extreme", "without_evidence").rows()
    assert sorted(found) == sorted(tables.execute(text).fetchall())


def test_schemes_differ_where_sql_says(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"SELECT count(*) FILTER (score >= 15), count(*) FILTER (score = 12), count(*) FROM ({SCORED})"
    counts = tables.execute(text).fetchone()
    assert counts is not None
    table = analyze(sample, "tiers", Choices()).table
    extreme = table.filter(pl.col("second_tier") == "extreme")
    raised = table.filter((pl.col("first_tier") == "medium") & (pl.col("second_tier") == "high"))
    assert (extreme.height, raised.height, table.height) == counts


def test_shares_are_stated(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    bare_scores = "count(*) FILTER (evidence_source IS NULL)"
    text = f"SELECT (SELECT count(*) FROM jtbd_outcomes), count(*), {bare_scores} FROM ({SCORED})"
    everything, scored, bare = tables.execute(text).fetchone() or (0, 0, 0)
    for name in ("opportunities", "ranking", "over-served", "tiers", "distribution"):
        notes = " ".join(analyze(sample, name, Choices()).notes)
        assert f"Unscored: {everything - scored} of {everything}" in notes
        assert f"Scores without evidence: {bare} of {scored}" in notes


def test_over_served_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = f"SELECT outcome_id, s - i FROM ({SCORED}) WHERE s > i ORDER BY 2 DESC"
    found = analyze(sample, "over-served", Choices()).table.select("outcome", "excess").rows()
    assert found == tables.execute(text).fetchall()
