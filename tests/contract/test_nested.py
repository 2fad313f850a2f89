from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobgraph.contract.nested import array_elements, canonical_json, register_functions

Evaluate = Callable[[Callable[[str], str], str | None], Any]

SAYABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def parsed(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


@given(document=DOCUMENTS)
def test_canonical_document_means_the_same(document: Any) -> None:
    text = json.dumps(document)
    assert parsed(canonical_json(text) or "") == parsed(text)


@given(document=DOCUMENTS)
def test_canonical_document_does_not_depend_on_layout_and_order(document: Any) -> None:
    other = json.dumps(json.loads(json.dumps(document), object_pairs_hook=lambda p: dict(reversed(p))), indent=3)
    assert canonical_json(json.dumps(document, ensure_ascii=False)) == canonical_json(other)


@given(document=DOCUMENTS)
def test_canonical_document_is_its_own_canonical_form(document: Any) -> None:
    text = canonical_json(json.dumps(document)) or ""
    assert canonical_json(text) == text


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1.50", "1.5"),
        ("1e2", "100"),
        ("1E-2", "0.01"),
        ("-0.0", "0"),
        ("-0", "0"),
        ("100.0", "100"),
        ("0.12345678901234567890123456789012345", "0.12345678901234567890123456789012345"),
        ("12345678901234567890123456789012345.5", "12345678901234567890123456789012345.5"),
        ("1e400", "1" + "0" * 400),
        ("1e401", "1E+401"),
        ("10e400", "1E+401"),
        ("1" + "0" * 401, "1E+401"),
        ("1.5e-500", "1.5E-500"),
        ("1e1000001", "1E+1000001"),
        pytest.param("9" * 5_000, "9" * 5_000, id="thousands_of_digits"),
    ],
)
def test_equal_numbers_have_one_text_and_nothing_is_rounded(number: str, expected: str) -> None:
    assert canonical_json(number) == expected


@pytest.mark.parametrize(
    "text", ["", "{", "nul", "NaN", "-Infinity", "[1 2]", "'a'", '"\t"', "1e99999999999999999999", "[" * 100_000]
)
def test_what_is_no_json_has_no_canonical_form(text: str) -> None:
    assert canonical_json(text) is None


def test_deep_document_has_a_limit_that_does_not_depend_on_the_caller() -> None:
    assert canonical_json("[" * 200 + "]" * 200) is not None
    assert canonical_json("[" * 202 + "]" * 202) is None


def test_half_of_a_surrogate_pair_stays_escaped() -> None:
    assert canonical_json('{"\\ud800": "\\u0000\\udfff\\ud83d\\ude00"}') == '{"\\ud800":"\\u0000\\udfff😀"}'


def test_last_of_equal_keys_counts() -> None:
    assert canonical_json('{"a": 1, "b": 2, "a": 3}') == '{"a":3,"b":2}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", []),
        ("{ }", []),
        ("{a}", ["a"]),
        ("{a,b}", ["a", "b"]),
        (" { a , b c } ", ["a", "b c"]),
        ('{"a"}', ["a"]),
        ('{"a,b","{c}",""}', ["a,b", "{c}", ""]),
        ('{"a\\"b","c\\\\d",e\\"f}', ['a"b', "c\\d", 'e"f']),
        ("{a\\,}", ["a,"]),
        ("{a\\ }", ["a "]),
        ("{\\a}", ["a"]),
        ("{NULL,null,Null}", []),
        ('{"NULL",a}', ["NULL", "a"]),
        ("{NULLS}", ["NULLS"]),
        ("[0:1]={a,b}", ["a", "b"]),
        ("{\u00a0a\u00a0}", ["\u00a0a\u00a0"]),
        ('{"line\nline"}', ["line\nline"]),
        ("[]", []),
        ('["a", "b"]', ["a", "b"]),
        (' ["a"] ', ["a"]),
        ('[1, 1.50, true, null, "x"]', ["1", "1.5", "true", "x"]),
        ('["\\ud83d\\ude00"]', ["😀"]),
    ],
)
def test_elements_of_a_list(text: str, expected: list[str]) -> None:
    assert array_elements(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a,b",
        "{",
        "}",
        "{a",
        "a}",
        "{a,}",
        "{,a}",
        "{,}",
        "{a,,b}",
        '{"a}',
        '{"a"b}',
        '{a"b"}',
        "{a b\\}",
        "{{a}}",
        "{{a},{b}}",
        "{a{b}",
        "{a}{b}",
        "[",
        "[a]",
        "['a']",
        '["a",]',
        '[["a"]]',
        '[{"a":1}]',
        '{"a":1}',
        '"a"',
        "null",
        "1",
        "[NaN]",
        '["\\ud800"]',
        '["\\u0000"]',
        "[1e99999999999999999999]",
        "[" * 100000,
        "[0:1]=[1]",
    ],
)
def test_broken_or_nested_list_has_no_elements(text: str) -> None:
    assert array_elements(text) is None


@given(found=st.lists(st.text(SAYABLE)))
def test_list_as_postgres_writes_it_is_read_back(found: list[str]) -> None:
    quoted = ['"' + element.replace("\\", "\\\\").replace('"', '\\"') + '"' for element in found]
    assert array_elements("{" + ",".join(quoted) + "}") == found


@given(found=st.lists(st.text(SAYABLE)))
def test_list_as_json_is_read_back(found: list[str]) -> None:
    assert array_elements(json.dumps(found)) == found


@given(text=st.text(st.sampled_from('{}[]",\\ aNUL:=1\n')) | st.text())
@example(text="{" + "a b " * 50_000 + "{")
@example(text='{"' + "a\\" * 50_000)
def test_any_text_is_a_list_or_none(text: str) -> None:
    found = array_elements(text)
    assert found is None or all(isinstance(element, str) for element in found)


def test_list_of_ten_megabytes_is_kept_whole() -> None:
    long = "é" * 5_000_000
    assert array_elements('{a,"' + long + '"}') == ["a", long]


@pytest.mark.parametrize("function", ["canonical_json", "array_elements"])
def test_functions_give_null_for_null(evaluate: Evaluate, function: str) -> None:
    assert evaluate(lambda c: f"{function}({c})", None) is None


@pytest.mark.parametrize("function", ["canonical_json", "array_elements"])
@given(text=st.text(st.sampled_from('{}[]",\\ ud80e1+-.:9')) | st.text())
@example(text='["\\ud800"]')
@example(text="[1e99999999999999999999]")
def test_functions_never_fail_in_sql(evaluate: Evaluate, function: str, text: str) -> None:
    text = text.replace("\0", "")
    assert evaluate(lambda c: f"{function}({c})", text) == globals()[function](text)


def test_functions_are_known_to_cursors_in_threads() -> None:
    query = "SELECT count(canonical_json('[' || range || ', 1.50]')) FROM range(5000)"
    with duckdb.connect(config={"threads": 2}) as connection, ThreadPoolExecutor(2) as pool:
        register_functions(connection)
        counts = pool.map(lambda _: connection.cursor().execute(query).fetchall(), range(4))
        assert list(counts) == [[(5000,)]] * 4
