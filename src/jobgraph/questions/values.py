"""The values of a question's parameters, checked and turned into the RDF terms that stand for its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from pyoxigraph import Literal, NamedNode, Store

from jobgraph.errors import UsageError
from jobgraph.questions.entities import Naming
from jobgraph.questions.parameters import Parameter, Question
from jobgraph.store import GraphNames
from jobgraph.vocabulary import XSD

_LONGEST = 30  # characters of a number; more would say nothing and cost time


@dataclass(frozen=True)
class Values:
    """The terms of the variables that have a value, and how many rows are wanted; None for all."""

    terms: Mapping[str, NamedNode | Literal] = field(default_factory=dict)
    limit: int | None = None


def bind_values(store: Store, graphs: GraphNames, question: Question, values: Mapping[str, object]) -> Values:
    """The values of a question's parameters, the defaults for those not given.

    Raises
    ------
    UsageError : a parameter is unknown or lacks its value, or a value does not fit.
    """
    given = {_known(question, name): value for name, value in values.items() if value is not None}
    merged = Naming(store, graphs.present(store))
    codes = Naming(store, [NamedNode(graphs.ontology)])
    terms: dict[str, NamedNode | Literal] = {}
    limit = None
    for parameter in question.parameters:
        text = _text(question, parameter, given)
        if text is None:
            continue
        if parameter.kind == "limit":
            limit = int(_number(parameter, text))
        else:
            terms[parameter.name] = _term(parameter, text, merged, codes)
    return Values(terms, limit)


def _known(question: Question, name: str) -> str:
    """The parameter's own name; underscores and dashes stand for capitals."""
    plain = name.replace("-", "").replace("_", "").lower()
    names = {parameter.name.lower(): parameter.name for parameter in question.parameters}
    if plain in names:
        return names[plain]
    near = [names[key] for key in get_close_matches(plain, names, n=2)]
    known = f"it takes {', '.join(names.values())}" if names else "it takes none"
    hint = f"did you mean {' or '.join(near)}?" if near else f"{known}."
    raise UsageError(f"The question {question.name} has no parameter {name}; {hint}")


def _text(question: Question, parameter: Parameter, given: Mapping[str, object]) -> str | None:
    value = given.get(parameter.name, parameter.default)
    text = value.value if isinstance(value, NamedNode | Literal) else "" if value is None else str(value).strip()
    if parameter.name in given and not text:
        raise UsageError(f"{parameter.name} is empty; give {parameter.wants}.")
    if not text and parameter.is_required:
        raise UsageError(f"The question {question.name} needs {parameter.name}: {parameter.wants}.")
    return text or None


def _term(parameter: Parameter, text: str, merged: Naming, codes: Naming) -> NamedNode | Literal:
    if parameter.kind == "entity":
        is_scheme = parameter.target.endswith("/ScoreScheme")  # part of the ontology, like codes
        return (codes if is_scheme else merged).entity(parameter.target, text)
    if parameter.kind == "code":
        return codes.code(parameter.target, text)
    return Literal(f"{_number(parameter, text):f}", datatype=NamedNode(XSD + parameter.kind))


def _number(parameter: Parameter, text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= _LONGEST else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    number = number if abs(number.adjusted()) <= _LONGEST else Decimal("NaN")  # written out, it would fill the memory
    is_whole = parameter.kind == "decimal" or number == number.to_integral_value()
    if not number.is_finite() or not is_whole or number < parameter.lowest or number > (parameter.highest or number):
        raise UsageError(f"{parameter.name} {text[:_LONGEST]!r} does not fit; give {parameter.wants}.")
    return number
