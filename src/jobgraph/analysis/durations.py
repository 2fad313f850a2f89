"""Durations and efforts as people write them, in whole working minutes."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import polars as pl

# Working time: 8 hours a day, 5 days a week, 52 weeks a year; a month is a twelfth of a year.
MINUTES = {"minute": 1, "hour": 60, "day": 480, "week": 2_400, "month": 10_400, "quarter": 31_200, "year": 124_800}
# The working hours that the grades of effort end with, by their definitions: "up to an hour", "about a day",
# "several days", "weeks"; the last has no end, and two weeks is its least.
EFFORT_HOURS = {"low": 1, "medium": 8, "high": 40, "very_high": 80}

_SHORT = {"min": "minute", "h": "hour", "hr": "hour", "d": "day", "wk": "week", "mo": "month", "yr": "year"}
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"(?:(?P<low>{_NUMBER})(?:\s*(?:-|to|\u2013)\s*(?P<high>{_NUMBER}))?|(?P<word>half an?|an?|one))\s*"
    rf"(?:(?:working|business)\s+)?(?P<unit>[a-z]+)",
    re.IGNORECASE,
)
_WORDS = {"half a": Fraction(1, 2), "half an": Fraction(1, 2), "a": Fraction(1), "an": Fraction(1), "one": Fraction(1)}


def read_duration(text: str) -> int | None:
    """The working minutes of a duration, the middle of a range; None where it cannot be read.

    >>> [read_duration(text) for text in ("3 weeks", "half a day", "2-4 hours", "soon")]
    [7200, 240, 180, None]
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    unit = match["unit"].lower()
    unit = _SHORT.get(unit, _SHORT.get(unit.removesuffix("s"), unit.removesuffix("s")))
    if unit not in MINUTES:
        return None
    if match["word"]:
        return round(_WORDS[match["word"].lower()] * MINUTES[unit])
    low = _number(match["low"])
    return round((low + _number(match["high"] or match["low"])) / 2 * MINUTES[unit])


def read_effort(text: str) -> int | None:
    """The working minutes of an effort: a number of hours, a duration or a grade; None where it cannot be read.

    >>> [read_effort(text) for text in ("40", "1.5 hours", "high", "much")]
    [2400, 90, 2400, None]
    """
    grade = EFFORT_HOURS.get(text.strip().lower())
    if grade is not None:
        return grade * MINUTES["hour"]
    return read_duration(text) if re.search(r"[a-z]", text, re.IGNORECASE) else read_duration(f"{text.strip()} hours")


def to_minutes(texts: pl.Series, read: Callable[[str], int | None]) -> pl.Series:
    """The minutes of many texts; each text is read once."""
    known = texts.drop_nulls().unique()
    return texts.replace_strict(known, pl.Series([read(t) for t in known], dtype=pl.Int64), default=None)


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))
