"""Regular expressions of `sh:pattern`: those of the store, and those that only Python knows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from pyoxigraph import Literal, QuerySolutions, Store

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


@lru_cache(maxsize=10_000)
def is_known_to_store(pattern: str, flags: str) -> bool:
    """Whether the store's own engine takes the pattern; it has no look-around and no back-references."""
    probe = f'SELECT (REGEX("", {Literal(pattern)}, {Literal(flags)}) AS ?answer) {{}}'
    solutions = cast("QuerySolutions", Store().query(probe))
    return next(solutions)["answer"] is not None


@lru_cache(maxsize=10_000)
def to_python(pattern: str, flags: str) -> re.Pattern[str] | None:
    """The pattern compiled by Python; None if it is no regular expression."""
    bits = 0
    for flag in flags:
        bits |= _FLAGS.get(flag, 0)
    try:
        return re.compile(re.escape(pattern) if "q" in flags else pattern, bits)
    except (re.error, RecursionError, OverflowError):
        return None
