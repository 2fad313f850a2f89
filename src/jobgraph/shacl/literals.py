"""Literals as they were written, in a store that rewrites them, and the lexical forms that their datatypes allow.

An Oxigraph store keeps "300"^^xsd:byte as the integer 300 and "1.50"^^xsd:decimal as 1.5. Where shapes look at data
that came as a file, such a literal is kept under a datatype of its own, which leads back to what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import TypeVar

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from jobgraph.shacl.statements import RDF, XSD, Term

AS_WRITTEN = "urn:as-written:"
REWRITTEN = NamedNode("urn:as-rewritten")  # the graph that has the same data as the store likes it

# Datatypes that a store may rewrite; others it keeps as they are.
_REWRITTEN_FAMILIES = (XSD,)
_KEPT = {f"{XSD}string", f"{XSD}anyURI", f"{RDF}langString"}
_PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_AnyTerm = TypeVar("_AnyTerm", bound=Term)


def to_stored(term: _AnyTerm) -> _AnyTerm | Literal:
    """The term to store in place of one that the store would rewrite; any other as it is.

    >>> to_stored(Literal("1.50", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))).datatype.value
    'urn:as-written:http://www.w3.org/2001/XMLSchema#decimal'
    """
    if not isinstance(term, Literal) or term.language:
        return term
    datatype = term.datatype.value
    if datatype in _KEPT or not datatype.startswith(_REWRITTEN_FAMILIES):
        return term
    if datatype == f"{XSD}integer" and _PLAIN_INTEGER.fullmatch(term.value):
        return term
    return _stored(term.value, datatype)


def from_stored(term: _AnyTerm) -> _AnyTerm | Literal:
    """The term as it was written.

    >>> from_stored(to_stored(Literal("1.50", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal")))).value
    '1.50'
    """
    if isinstance(term, Literal) and term.datatype.value.startswith(AS_WRITTEN):
        return Literal(term.value, datatype=NamedNode(term.datatype.value.removeprefix(AS_WRITTEN)))
    return term


def is_well_formed(literal: Literal) -> bool:
    """Whether the text of a literal is one that its datatype has; datatypes that are not known take any text."""
    literal = from_stored(literal)
    test = _FORMS.get(literal.datatype.value.removeprefix(XSD))
    return test is None or test(literal.value.strip())


@lru_cache(maxsize=100_000)
def _stored(text: str, datatype: str) -> Literal:
    literal = Literal(text, datatype=NamedNode(datatype))
    store = Store()
    node = NamedNode("urn:x")
    store.add(Quad(node, node, literal, DefaultGraph()))
    kept = next(iter(store)).object
    return literal if kept == literal else Literal(text, datatype=NamedNode(f"{AS_WRITTEN}{datatype}"))


def _is_between(low: int | None, high: int | None, text: str) -> bool:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return False
    number = int(text)
    return (low is None or low <= number) and (high is None or number <= high)


def _has_form(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_moment(kind: type[date] | type[time], pattern: str, text: str) -> bool:
    if not re.fullmatch(pattern, text):
        return False
    bare = re.sub(r"(Z|[+-][0-9]{2}:[0-9]{2})$", "", text) if kind is date else text
    if len(bare.split("-", 1)[0]) > 4 or bare.startswith("-"):
        return True  # years beyond what Python knows
    try:
        kind.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", bare))
    except ValueError:
        return False
    return True


_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_DATE = r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_DECIMAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_FLOAT = rf"{_DECIMAL}([eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_DAYS = r"([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
_FORMS: Mapping[str, Callable[[str], bool]] = {
    "boolean": _has_form("true|false|0|1"),
    "decimal": _has_form(_DECIMAL),
    "float": _has_form(_FLOAT),
    "double": _has_form(_FLOAT),
    "date": partial(_is_moment, date, _DATE + _ZONE),
    "time": partial(_is_moment, time, _CLOCK + _ZONE),
    "dateTime": partial(_is_moment, datetime, f"{_DATE}T{_CLOCK}{_ZONE}"),
    "dateTimeStamp": partial(_is_moment, datetime, f"{_DATE}T{_CLOCK}{_ZONE.rstrip('?')}"),
    "gYear": _has_form(rf"-?[0-9]{{4,}}{_ZONE}"),
    "gYearMonth": _has_form(rf"-?[0-9]{{4,}}-(0[1-9]|1[0-2]){_ZONE}"),
    "duration": _has_form(rf"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?{_DAYS}"),
    "dayTimeDuration": _has_form(rf"-?P(?=[0-9T]){_DAYS}"),
    "yearMonthDuration": _has_form(r"-?P(?=[0-9])([0-9]+Y)?([0-9]+M)?"),
    "hexBinary": _has_form("([0-9a-fA-F]{2})*"),
    "integer": partial(_is_between, None, None),
    "nonNegativeInteger": partial(_is_between, 0, None),
    "positiveInteger": partial(_is_between, 1, None),
    "nonPositiveInteger": partial(_is_between, None, 0),
    "negativeInteger": partial(_is_between, None, -1),
    "byte": partial(_is_between, -(2**7), 2**7 - 1),
    "short": partial(_is_between, -(2**15), 2**15 - 1),
    "int": partial(_is_between, -(2**31), 2**31 - 1),
    "long": partial(_is_between, -(2**63), 2**63 - 1),
    "unsignedByte": partial(_is_between, 0, 2**8 - 1),
    "unsignedShort": partial(_is_between, 0, 2**16 - 1),
    "unsignedInt": partial(_is_between, 0, 2**32 - 1),
    "unsignedLong": partial(_is_between, 0, 2**64 - 1),
}
KNOWN_FORMS = {f"{XSD}{name}" for name in _FORMS}
