"""What the values of a column are like: as much as decides on its type in formats that have types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from jobgraph.exports.tables.kinds import Type

_MOST_LONG = 2**63 - 1
_EXACT_DIGITS = 15  # that a float of 64 bits keeps


@dataclass
class Traits:
    """Counted over all values of a column.

    Parameters
    ----------
    type : what they all are.
    count : of the values; `most` of them that one thing has.
    has_empty : an empty text is among them; `lone_empty` things have no other.
    is_long : each is a whole number of 64 bits.
    whole, places, digits : the most digits that a decimal has before the point, after it, and from the first that is
        not 0 to the last.
    has_zone, has_local : moments and dates with a time zone, and without.
    has_other_zone : a time zone is not written `Z`.
    fraction : the most digits of a second.
    """

    type: Type
    count: int = 0
    most: int = 0
    has_empty: bool = False
    lone_empty: int = 0
    is_long: bool = True
    whole: int = 0
    places: int = 0
    digits: int = 0
    has_zone: bool = False
    has_local: bool = False
    has_other_zone: bool = False
    fraction: int = 0

    def add(self, values: Sequence[str]) -> None:
        """Count the values of one thing."""
        self.count += len(values)
        self.most = max(self.most, len(values))
        self.lone_empty += values == [""]
        note = _NOTES.get(self.type)
        if note:
            for value in values:
                note(self, value)

    @property
    def is_exact_float(self) -> bool:
        """Whether floats of 64 bits hold the decimals exactly enough to be written as they were."""
        return self.digits <= _EXACT_DIGITS and self.whole + self.places <= _EXACT_DIGITS

    def merged(self, other: Traits) -> Traits:
        """Those of both."""
        return replace(
            self,
            count=self.count + other.count,
            most=max(self.most, other.most),
            lone_empty=self.lone_empty + other.lone_empty,
            has_empty=self.has_empty or other.has_empty,
            is_long=self.is_long and other.is_long,
            whole=max(self.whole, other.whole),
            places=max(self.places, other.places),
            digits=max(self.digits, other.digits),
            has_zone=self.has_zone or other.has_zone,
            has_local=self.has_local or other.has_local,
            has_other_zone=self.has_other_zone or other.has_other_zone,
            fraction=max(self.fraction, other.fraction),
        )


def _note_text(traits: Traits, value: str) -> None:
    if not value:
        traits.has_empty = True


def _note_integer(traits: Traits, value: str) -> None:
    if len(value) > 18 and not -_MOST_LONG <= int(value) <= _MOST_LONG:
        traits.is_long = False


def _note_decimal(traits: Traits, value: str) -> None:
    whole, _, places = value.lstrip("+-").partition(".")
    whole, places = whole.lstrip("0"), places.rstrip("0")
    traits.whole = max(traits.whole, len(whole))
    traits.places = max(traits.places, len(places))
    traits.digits = max(traits.digits, len(f"{whole}{places}".strip("0")))


def _note_time(traits: Traits, value: str) -> None:
    zone = value[19:].lstrip(".0123456789") if "T" in value else value[10:]
    if zone:
        traits.has_zone = True
        traits.has_other_zone = traits.has_other_zone or zone != "Z"
    else:
        traits.has_local = True
    if "." in value:
        traits.fraction = max(traits.fraction, len(value.partition(".")[2].rstrip("Z").partition("+")[0]))


_NOTES: Mapping[Type, Callable[[Traits, str], None]] = {
    "text": _note_text,
    "other": _note_text,
    "integer": _note_integer,
    "decimal": _note_decimal,
    "date": _note_time,
    "moment": _note_time,
}
