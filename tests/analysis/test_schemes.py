"""Score schemes are read from Turtle, and columns get the tier that each score alone gets."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.analysis.schemes import ScoreScheme, pick_scheme, read_schemes
from jobgraph.analysis.views import DECIMAL
from jobgraph.errors import InputError, UsageError
from jobgraph.resources import resource_path

SCHEMES = read_schemes(resource_path("ontology", "schemes"))


@pytest.mark.parametrize(
    ("scheme", "score", "tier"),
    [
        ("requirements", "7.9", "low"),
        ("requirements", "8", "medium"),
        ("requirements", "12", "medium"),
        ("requirements", "12.1", "high"),
        ("ulwick", "9.9", "low"),
        ("ulwick", "10", "moderate"),
        ("ulwick", "12", "high"),
        ("ulwick", "15", "extreme"),
    ],
)
def test_bounds_are_those_of_the_scheme(scheme: str, score: str, tier: str) -> None:
    assert SCHEMES[scheme].tier(Decimal(score)) == tier


@given(st.sampled_from(sorted(SCHEMES)), st.lists(st.integers(0, 200)))
def test_column_has_the_tiers_of_its_scores(name: str, tenths: list[int]) -> None:
    scheme: ScoreScheme = SCHEMES[name]
    scores = [Decimal(number) / 10 for number in tenths]
    table = pl.DataFrame({"score": scores}, schema={"score": DECIMAL}).select(scheme.to_tiers(pl.col("score")))
    assert table.to_series().to_list() == [scheme.tier(score) for score in scores]


def test_unknown_scheme_has_near_names() -> None:
    with pytest.raises(UsageError, match="did you mean ulwick"):
        pick_scheme(SCHEMES, "ulwik")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a jg:ScoreScheme", "has no tier", id="no_tier"),
        pytest.param("a jg:ScoreScheme ; jg:hasScoreTier <https://e.org/t>", "needs one notation", id="empty_tier"),
    ],
)
def test_scheme_must_be_whole(tmp_path: Path, text: str, problem: str) -> None:
    turtle = f"@prefix jg: <https://w3id.org/jobgraph/> .\n<https://e.org/s> {text} .\n"
    (tmp_path / "s.ttl").write_text(turtle, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read_schemes(tmp_path)
