"""The message of a result: that of its constraint or shape with its variables filled in, or one of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.shacl.model import Constraint, Shape
from jobgraph.shacl.statements import SH, Term

_MESSAGE_VARIABLE = re.compile(r"\{[?$](\w+)\}")


def message_of(shape: Shape, constraint: Constraint, found: Mapping[str, Term]) -> str:
    """What a result says that found these values of the variables of a query."""
    sparql = constraint.sparql
    messages = (sparql.messages if sparql is not None else ()) or shape.messages
    if not messages:
        return _describe(constraint)
    given = sparql.parameters if sparql is not None else {}
    values = {**found, **{name: term for name, term in given.items() if term is not None}}
    return _filled(min(messages, key=_language_rank).value, values)


def _describe(constraint: Constraint) -> str:
    name = constraint.component.removeprefix(SH).removesuffix("ConstraintComponent")
    parameter = f"sh:{name[:1].lower()}{name[1:]}" if constraint.component.startswith(SH) else constraint.component
    terms = " ".join(str(term) for term in (*constraint.terms, *constraint.shapes))
    return f"The constraint {parameter} {terms}".rstrip() + " does not hold."


def _language_rank(message: Literal) -> int:
    """English first, then what has no language, then others."""
    language = message.language or ""
    return 0 if language.startswith("en") else 1 if not language else 2


def _filled(message: str, values: Mapping[str, Term]) -> str:
    """The message with values in place of `{?variable}` and `{$variable}`, where there is one.

    >>> _filled("{?value} is not {$limit}.", {"value": Literal(11)})
    '11 is not {$limit}.'
    """
    return _MESSAGE_VARIABLE.sub(lambda match: _shown(values.get(match[1]), match[0]), message)


def _shown(value: Term | None, otherwise: str) -> str:
    if value is None:
        return otherwise
    return value.value if isinstance(value, NamedNode | Literal | BlankNode) else str(value)
