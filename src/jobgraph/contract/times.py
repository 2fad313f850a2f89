"""What dates and times look like in cells, and their canonical text: SQL over one text cell.

Loose forms are read too: a space for the T, no seconds, a zone of hours alone or without its colon.
"""

from __future__ import annotations

from jobgraph.contract.sql import text

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MINUTE = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SECOND = r":[0-5][0-9](\.[0-9]+)?"
_CLOCK = rf"({_MINUTE}({_SECOND})?|24:00(:00(\.0+)?)?)"
_PLAIN_CLOCK = rf"({_MINUTE}{_SECOND}|24:00:00(\.0+)?)"
_ZONE = "(Z|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+-]14(:?00)?)"
_PLAIN_ZONE = "(Z|[+-]00:(0[1-9]|[1-5][0-9])|[+-](0[1-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"

# In this order: T between date and time, seconds always, Z for no distance, hours and minutes of a zone with a colon.
_REWRITES = (
    (" ", "T"),
    (r"(^|T)([0-9]{2}:[0-9]{2})($|Z|[+-])", r"\1\2:00\3"),
    (r"[+-]00(:?00)?$", "Z"),
    (r"([+-][0-9]{2})$", r"\1:00"),
    (r"([+-][0-9]{2})([0-9]{2})$", r"\1:\2"),
)


def quick_date(cell: str) -> str:
    """True for most dates, at little cost."""
    return f"(regexp_full_match({cell}, {text(_DAY)}) AND try_cast({cell} AS DATE) IS NOT NULL)"


def is_date(cell: str) -> str:
    """True for a day that there is, with or without a zone."""
    return _is_on_a_day(cell, rf"{_DAY}(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?")


def quick_date_time(cell: str) -> str:
    """True for most canonical moments, at little cost."""
    return f"strftime(try_cast({cell} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ') = {cell}"


def is_date_time(cell: str) -> str:
    """True for a moment that there is, in a loose form."""
    return _is_on_a_day(cell, f"{_DAY}[T ]{_CLOCK}{_ZONE}?")


def is_plain_date_time(cell: str) -> str:
    """True for the canonical form of a moment."""
    return f"regexp_full_match({cell}, {text(f'{_DAY}T{_PLAIN_CLOCK}{_PLAIN_ZONE}?')})"


def is_time(cell: str) -> str:
    """True for a time of day in a loose form."""
    return f"regexp_full_match({cell}, {text(f'{_CLOCK}{_ZONE}?')})"


def is_plain_time(cell: str) -> str:
    """True for the canonical form of a time of day."""
    return f"regexp_full_match({cell}, {text(f'{_PLAIN_CLOCK}{_PLAIN_ZONE}?')})"


def canonical_time(cell: str) -> str:
    """The canonical form of a moment or a time of day; fractions of a second stay as they are."""
    for pattern, replacement in _REWRITES:
        cell = f"regexp_replace({cell}, {text(pattern)}, {text(replacement)}, 'g')"
    return cell


def _is_on_a_day(cell: str, pattern: str) -> str:
    return f"(regexp_full_match({cell}, {text(pattern)}) AND try_cast(left({cell}, 10) AS DATE) IS NOT NULL)"
