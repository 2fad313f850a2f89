"""What a cell must look like to be stated as its datatype, and its canonical text: SQL over one text cell.

Each datatype has `quick` (a cheap test that only canonical cells pass, though not all of them), `valid` (true for a
cell that can be stated), `plain` (true when the cell already is canonical) and `canonical` (the text to state). All
hold for non-null cells; lists apply them to their elements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import duckdb

from jobgraph.contract.sql import text, texts
from jobgraph.vocabulary import RDF, XSD, Column, Scheme

Expression = Callable[[str], str]

_SECONDS = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})"
_LOOSE_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_LOOSE_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
_TRUE = "('t', 'true', '1', 'yes', 'y', 'on')"
_FALSE = "('f', 'false', '0', 'no', 'n', 'off')"


@dataclass(frozen=True)
class CellRule:
    """How one datatype reads its cells; `words` names the datatype in messages."""

    words: str
    quick: Expression
    valid: Expression
    plain: Expression
    canonical: Expression


def _matches(pattern: str) -> Expression:
    return lambda cell: f"regexp_full_match({cell}, {text(pattern)})"


def _always(_: str) -> str:
    return "true"


def _same(cell: str) -> str:
    return cell


def _date(cell: str) -> str:
    return f"({_matches('[0-9]{4}-[0-9]{2}-[0-9]{2}')(cell)} AND try_cast({cell} AS DATE) IS NOT NULL)"


def _date_time(cell: str) -> str:
    shape = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_LOOSE_TIME}({_LOOSE_ZONE})?"
    return f"({_matches(shape)(cell)} AND try_cast({cell}[1:19] AS TIMESTAMP) IS NOT NULL)"


def _time(cell: str) -> str:
    return f"({_matches(f'{_LOOSE_TIME}({_LOOSE_ZONE})?')(cell)} AND try_cast({cell}[1:8] AS TIME) IS NOT NULL)"


def _canonical_time(cell: str) -> str:
    """Seconds always, a zone with a colon, Z for zero, T between date and time."""
    steps = (
        (" ", "T"),
        (r"(^|T)([0-9]{2}:[0-9]{2})($|Z|[+-])", r"\1\2:00\3"),
        (r"[+-]00(:?00)?$", "Z"),
        (r"([+-][0-9]{2})$", r"\1:00"),
        (r"([+-][0-9]{2})([0-9]{2})$", r"\1:\2"),
    )
    for pattern, replacement in steps:
        cell = f"regexp_replace({cell}, {text(pattern)}, {text(replacement)})"
    return cell


def _quick_date_time(cell: str) -> str:
    return f"strftime(try_cast({cell} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ') = {cell}"


def _is_boolean_word(cell: str) -> str:
    return f"{cell} IN ('true', 'false')"


def _is_boolean(cell: str) -> str:
    return f"(lower({cell}) IN {_TRUE} OR lower({cell}) IN {_FALSE})"


def _canonical_boolean(cell: str) -> str:
    return f"CASE WHEN lower({cell}) IN {_TRUE} THEN 'true' ELSE 'false' END"


def _is_empty_json(cell: str) -> str:
    return f"{cell} IN ('{{}}', '[]')"


def _is_json(cell: str) -> str:
    return f"({_is_empty_json(cell)} OR canonical_json({cell}) IS NOT NULL)"


def _canonical_json_sql(cell: str) -> str:
    return f"canonical_json({cell})"


_INTEGER = _matches("[+-]?[0-9]+")
_DECIMAL = _matches(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_PLAIN_TIME = _matches(f"{_SECONDS}({_ZONE})?")
_PLAIN_DATE_TIME = _matches(f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_SECONDS}({_ZONE})?")

RULES: Mapping[str, CellRule] = {
    XSD + "string": CellRule("xsd:string", _always, _always, _always, _same),
    XSD + "integer": CellRule("xsd:integer", _INTEGER, _INTEGER, _always, _same),
    XSD + "decimal": CellRule("xsd:decimal", _DECIMAL, _DECIMAL, _always, _same),
    XSD + "boolean": CellRule("xsd:boolean", _is_boolean_word, _is_boolean, _is_boolean_word, _canonical_boolean),
    XSD + "date": CellRule("xsd:date", _date, _date, _always, _same),
    XSD + "dateTime": CellRule("xsd:dateTime", _quick_date_time, _date_time, _PLAIN_DATE_TIME, _canonical_time),
    XSD + "time": CellRule("xsd:time", _time, _time, _PLAIN_TIME, _canonical_time),
    RDF + "JSON": CellRule("JSON value", _is_empty_json, _is_json, _is_empty_json, _canonical_json_sql),
}
_SIMPLE_LIST = r"\{\}|\{([^\s\"\\{},]([^\"\\{},]*[^\s\"\\{},])?,)*[^\s\"\\{},]([^\"\\{},]*[^\s\"\\{},])?\}"


def is_simple_list(cell: str) -> str:
    """True for a Postgres array literal without quotes, escapes, nesting or outer spaces."""
    return f"(regexp_full_match({cell}, {text(_SIMPLE_LIST)}) AND NOT regexp_matches({cell}, '(?i)[{{,]null[,}}]'))"


def simple_elements(cell: str) -> str:
    """The elements of a simple list as VARCHAR[]."""
    return f"string_split(nullif({cell}, '{{}}')[2:-2], ',')"


def elements(cell: str) -> str:
    """The elements of a list cell, a Postgres array literal or a JSON array, as VARCHAR[]; NULL if it is broken."""
    return f"CASE WHEN {is_simple_list(cell)} AND {cell} <> '{{}}' THEN {simple_elements(cell)} ELSE array_elements({cell}) END"


def quick_test(column: Column, scheme: Scheme | None) -> tuple[str, Expression]:
    """A cheap test that only canonical cells pass, with a name that equal tests share; an empty name needs none."""
    if column.repeated:
        return "list", is_simple_list
    if scheme:
        return scheme.iri, lambda cell: f"{cell} IN ({texts(scheme.notations)})"
    if column.kind == "link" or column.datatype == XSD + "string":
        return "", _always
    return column.datatype, RULES[column.datatype].quick


def is_valid(column: Column, cell: str) -> str:
    """True where a non-null cell can be stated as what its column holds."""
    if column.kind != "literal":
        return f"({elements(cell)} IS NOT NULL)" if column.repeated else "true"
    rule = RULES[column.datatype]
    if not column.repeated:
        return rule.valid(cell)
    values = elements(cell)
    all_valid = f"coalesce(list_bool_and(list_transform({values}, lambda e: {rule.valid('e')})), true)"
    return f"({values} IS NOT NULL" + (")" if rule.valid is _always else f" AND {all_valid})")


def is_plain(column: Column, scheme: Scheme | None, cell: str) -> str:
    """True where a non-null cell needs no rewriting."""
    if column.repeated:
        return "false"
    if scheme:
        return f"{cell} NOT IN ({texts(scheme.spellings)})" if scheme.spellings else "true"
    return RULES[column.datatype].plain(cell) if column.kind == "literal" else "true"


def canonical(column: Column, cell: str) -> str:
    """The canonical text of a valid cell, lists as VARCHAR[]; codes are not rewritten here."""
    rule = RULES[column.datatype] if column.kind == "literal" else RULES[XSD + "string"]
    if not column.repeated:
        return rule.canonical(cell)
    values = elements(cell)
    changed = values if rule.canonical is _same else f"list_transform({values}, lambda e: {rule.canonical('e')})"
    return f"nullif({changed}, [])"


def canonical_json(value: str) -> str | None:
    """The one text of a JSON value: sorted keys, no spaces, numbers in full digits; None if it is not JSON.

    >>> canonical_json('{"b": 1.50, "a": [1e2, "x"]}')
    '{"a":[100,"x"],"b":1.5}'
    """
    try:
        parsed = json.loads(value, parse_float=Decimal, parse_constant=_refuse_constant)
        return _json_text(parsed)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)


def _json_text(value: object) -> str:
    if isinstance(value, Mapping):
        inside = ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_json_text(value[k])}" for k in sorted(value))
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    if isinstance(value, Decimal):
        return _number_text(value)
    return json.dumps(value, ensure_ascii=False)


def _number_text(value: Decimal) -> str:
    """Full digits up to 400 places, beyond that the exponent as it is."""
    normal = value.normalize()
    if abs(normal.adjusted()) > 400:
        return str(normal)
    return format(normal, "f") if normal else "0"


_ELEMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",{}\\\s](?:[^",{}\\]|\\.)*))\s*(,|$)', re.DOTALL)


def array_elements(value: str) -> list[str] | None:
    r"""The elements of a Postgres array literal or a JSON array of scalars; None if it is broken. NULLs are left out.

    >>> array_elements('{a,"b, \\"c\\"",NULL}')
    ['a', 'b, "c"']
    """
    stripped = value.strip()
    if stripped.startswith("["):
        return _json_elements(stripped)
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return None
    inner, position, found = stripped[1:-1], 0, []
    if not inner.strip():
        return []
    while True:
        match = _ELEMENT.match(inner, position)
        if not match:
            return None
        quoted, bare, comma = match.groups()
        if quoted is not None or bare.strip().upper() != "NULL":
            found.append(re.sub(r"\\(.)", r"\1", quoted if quoted is not None else bare.rstrip(), flags=re.DOTALL))
        position = match.end()
        if not comma:
            return found


def _json_elements(value: str) -> list[str] | None:
    try:
        parsed = json.loads(value, parse_float=Decimal, parse_constant=_refuse_constant)
        if not isinstance(parsed, list):
            return None
        return [e if isinstance(e, str) else _json_text(e) for e in parsed if e is not None]
    except (ValueError, RecursionError):
        return None


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `canonical_json` and `array_elements` callable from SQL; NULL gives NULL."""
    for function, result in ((canonical_json, "VARCHAR"), (array_elements, "VARCHAR[]")):
        connection.create_function(
            function.__name__,
            _null_safe(function),
            ["VARCHAR"],
            result,
            null_handling="special",  # type: ignore[list-item, arg-type]
        )


def _null_safe(function: Callable[[str], object]) -> Callable[[str | None], object]:
    cached = lru_cache(maxsize=65_536)(function)
    return lambda value: None if value is None else cached(value)
