"""Answers of queries as polars tables whose columns have the types of their terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import polars as pl
from pyoxigraph import Literal, NamedNode

from jobgraph.store.query import Term
from jobgraph.vocabulary import XSD

TEXT = "text"
_DIGITS = 38  # of a decimal column

_INTEGERS = (
    "byte",
    "int",
    "integer",
    "long",
    "negativeInteger",
    "nonNegativeInteger",
    "nonPositiveInteger",
    "positiveInteger",
    "short",
    "unsignedByte",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
)
# The kind of value of each datatype; what is not here stays as text.
_KINDS: Mapping[str, str] = {
    **{f"{XSD}{name}": "integer" for name in _INTEGERS},
    f"{XSD}boolean": "boolean",
    f"{XSD}date": "date",
    f"{XSD}dateTime": "moment",
    f"{XSD}decimal": "decimal",
    f"{XSD}double": "float",
    f"{XSD}float": "float",
}
# What a column with several kinds of numbers holds.
_WIDER = {frozenset({"integer", "decimal"}): "decimal", frozenset({"integer", "float"}): "float"}
_READERS: Mapping[str, Callable[[str], object]] = {
    "boolean": lambda text: text in ("true", "1"),
    "date": date.fromisoformat,
    "decimal": Decimal,
    "float": float,
    "integer": int,
    "moment": datetime.fromisoformat,
    TEXT: str,
}


def to_table(columns: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> pl.DataFrame:
    """The rows of an answer as a table; all of it is held in memory.

    Whole numbers, decimals, floats, booleans, dates and moments have their types; IRIs and all else are text, and so
    is a column of several kinds. ASK gives one row, CONSTRUCT and DESCRIBE the columns of triples.
    """
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pl.DataFrame([to_series(name, column) for name, column in zip(columns, cells, strict=True)])


def to_series(name: str, terms: Sequence[Term | None]) -> pl.Series:
    """Terms as one column of the type that all of them have.

    >>> to_series("score", [Literal(7), Literal("12.5", datatype=NamedNode(XSD + "decimal")), None]).to_list()
    [Decimal('7.0'), Decimal('12.5'), None]
    """
    kind = _kind_of(terms)
    try:
        values = [None if term is None else _READERS[kind](to_text(term)) for term in terms]
        return pl.Series(name, values, dtype=_dtype(kind, values))
    except (
        TypeError,
        ValueError,
        OverflowError,
        pl.exceptions.PolarsError,
    ):  # a year of five digits, a number of forty
        return pl.Series(name, [None if term is None else to_text(term) for term in terms], dtype=pl.String)


def to_value(term: Term) -> object:
    """A term as a value of Python: a number, boolean, date, moment or text.

    >>> to_value(Literal("2025-01-31", datatype=NamedNode(XSD + "date")))
    datetime.date(2025, 1, 31)
    """
    kind = _kind_of([term])
    try:
        return _READERS[kind](to_text(term))
    except ValueError:
        return to_text(term)


def to_text(term: Term) -> str:
    """The text of a literal, the IRI of an entity; other terms as Turtle writes them."""
    return term.value if isinstance(term, Literal | NamedNode) else str(term)


def _kind_of(terms: Iterable[Term | None]) -> str:
    kinds = frozenset(
        _KINDS.get(term.datatype.value, TEXT) if isinstance(term, Literal) else TEXT
        for term in terms
        if term is not None
    )
    return next(iter(kinds)) if len(kinds) == 1 else _WIDER.get(kinds, TEXT)


def _dtype(kind: str, values: Sequence[object]) -> pl.DataType:
    if kind == "decimal":
        return pl.Decimal(_DIGITS, max((_places(v) for v in values if isinstance(v, Decimal)), default=0))
    if kind == "moment":
        zones = {value.tzinfo is not None for value in values if isinstance(value, datetime)}
        if len(zones) > 1:
            raise ValueError("Moments with and without a time zone cannot stand in one column.")
        return pl.Datetime("us", "UTC" if zones == {True} else None)
    return {
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "float": pl.Float64(),
        "integer": pl.Int64(),
        TEXT: pl.String(),
    }[kind]


def _places(number: Decimal) -> int:
    """The decimal places, without zeros at the end."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
