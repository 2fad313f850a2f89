"""Masks: values and names of things replaced by keyed hashes, or made coarser.

A pseudonym is HMAC-SHA256 (RFC 2104) of what it hides, cut to 128 bits, under a key that is derived from the given one
for one partner and one use. So it is the same in each export to a partner, two partners cannot join theirs, and nobody
without the key can try values out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode

from jobgraph.errors import UsageError
from jobgraph.exports.profile import Mask
from jobgraph.vocabulary import XSD

Masking = Callable[[Literal], Literal | None]

_MIN_KEY_BYTES = 16
_DIGITS = 32
_ELLIPSIS = "…"
# The year or month of a date: its datatype, and how many characters it takes.
_PRECISIONS = {"year": (NamedNode(XSD + "gYear"), 4), "month": (NamedNode(XSD + "gYearMonth"), 7)}
_DATES = {XSD + "date", XSD + "dateTime"}
_NUMBERS = {XSD + name for name in ("integer", "decimal", "float", "double")}


class Pseudonyms:
    """Makes the pseudonyms for one partner."""

    def __init__(self, key: bytes, partner: str) -> None:
        if len(key) < _MIN_KEY_BYTES:
            raise UsageError(f"The key for pseudonyms has {len(key)} bytes; give at least {_MIN_KEY_BYTES}.")
        self._key = hmac.digest(key, f"jobgraph pseudonyms for {partner}".encode(), "sha256")

    def of_thing(self, iri: str) -> str:
        """What stands for the IRI of a thing, the same wherever it occurs."""
        return self._digest("thing", iri)

    def of_value(self, property_: str, value: Literal) -> Literal:
        """What stands for a value of a property; that of another property differs, so that they cannot be joined."""
        return Literal(self._digest(property_, str(value)))

    def _digest(self, use: str, text: str) -> str:
        return hmac.new(self._key, f"{use}\0{text}".encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def masking(mask: Mask, property_: str, pseudonyms: Pseudonyms | None) -> Masking:
    """What a mask does to a value of a property; None comes of a value that it cannot be put on, which stays.

    Raises
    ------
    UsageError : a pseudonym is asked for, and there is no key.
    """
    if mask.kind == "pseudonym":
        if pseudonyms is None:
            raise missing_key(f"values of <{property_}>")
        return lambda value: pseudonyms.of_value(property_, value)
    if mask.precision:
        datatype, length = _PRECISIONS[mask.precision]
        return lambda value: _shortened_date(value, datatype, length)
    if mask.step:
        step = Decimal(mask.step)
        return lambda value: _rounded(value, step)
    return lambda value: _cut(value, mask.length or 0)


def missing_key(what: str) -> UsageError:
    """The error for pseudonyms without a key."""
    return UsageError(f"The profile lets out {what} under pseudonyms, which need a key; name a file with one.")


def _shortened_date(value: Literal, datatype: NamedNode, length: int) -> Literal | None:
    text = value.value
    if value.datatype.value not in _DATES:
        return None
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    extra = digits.index("-") - 4  # years after 9999
    return Literal(sign + digits[: length + extra], datatype=datatype)


def _rounded(value: Literal, step: Decimal) -> Literal | None:
    if value.datatype.value not in _NUMBERS:
        return None
    try:
        number = (Decimal(value.value) / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * step
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    if value.datatype.value == XSD + "integer":
        return Literal(str(int(number)), datatype=value.datatype)
    return Literal(format(number.normalize(), "f"), datatype=value.datatype)


def _cut(value: Literal, length: int) -> Literal:
    text = value.value if len(value.value) <= length else value.value[:length].rstrip() + _ELLIPSIS
    if value.language:
        return Literal(text, language=value.language)
    return Literal(text, datatype=value.datatype)
