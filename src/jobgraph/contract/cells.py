"""What a cell must look like to be stated as its datatype, and its canonical text: SQL over one text cell.

Each datatype has `quick` (a cheap test that only valid cells pass, most of them canonical), `valid` (true for a
cell that can be stated), `plain` (true for a valid cell that already is canonical) and `canonical` (the text to state).
All hold for non-null cells; lists apply them to their elements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jobgraph.contract import times
from jobgraph.contract.sql import text, texts
from jobgraph.errors import InputError
from jobgraph.vocabulary import RDF, XSD, Column, Scheme

Expression = Callable[[str], str]

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


def _never(_: str) -> str:
    return "false"


def _same(cell: str) -> str:
    return cell


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

RULES: Mapping[str, CellRule] = {
    XSD + "string": CellRule("xsd:string", _always, _always, _always, _same),
    XSD + "integer": CellRule("xsd:integer", _INTEGER, _INTEGER, _always, _same),
    XSD + "decimal": CellRule("xsd:decimal", _DECIMAL, _DECIMAL, _always, _same),
    XSD + "boolean": CellRule("xsd:boolean", _is_boolean_word, _is_boolean, _is_boolean_word, _canonical_boolean),
    XSD + "date": CellRule("xsd:date", times.quick_date, times.is_date, _always, _same),
    XSD + "dateTime": CellRule(
        "xsd:dateTime", times.quick_date_time, times.is_date_time, times.is_plain_date_time, times.canonical_time
    ),
    XSD + "time": CellRule("xsd:time", times.is_plain_time, times.is_time, times.is_plain_time, times.canonical_time),
    RDF + "JSON": CellRule("JSON value", _is_json, _is_json, _is_empty_json, _canonical_json_sql),
}
# What makes a Postgres array literal more than a list to split: quotes, escapes, spaces, nesting, NULL, empty elements.
_NOT_SIMPLE = r'["\\\s\x0B]|[{,][,}]|[{,](?i:null)[,}]|.\{|\}.|[^}]$'


def rule_of(column: Column) -> CellRule:
    """How a column reads its cells; keys and codes are text.

    Raises
    ------
    InputError : the shapes give the column a datatype that cells cannot be read as.
    """
    if column.kind == "literal" and column.datatype not in RULES:
        known = ", ".join(RULES)
        raise InputError(f"The column {column.name} has the datatype {column.datatype}; use one of {known}.")
    return RULES[column.datatype if column.kind == "literal" else XSD + "string"]


def elements(cell: str) -> str:
    """The elements of a list cell, a Postgres array literal or a JSON array, as VARCHAR[]; NULL if it is broken."""
    inside = f"substr({cell}, 2, length({cell}) - 2)"
    return f"CASE WHEN {_is_simple_list(cell)} THEN string_split({inside}, ',') ELSE array_elements({cell}) END"


def _is_simple_list(cell: str) -> str:
    return f"(starts_with({cell}, '{{') AND NOT regexp_matches({cell}, {text(_NOT_SIMPLE)}))"


def quick_test(column: Column, scheme: Scheme | None) -> tuple[str, Expression]:
    """A cheap test that only canonical cells pass, with a name that equal tests share; an empty name needs none."""
    if column.repeated:
        plain = not scheme and rule_of(column).valid is _always
        return (
            ("list", lambda cell: f"({_is_simple_list(cell)} OR {elements(cell)} IS NOT NULL)")
            if plain
            else ("doubtful list", _never)
        )
    if scheme:
        return scheme.iri, (lambda cell: f"{cell} IN ({texts(scheme.plain)})") if scheme.plain else _never
    quick = rule_of(column).quick
    return ("", _always) if quick is _always else (column.datatype, quick)


def is_valid(column: Column, cell: str) -> str:
    """True where a non-null cell can be stated as what its column holds."""
    rule = rule_of(column)
    if not column.repeated:
        return rule.valid(cell)
    values = elements(cell)
    if rule.valid is _always:
        return f"({values} IS NOT NULL)"
    all_valid = f"coalesce(list_bool_and(list_transform({values}, lambda e: {rule.valid('e')})), true)"
    return f"({values} IS NOT NULL AND {all_valid})"


def is_plain(column: Column, scheme: Scheme | None, cell: str) -> str:
    """True where a non-null cell needs no rewriting."""
    if column.repeated:
        return "false"
    if scheme:
        return f"{cell} NOT IN ({texts(scheme.others)})" if scheme.others else "true"
    return rule_of(column).plain(cell)


def canonical(column: Column, cell: str) -> str:
    """The canonical text of a valid cell, or of an element of a list; codes are not rewritten here."""
    return rule_of(column).canonical(cell)
