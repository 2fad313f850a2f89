"""Kinds of values: what a column, a key or a property of a table can hold, each of one kind only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jobgraph.vocabulary import XSD

Type = Literal["iri", "text", "boolean", "integer", "decimal", "float", "date", "moment", "other"]
STRING = XSD + "string"


@dataclass(frozen=True)
class Kind:
    """What values have in common: all IRIs (`datatype` is empty), of one datatype, or text of one language.

    `is_misfit` says that they do not look as their datatype has it, so that only their text can be kept.
    """

    datatype: str = ""
    language: str = ""
    is_misfit: bool = False

    @property
    def type(self) -> Type:
        """What a format without datatypes of its own sees."""
        if not self.datatype:
            return "iri"
        if self.language or self.is_misfit:
            return "text"
        return _TYPES.get(self.datatype, "other")

    @property
    def stated_datatype(self) -> str:
        """The IRI of the datatype that the values have in a table: misfits are plain text."""
        return STRING if self.is_misfit else self.datatype


IRI = Kind()
TEXT = Kind(STRING)

_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
# The whole numbers of XSD, with the least and the greatest where there is one.
_INTEGERS: Mapping[str, tuple[float, float]] = {
    "byte": (-(2**7), 2**7 - 1),
    "int": (-(2**31), 2**31 - 1),
    "integer": (float("-inf"), float("inf")),
    "long": (-(2**63), 2**63 - 1),
    "negativeInteger": (float("-inf"), -1),
    "nonNegativeInteger": (0, float("inf")),
    "nonPositiveInteger": (float("-inf"), 0),
    "positiveInteger": (1, float("inf")),
    "short": (-(2**15), 2**15 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedShort": (0, 2**16 - 1),
}
_TYPES: Mapping[str, Type] = {
    STRING: "text",
    XSD + "boolean": "boolean",
    XSD + "decimal": "decimal",
    XSD + "double": "float",
    XSD + "float": "float",
    XSD + "date": "date",
    XSD + "dateTime": "moment",
    **{XSD + name: "integer" for name in _INTEGERS},
}
_PATTERNS: Mapping[Type, re.Pattern[str]] = {
    "boolean": re.compile("true|false|0|1"),
    "integer": re.compile("[+-]?[0-9]+"),
    "decimal": re.compile(_NUMBER),
    "float": re.compile(rf"{_NUMBER}([eE][+-]?[0-9]+)?|-?INF|NaN"),
    "date": re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}"),
    "moment": re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME}{_ZONE}"),
}
_YEARS, _DAYS = r"([0-9]+Y)?([0-9]+M)?", r"([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
# Datatypes that only CSVW knows; it takes spaces out of all others that are not here.
_OTHERS: Mapping[str, re.Pattern[str]] = {
    XSD + "dayTimeDuration": re.compile(f"-?P(?=.){_DAYS}"),
    XSD + "duration": re.compile(f"-?P(?=.){_YEARS}{_DAYS}"),
    XSD + "gDay": re.compile(f"---[0-9]{{2}}{_ZONE}"),
    XSD + "gMonth": re.compile(f"--[0-9]{{2}}{_ZONE}"),
    XSD + "gMonthDay": re.compile(f"--[0-9]{{2}}-[0-9]{{2}}{_ZONE}"),
    XSD + "gYear": re.compile(f"[0-9]{{4}}{_ZONE}"),
    XSD + "gYearMonth": re.compile(f"[0-9]{{4}}-[0-9]{{2}}{_ZONE}"),
    XSD + "hexBinary": re.compile("([0-9A-Fa-f]{2})+"),
    XSD + "time": re.compile(f"{_TIME}{_ZONE}"),
    XSD + "yearMonthDuration": re.compile(f"-?P(?=.){_YEARS}"),
}
_WITHOUT_STRAY_SPACE = re.compile(r"[^ \t\r\n]+( [^ \t\r\n]+)*")
_BOOLEANS = {"0": "false", "1": "true"}
_MOST_DIGITS = 4000  # more than these, Python refuses to read


def value_test(datatype: str) -> Callable[[str], bool]:
    """The test that tells the texts that are values of a datatype, as all readers take them.

    >>> is_date = value_test(XSD + "date")
    >>> is_date("2024-02-29"), is_date("2025-02-29"), is_date("12025-01-01")
    (True, False, False)
    """
    type_ = Kind(datatype).type
    matches = _PATTERNS.get(type_, _OTHERS.get(datatype, _WITHOUT_STRAY_SPACE)).fullmatch
    if type_ == "text" or not datatype.startswith(XSD):
        return lambda _: True
    if type_ == "integer":
        least, most = _INTEGERS[datatype.removeprefix(XSD)]
        return lambda text: len(text) < _MOST_DIGITS and bool(matches(text)) and least <= int(text) <= most
    if type_ in ("date", "moment"):
        return lambda text: bool(matches(text)) and _is_on_calendar(text)
    return lambda text: bool(matches(text))


def plain_text(type_: Type, text: str) -> str:
    """A value in the one spelling that all readers know.

    >>> plain_text("boolean", "1"), plain_text("integer", "+7")
    ('true', '7')
    """
    if type_ == "boolean":
        return _BOOLEANS.get(text, text)
    return text.removeprefix("+") if type_ in ("integer", "decimal", "float") else text


def _is_on_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text[:19] if "T" in text else text[:10])
    except ValueError:
        return False
    return True
