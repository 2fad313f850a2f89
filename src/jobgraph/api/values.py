"""Values of Python as terms of the graph, and as choices of an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.analysis import Choices
from jobgraph.analysis.selection import RANGES
from jobgraph.api.entity import Entity
from jobgraph.errors import UsageError
from jobgraph.vocabulary import XSD

_NUMBERS = ("margin", "threshold", *RANGES)  # the choices that are decimals


def to_term(value: object) -> NamedNode | BlankNode | Literal:
    """A value of Python as a term of the graph.

    Raises
    ------
    UsageError : it is none that a graph can hold.

    >>> to_term(Decimal("7.10")).datatype.value
    'http://www.w3.org/2001/XMLSchema#decimal'
    """
    if isinstance(value, Entity):
        return NamedNode(value.iri)
    if isinstance(value, NamedNode | BlankNode | Literal):
        return value
    if isinstance(value, datetime | date):
        return Literal(
            value.isoformat(), datatype=NamedNode(f"{XSD}{'dateTime' if isinstance(value, datetime) else 'date'}")
        )
    if isinstance(value, Decimal) and value.is_finite():
        return Literal(f"{value:f}", datatype=NamedNode(XSD + "decimal"))
    if isinstance(value, str | bool | int | float):
        return Literal(value)
    raise UsageError(f"{value!r} is no value of a graph; give an entity, text, number, date or boolean.")


def to_choices(values: Mapping[str, object]) -> Choices:
    """What an analysis is asked with; None leaves a choice open.

    Raises
    ------
    UsageError : there is no such choice, or a number is none.

    >>> to_choices({"margin": 0.1, "by": None}).margin
    Decimal('0.1')
    """
    known = [field.name for field in fields(Choices)]
    if unknown := sorted(values.keys() - set(known)):
        near = get_close_matches(unknown[0], known, n=2)
        raise UsageError(f"There is no choice {unknown[0]}; did you mean {' or '.join(near or known)}?")
    given = {name: _choice(name, value) for name, value in values.items() if value is not None}
    return Choices(**given)  # type: ignore[arg-type]  # checked by name above, by the analysis itself in the end


def _choice(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return {_choice("entity", key): level for key, level in value.items()}
    if isinstance(value, Entity):
        return value.iri
    if name not in _NUMBERS:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise UsageError(f"{name} {value!r} is no number.") from None
