"""Capability gaps: the formulas, against a direct computation and against SQL on the sample."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import cast

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.commands import ask

from jobgraph.analysis import Choices, Source, analyze
from jobgraph.analysis.gaps import Landscape, Need
from jobgraph.analysis.views import Views
from jobgraph.errors import UsageError

MATURITY = {
    "foundational": Fraction(1, 5),
    "intermediate": Fraction(2, 5),
    "advanced": Fraction(3, 5),
    "expert": Fraction(4, 5),
    "thought_leader": Fraction(1),
}
CAPABILITIES = ("a", "b", "c", "d", "e")
levels = st.one_of(st.none(), st.sampled_from(sorted(MATURITY)))
hundredths = st.integers(0, 100).map(lambda number: Fraction(number, 100))


@st.composite
def landscapes(draw: st.DrawFn) -> Landscape:
    jobs = [f"j{number}" for number in range(draw(st.integers(1, 5)))]
    tenths = st.one_of(st.none(), st.integers(0, 200).map(lambda number: Fraction(number, 200)))
    pairs = draw(st.lists(st.tuples(st.sampled_from(jobs), st.sampled_from(CAPABILITIES)), max_size=10, unique=True))
    needs = tuple(Need(f"{j}{c}", j, c, draw(hundredths), draw(st.booleans())) for j, c in pairs)
    return Landscape(
        {job: draw(tenths) for job in jobs}, {name: draw(levels) for name in CAPABILITIES}, MATURITY, needs
    )


@given(landscapes())
def test_gap_is_what_the_formula_says(landscape: Landscape) -> None:
    for job, demand in landscape.demands.items():
        needs = [need for need in landscape.needs if need.job == job]
        maturity = {c: MATURITY[level] if level else Fraction(0) for c, level in landscape.levels.items()}
        coverage = 1 - reduce(lambda left, n: left * (1 - n.relevance * maturity[n.capability]), needs, Fraction(1))
        found = landscape.gaps[job]
        assert found.coverage == coverage
        assert found.gap == (None if demand is None else demand * (1 - coverage))
        assert found.lacking == tuple(
            sorted(n.capability for n in needs if n.is_required and not maturity[n.capability])
        )


@given(landscapes(), st.sampled_from(CAPABILITIES), st.sampled_from(sorted(MATURITY)))
def test_more_maturity_never_widens_a_gap(landscape: Landscape, name: str, level: str) -> None:
    better = landscape.with_levels({name: level})
    if better.maturity(name) >= landscape.maturity(name):
        assert all((better.gaps[job].gap or 0) <= (gap.gap or 0) for job, gap in landscape.gaps.items())


def test_figures_by_hand() -> None:
    needs = (Need("1", "j", "a", Fraction("0.9"), True), Need("2", "j", "b", Fraction("0.5"), False))
    gap = Landscape({"j": Fraction("0.75")}, {"a": "advanced", "b": None}, MATURITY, needs).gaps["j"]
    assert (gap.coverage, gap.gap, gap.lacking) == (Fraction("0.54"), Fraction("0.345"), ())


def test_required_capability_without_maturity_is_a_gap_whatever_the_rest() -> None:
    needs = (Need("1", "j", "a", Fraction(1), False), Need("2", "j", "b", Fraction("0.1"), True))
    gap = Landscape({"j": Fraction(1)}, {"a": "thought_leader", "b": None}, MATURITY, needs).gaps["j"]
    assert (gap.gap, gap.is_open, gap.lacking) == (Fraction(0), True, ("b",))


def test_unknown_level_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean expert"):
        Landscape({}, {"a": None}, MATURITY).with_levels({"a": "experte"})


GAPS_IN_SQL = """
WITH demand AS (
    SELECT jtbd_id, max(i + greatest(i - s, 0)) AS score
    FROM (SELECT *, importance_score::DECIMAL(4,1) AS i, satisfaction_score::DECIMAL(4,1) AS s FROM jtbd_outcomes)
    WHERE i IS NOT NULL AND s IS NOT NULL
    GROUP BY jtbd_id
), coverage AS (
    SELECT m.jtbd_id, 1 - product(1 - m.relevance_score::DOUBLE * CASE c.maturity_level
        WHEN 'foundational' THEN .2 WHEN 'intermediate' THEN .4 WHEN 'advanced' THEN .6 WHEN 'expert' THEN .8
        WHEN 'thought_leader' THEN 1 ELSE 0 END) AS covered
    FROM capability_jtbd_mapping m JOIN capabilities c ON c.id = m.capability_id
    GROUP BY m.jtbd_id
)
SELECT j.code, d.score / 20 AS demand, coalesce(c.covered, 0) AS coverage
FROM jobs_to_be_done j LEFT JOIN demand d ON d.jtbd_id = j.id LEFT JOIN coverage c ON c.jtbd_id = j.id
"""


def test_sample_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    expected = {code: (demand, covered) for code, demand, covered in tables.execute(GAPS_IN_SQL).fetchall()}
    table = analyze(sample, "gaps", Choices()).table
    assert set(table["job"]) == set(expected)
    for job, demand, coverage, gap in table.select("job", "demand", "coverage", "gap").iter_rows():
        wanted, covered = expected[job]
        assert (float(demand), float(coverage)) == pytest.approx((float(wanted), covered), abs=1e-6)
        assert float(gap) == pytest.approx(float(wanted) * (1 - covered), abs=1e-6)


def test_sample_agrees_with_the_rules(sample: Source, sample_home: Path) -> None:
    text = "SELECT ?code ?gap { ?job jg:capabilityGap ?gap ; skos:notation ?code }"
    inferred = {code: float(gap) for code, gap in ask(sample_home, "northwind-bio", text)}
    table = analyze(sample, "gaps", Choices()).table
    assert {job: float(gap) for job, gap in table.select("job", "gap").iter_rows()} == pytest.approx(inferred, abs=1e-6)


def test_scale_is_that_of_the_ontology(sample: Source) -> None:
    assert Landscape.of(sample.views).scale == MATURITY


@pytest.mark.parametrize(("stated", "counted"), [(None, "0"), ("0.4", "0.4"), ("1.5", "0"), ("-0.1", "0")])
def test_relevance_out_of_bounds_counts_with_0(stated: str | None, counted: str) -> None:
    relevance = None if stated is None else Decimal(stated)
    tables = {
        "jobs": pl.DataFrame({"iri": ["j"]}),
        "outcomes": pl.DataFrame({"job": ["j"], "opportunity": [Decimal(20)]}),
        "capabilities": pl.DataFrame({"iri": ["c"], "maturity": ["thought_leader"]}),
        "maturity_levels": pl.DataFrame({"maturity": ["thought_leader"], "score": [Decimal(1)]}),
        "job_capabilities": pl.DataFrame(
            {"iri": ["m"], "job": ["j"], "capability": ["c"], "relevance": [relevance], "is_required": [False]}
        ),
    }
    assert Landscape.of(cast("Views", tables)).gaps["j"].coverage == Fraction(counted)


def test_what_if_changes_only_the_jobs_that_need_it(sample: Source) -> None:
    name = "Data Product Governance"
    before, after = (analyze(sample, "gaps", Choices(levels=chosen)).table for chosen in ({}, {name: "expert"}))
    changed = analyze(sample, "what-if", Choices(levels={name: "expert"})).table
    both = before.join(after, on="job", suffix="_after").filter(pl.col("gap") != pl.col("gap_after"))
    assert set(both["job"]) == set(changed["job"])
    assert changed.filter(pl.col("change") >= Decimal(0)).is_empty()


def test_totals_are_the_sums_of_the_gaps(sample: Source) -> None:
    chosen = {"Data Product Governance": "expert"}
    threshold = Decimal("0.3")
    functions = dict(sample.views["jobs"].select("code", "function").iter_rows())
    names = dict(sample.views["functions"].select("iri", "name").iter_rows())
    table = analyze(sample, "gap-totals", Choices(levels=chosen, threshold=threshold)).table
    for levels, end in (({}, "before"), (chosen, "after")):
        gaps = analyze(sample, "gaps", Choices(levels=levels)).table.with_columns(
            function=pl.col("job").replace_strict(functions).replace_strict(names)
        )
        is_open = (pl.col("gap") > threshold) | (pl.col("lacking").list.len() > 0)
        expected = gaps.group_by("function").agg(pl.len(), is_open.sum().alias("open"), pl.col("gap").sum())
        found = {row["function"]: row for row in table.to_dicts()}
        assert set(found) == set(expected["function"])
        for function, jobs, count, gap in expected.iter_rows():
            row = found[function]
            assert (row["jobs"], row[f"open_{end}"]) == (jobs, count)
            assert float(row[end]) == pytest.approx(float(gap), abs=1e-4)
    assert (table["change"] == table["after"] - table["before"]).all()
