from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobgraph.contract.cells import (
    RULES,
    elements,
    is_plain,
    is_valid,
    quick_test,
    rule_of,
)
from jobgraph.contract.nested import array_elements
from jobgraph.errors import InputError
from jobgraph.vocabulary import RDF, XSD, Column, Scheme

Evaluate = Callable[[Callable[[str], str], str], Any]

# By datatype: cells that are canonical, cells and their canonical text, cells that cannot be stated.
CANONICAL = {
    "string": ["", " ", "a", "NULL", "{}", "it's", "é", "line\nline", "\t", "%", "a" * 10_000],
    "integer": ["0", "7", "+7", "-7", "007", "-0", "9" * 400],
    "decimal": ["7", "7.5", "7.50", "7.", ".5", "+.5", "-0.0", "0" * 60 + "5", "1" + "0" * 400, "0." + "1" * 60],
    "boolean": ["true", "false"],
    "date": ["2025-02-28", "2024-02-29", "0001-01-01", "9999-12-31", "2025-01-01Z", "2025-01-01+02:00"],
    "dateTime": [
        "2025-01-01T10:00:00Z",
        "2025-01-01T10:00:00",
        "2025-01-01T10:00:00.500-14:00",
        "2025-01-01T24:00:00Z",
    ],
    "time": ["10:00:00", "10:00:00Z", "23:59:59.999999999999", "10:00:00-00:30", "24:00:00", "24:00:00.00"],
    "JSON": ["{}", "[]", '{"a":1}', '"a"', "1.5", "null", "true", '{"a":[{"b":"é"}]}'],
}
REWRITTEN = {
    "boolean": [
        *((word, "true") for word in ("t", "TRUE", "1", "Yes", "y", "on")),
        *((word, "false") for word in ("f", "False", "0", "NO", "n", "off")),
    ],
    "dateTime": [
        ("2025-01-01 10:00:00", "2025-01-01T10:00:00"),
        ("2025-01-01T10:00", "2025-01-01T10:00:00"),
        ("2025-01-01 10:00Z", "2025-01-01T10:00:00Z"),
        ("2025-01-01T10:00+02:00", "2025-01-01T10:00:00+02:00"),
        ("2025-01-01T10:00:00+00:00", "2025-01-01T10:00:00Z"),
        ("2025-01-01T10:00:00-0000", "2025-01-01T10:00:00Z"),
        ("2025-01-01 10:00:00.123456+00", "2025-01-01T10:00:00.123456Z"),
        ("2025-01-01 10:00:00-05", "2025-01-01T10:00:00-05:00"),
        ("2025-01-01 10:00:00+0530", "2025-01-01T10:00:00+05:30"),
        ("2025-12-10 24:00", "2025-12-10T24:00:00"),
    ],
    "time": [
        ("10:00", "10:00:00"),
        ("10:00Z", "10:00:00Z"),
        ("10:00:00+00", "10:00:00Z"),
        ("10:00:00+02", "10:00:00+02:00"),
        ("10:00-0230", "10:00:00-02:30"),
        ("24:00", "24:00:00"),
    ],
    "JSON": [('{ "b" : 1, "a" : 2 }', '{"a":2,"b":1}'), ("1e2", "100"), (" [1.50] ", "[1.5]"), ('"\\u00e9"', '"é"')],
}
REFUSED = {
    "integer": ["", " 7", "7 ", "7.0", "7,5", "1e3", "0x10", "\uff11", "--7", "NaN", "7\n"],
    "decimal": ["", "7,5", "1e3", "1e400", "NaN", "INF", ".", "+", "1.2.3", "7 %", "$7", "7.5\n"],
    "boolean": ["maybe", "2", "truee", " true", "ja", "\uff34"],
    "date": [
        "2025-02-30",
        "2025-2-3",
        "03/02/2025",
        "2025-13-01",
        "20250101",
        "2025-01-01T00:00:00",
        "infinity",
        "2025-01-01+15:00",
        "2025-01-01+2",
        "2025-00-01",
        "12025-01-01",
        "-0001-01-01",
    ],
    "dateTime": [
        "2025-02-30T10:00:00",
        "2025-01-01",
        "2025-01-01T10",
        "2025-01-01T25:00",
        "2025-01-01T10:60",
        "2025-01-01T10:00:60",
        "2025-01-01T24:00:01",
        "2025-01-01T10:00:00+15:00",
        "2025-01-01T10:00:00+14:30",
        "2025-01-01T10:00:00+99:99",
        "2025-01-01t10:00:00z",
        "2025-01-01T10:00:00 UTC",
        "2025-01-01  10:00",
        "2025-01-01T10:00:00.",
        "now",
        "2025-01-01T10:00:00+02:60",
        "0044-03-15 10:00:00 BC",
        "2025-01-01 10:00:00+00:19:32",
    ],
    "time": [
        "10",
        "25:00",
        "10:60",
        "10:00:60",
        "24:00:01",
        "24:01",
        "10:00 PM",
        "10:00:00+24",
        "T10:00:00",
        "10:00+2",
    ],
    "JSON": ["", "{", "{'a':1}", "NaN", "[1,]", '{"a":Infinity}', "a", '{"a":1}}', "\ufeff{}", "[" * 300 + "]" * 300],
}

# The lexical forms that https://www.w3.org/TR/xmlschema11-2/ gives.
_DAY = "-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|(24:00:00(\.0+)?))"
_ZONE = r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
LEXICAL = {
    "integer": r"[\-+]?[0-9]+",
    "decimal": r"(\+|-)?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
    "boolean": "true|false",
    "date": _DAY + _ZONE,
    "dateTime": f"{_DAY}T{_CLOCK}{_ZONE}",
    "time": _CLOCK + _ZONE,
}
# Cells that are nearly right, or right.
_NEAR_CLOCK = r"[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{0,3})?)?(Z|[+-][01][0-9](:?[0-6][0-9])?)?"
NEAR_MISSES = {
    "number": r"[+-]?[0-9]{0,3}[.,]?[0-9]{0,3}(e[0-9])?",
    "boolean": "(?i)(t(rue)?|f(alse)?|yes|no?|on|off|[01y])",
    "time": f"(20[0-2][0-9]-[01][0-9]-[0-3][0-9][T ]?)?({_NEAR_CLOCK})?",
}
SCHEME = Scheme(
    "https://example.org/colour",
    {"red": "https://example.org/colour/red", "blue": "https://elsewhere.example/blue"},
    {"Red": "https://example.org/colour/red"},
)


def datatype(short: str) -> str:
    return (RDF if short == "JSON" else XSD) + short


def cases(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(datatype(d), cell, id=f"{d}_{n}") for d, cells in table.items() for n, cell in enumerate(cells)
    ]


def test_every_datatype_has_a_table_of_cases() -> None:
    assert {datatype(short) for short in CANONICAL} == set(RULES)


@pytest.mark.parametrize(("datatype", "cell"), cases(CANONICAL))
def test_canonical_cell_is_stated_as_it_is(evaluate: Evaluate, datatype: str, cell: str) -> None:
    rule = RULES[datatype]
    assert evaluate(lambda c: f"[{rule.valid(c)}, {rule.plain(c)} OR {rule.canonical(c)} = {c}]", cell) == [True, True]


@pytest.mark.parametrize(("datatype", "cells"), cases(REWRITTEN))
def test_loose_cell_is_rewritten(evaluate: Evaluate, datatype: str, cells: tuple[str, str]) -> None:
    cell, expected = cells
    rule = RULES[datatype]
    assert evaluate(lambda c: f"[{rule.valid(c)}, {rule.plain(c)}]", cell) == [True, False]
    assert evaluate(rule.canonical, cell) == expected


@pytest.mark.parametrize(("datatype", "cell"), cases(REFUSED))
def test_cell_that_does_not_parse_is_refused(evaluate: Evaluate, datatype: str, cell: str) -> None:
    assert evaluate(RULES[datatype].valid, cell) is False


@pytest.mark.parametrize(("datatype", "cell"), cases(REFUSED))
def test_quick_test_refuses_what_does_not_parse(evaluate: Evaluate, datatype: str, cell: str) -> None:
    assert evaluate(RULES[datatype].quick, cell) is not True


@pytest.mark.parametrize(
    ("datatype", "cell"), [*cases(CANONICAL), *cases({d: [c for c, _ in pairs] for d, pairs in REWRITTEN.items()})]
)
def test_canonical_text_is_valid_and_stays(evaluate: Evaluate, datatype: str, cell: str) -> None:
    rule = RULES[datatype]
    text = evaluate(rule.canonical, cell)
    assert evaluate(rule.valid, text) is True
    assert evaluate(rule.canonical, text) == text


@settings(max_examples=40)
@given(cell=st.one_of(*(st.from_regex(pattern, fullmatch=True) for pattern in NEAR_MISSES.values())))
@pytest.mark.parametrize("short", LEXICAL)
def test_whatever_is_stated_fits_the_pattern_of_its_datatype(evaluate: Evaluate, short: str, cell: str) -> None:
    rule = RULES[datatype(short)]
    if evaluate(rule.valid, cell):
        text = evaluate(lambda c: f"CASE WHEN {rule.plain(c)} THEN {c} ELSE {rule.canonical(c)} END", cell)
        assert re.fullmatch(LEXICAL[short], text)


@settings(max_examples=40)
@given(cell=st.one_of(*(st.from_regex(pattern, fullmatch=True) for pattern in NEAR_MISSES.values())))
@pytest.mark.parametrize("datatype", sorted(set(RULES) - {RDF + "JSON", XSD + "string"}))
def test_shortcuts_change_nothing(evaluate: Evaluate, datatype: str, cell: str) -> None:
    rule = RULES[datatype]
    valid, plain, quick, text = evaluate(
        lambda c: f"{{'v': {rule.valid(c)}, 'p': {rule.plain(c)}, 'q': {rule.quick(c)}, 'c': {rule.canonical(c)}}}",
        cell,
    ).values()
    assert not quick or (valid and plain)
    assert not (valid and plain) or text == cell


@given(
    moment=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    minutes=st.none() | st.integers(-14 * 60, 14 * 60),
    gap=st.sampled_from("T "),
    colon=st.sampled_from([":", ""]),
)
def test_rewritten_moment_is_the_same_moment(
    evaluate: Evaluate, moment: datetime, minutes: int | None, gap: str, colon: str
) -> None:
    zone = (
        "" if minutes is None else f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"
    )
    text = evaluate(RULES[XSD + "dateTime"].canonical, moment.isoformat(gap) + zone)
    offset = None if minutes is None else timezone(timedelta(minutes=minutes))
    assert datetime.fromisoformat(text) == moment.replace(tzinfo=offset)


@given(cell=st.text(st.sampled_from('{}[]",\\ aNULnul1\n\v\u00a0é'), max_size=12))
def test_elements_in_sql_are_those_in_python(evaluate: Evaluate, cell: str) -> None:
    assert evaluate(elements, cell) == array_elements(cell)


def column(short: str = "string", **options: Any) -> Column:
    return Column("c", "https://example.org/p", "literal", datatype=datatype(short), **options)


def code_column(**options: Any) -> Column:
    return Column("c", "https://example.org/p", "code", scheme=SCHEME.iri, **options)


@pytest.mark.parametrize(
    ("short", "cell"),
    [("string", "a,b"), ("string", "{a"), ("string", '[["a"]]'), ("integer", "{1,x}"), ("integer", "[1.5]")],
)
def test_list_that_is_broken_or_holds_what_does_not_parse_is_refused(evaluate: Evaluate, short: str, cell: str) -> None:
    assert evaluate(lambda c: is_valid(column(short, repeated=True), c), cell) is False


@pytest.mark.parametrize("short", ["integer", "boolean", "JSON"])
def test_no_quick_test_waves_lists_through_whose_elements_may_not_parse(evaluate: Evaluate, short: str) -> None:
    _, test = quick_test(column(short, repeated=True), None)
    assert evaluate(test, "{x,y}") is False


def test_quick_test_of_codes_knows_the_plain_ones_alone(evaluate: Evaluate) -> None:
    _, test = quick_test(code_column(), SCHEME)
    assert [evaluate(test, cell) for cell in ("red", "Red", "blue", "mauve")] == [True, False, False, False]


def test_code_needs_rewriting_where_its_concept_is_not_named_after_it(evaluate: Evaluate) -> None:
    plain = [evaluate(lambda c: is_plain(code_column(), SCHEME, c), cell) for cell in ("red", "Red", "blue", "mauve")]
    assert plain == [True, False, False, True]


def test_links_and_texts_need_no_quick_test() -> None:
    link = Column("c", "https://example.org/p", "link", target="https://example.org/Team")
    assert [quick_test(c, None)[0] for c in (link, column())] == ["", ""]


def test_datatype_that_cells_cannot_be_read_as_is_refused() -> None:
    with pytest.raises(InputError, match="anyURI; use one of"):
        rule_of(column("anyURI"))
