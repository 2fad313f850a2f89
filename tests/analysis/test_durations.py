"""Durations and efforts as people write them."""

from __future__ import annotations

import polars as pl
import pytest

from jobgraph.analysis.durations import read_duration, read_effort, to_minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1 hour", 60),
        ("half a day", 240),
        ("A day", 480),
        ("1.5 days", 720),
        ("1,5 days", 720),
        ("2 weeks", 4_800),
        ("2-3 weeks", 6_000),
        ("2 to 3 weeks", 6_000),
        ("10 working days", 4_800),
        ("1 month", 10_400),
        ("90 min", 90),
        ("2 hrs", 120),
        ("12 months", 124_800),
        ("1 year", 124_800),
        ("soon", None),
        ("3 moons", None),
        ("", None),
        ("-2 days", None),
    ],
)
def test_duration_is_working_minutes(text: str, minutes: int | None) -> None:
    assert read_duration(text) == minutes


@pytest.mark.parametrize(
    ("text", "minutes"), [("40", 2_400), ("0.5", 30), ("2 days", 960), ("low", 60), ("very_high", 4_800), ("?", None)]
)
def test_effort_is_hours_unless_it_says_otherwise(text: str, minutes: int | None) -> None:
    assert read_effort(text) == minutes


def test_column_keeps_its_gaps() -> None:
    texts = pl.Series(["1 day", None, "soon", "1 day"])
    assert to_minutes(texts, read_duration).to_list() == [480, None, None, 480]
