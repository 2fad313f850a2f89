"""Cells that hold more than one value, lists and JSON: read in Python, in functions that SQL can call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from functools import lru_cache

import duckdb
from duckdb.func import FunctionNullHandling

_PLACES = 400
_MAX_DEPTH = 200
_CACHED_LENGTH = 500  # characters; longer cells seldom come again, and would fill the memory
_CACHED_CELLS = 32_768

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSAYABLE = re.compile("[\0\ud800-\udfff]")  # what no text of a graph can hold
_SPACES = " \t\n\r\v\f"
_LOWER_BOUND = re.compile(r"^\[[+-]?[0-9]+:[+-]?[0-9]+\]=(?=\{)")  # before an array that does not count from 1
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# An element, quoted or bare, and the comma behind it. Possessive throughout: a broken list of megabytes fails at once.
_ELEMENT = re.compile(
    r"""\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|((?:[^",{}\\\s]++|\\.)++(?:\s++(?:[^",{}\\\s]++|\\.)++)*+))\s*+(,|\Z)""",
    re.ASCII | re.DOTALL,
)


def canonical_json(value: str) -> str | None:
    """The one text of a JSON value: sorted keys, no spaces, numbers in full digits; None if it is not JSON.

    Of equal keys in an object the last one counts. Values inside more than 200 others are not read.

    >>> canonical_json('{"b": 1.50, "a": [1e2, "x"]}')
    '{"a":[100,"x"],"b":1.5}'
    """
    try:
        return _json_text(_parse_json(value), 0)
    except ValueError:
        return None


def _parse_json(value: str) -> object:
    try:
        return json.loads(value, parse_int=_parse_integer, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(error) from error


def _parse_integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _PLACES else Decimal(digits)  # int() refuses thousands of digits


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)


def _json_text(value: object, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, Mapping):
        inside = ",".join(f"{_json_string(key)}:{_json_text(value[key], depth + 1)}" for key in sorted(value))
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json_text(item, depth + 1) for item in value) + "]"
    if isinstance(value, Decimal):
        return _number_text(value)
    return _json_string(value) if isinstance(value, str) else json.dumps(value)


def _json_string(value: str) -> str:
    """Letters as they are, but for halves of surrogate pairs, which no text can hold."""
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(value, ensure_ascii=False))


def _number_text(value: Decimal) -> str:
    """Full digits up to 400 places, beyond that with an exponent; nothing is rounded."""
    exact = Context(prec=max(1, len(value.as_tuple().digits)), Emax=MAX_EMAX, Emin=MIN_EMIN)
    normal = value.normalize(exact)
    if abs(normal.adjusted()) > _PLACES:
        return str(normal)
    return format(normal, "f") if normal else "0"


def array_elements(value: str) -> list[str] | None:
    r"""The elements of a Postgres array literal or a JSON array of scalars; None if it is broken. NULLs are left out.

    >>> array_elements('{a,"b, \\"c\\"",NULL}')
    ['a', 'b, "c"']
    """
    stripped = _LOWER_BOUND.sub("", value.strip(_SPACES))
    if stripped.startswith("["):
        return _json_elements(stripped)
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return None
    inner, position, comma, found = stripped[1:-1], 0, False, []
    if not inner.strip(_SPACES):
        return []
    while position < len(inner) or comma:
        match = _ELEMENT.match(inner, position)
        if not match:
            return None
        quoted, bare, comma = match[1], match[2], bool(match[3])
        if quoted is not None or bare.upper() != "NULL":
            found.append(_ESCAPED.sub(r"\1", bare if quoted is None else quoted))
        position = match.end()
    return found


def _json_elements(value: str) -> list[str] | None:
    try:
        parsed = _parse_json(value)
    except ValueError:
        return None
    if not isinstance(parsed, list) or any(isinstance(item, list | dict) for item in parsed):
        return None
    found = [item if isinstance(item, str) else _json_text(item, 0) for item in parsed if item is not None]
    return None if any(map(_UNSAYABLE.search, found)) else found


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `canonical_json` and `array_elements` callable from SQL; NULL gives NULL."""
    for function, result in ((canonical_json, "VARCHAR"), (array_elements, "VARCHAR[]")):
        connection.create_function(
            function.__name__,
            _NullSafe(function),
            ["VARCHAR"],
            result,
            null_handling=FunctionNullHandling.SPECIAL,
        )


class _NullSafe:
    """A function that gives NULL for NULL; short values often come again and are remembered.

    Long ones would fill the memory. It can be sent to another process, where it remembers anew.
    """

    def __init__(self, function: Callable[[str], object]) -> None:
        self._function = function
        self._cached = lru_cache(maxsize=_CACHED_CELLS)(function)

    def __call__(self, value: str | None) -> object:
        if value is None:
            return None
        return self._cached(value) if len(value) <= _CACHED_LENGTH else self._function(value)

    def __reduce__(self) -> tuple[type[_NullSafe], tuple[Callable[[str], object]]]:
        return _NullSafe, (self._function,)
