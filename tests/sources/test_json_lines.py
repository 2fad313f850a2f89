"""JSON Lines: digits, nested values, and lines that are no objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.sources.kinds import Load, Loaded, load_table, make_engine

from jobgraph.errors import InputError
from jobgraph.sources import csv_text, json_lines


def load_lines(load: Load, folder: Path, *lines: str | bytes) -> Loaded:
    (folder / "jobs.jsonl").write_bytes(b"".join((x if isinstance(x, bytes) else x.encode()) + b"\n" for x in lines))
    return load(str(folder), "jobs")


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "7",
        "-7",
        "7.0",
        "7.10",
        "7.5",
        "-0",
        "-0.0",
        "1e400",
        "1E5",
        "1.5e-3",
        "0.0001",
        "0.00001",
        "12345678901234567890.123",
        "0.1",
        "123456789012345678901234567890",
        "18446744073709551616",
        "-9223372036854775809",
        "1000000.000",
        "100",
        "0.30000000000000004",
        "12345678901234.5",
        "123456789012345.5",
        "1234567890123456.5",
        "NaN",
        "Infinity",
        "-Infinity",
    ],
)
def test_number_keeps_its_text(load: Load, folder: Path, number: str) -> None:
    loaded = load_lines(load, folder, '{"a": %s, "b": [%s], "c": {"d":%s}}' % ((number,) * 3))
    assert loaded.rows == [(number, f"[{number}]", f'{{"d":{number}}}')]


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.floats(allow_nan=False).map(json.dumps)


@given(NUMBERS)
@example("0.10")
@example("1E+5")
@settings(max_examples=60)
def test_any_number_keeps_its_text(tmp_path_factory: pytest.TempPathFactory, number: str) -> None:
    folder, work_dir = (tmp_path_factory.mktemp(name) for name in ("tables", "work"))
    (folder / "jobs.jsonl").write_text(f'{{"a": {number}}}\n{{"a": [{number} ]}}\n', encoding="utf-8")
    with make_engine() as engine:
        assert load_table(str(folder), "jobs", work_dir, engine).rows == [(number,), (f"[{number}]",)]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("true", "true", id="true"),
        pytest.param("false", "false", id="false"),
        pytest.param("null", None, id="null"),
        pytest.param('""', None, id="empty_text"),
        pytest.param('"\\u00e9 \\ud83d\\ude80 \\n \\" \\/"', 'é 🚀 \n " /', id="escapes"),
        pytest.param("[]", "[]", id="empty_list"),
        pytest.param('["a", "b \\"c\\"", null, true]', '["a","b \\"c\\"",null,true]', id="list"),
        pytest.param('{"k": {"l": ["é"]}, "m": ""}', '{"k":{"l":["é"]},"m":""}', id="nested"),
        pytest.param('"2024-05-01T10:00:00Z"', "2024-05-01T10:00:00Z", id="time"),
        pytest.param('"x: 7.10, y"', "x: 7.10, y", id="number_in_text"),
    ],
)
@pytest.mark.parametrize("beside", [pytest.param("1", id="fast"), pytest.param("1.50", id="slow")])
def test_value_becomes_text(load: Load, folder: Path, value: str, cell: str | None, beside: str) -> None:
    assert load_lines(load, folder, f'{{"a": {value}, "b": {beside}}}').rows == [(cell, beside)]


def test_columns_are_the_keys_of_all_lines(load: Load, folder: Path) -> None:
    loaded = load_lines(load, folder, '{"b": 1}', "", "{}", '{"b": 2, "a": 3}', "  ")
    assert (loaded.columns, loaded.rows) == (("b", "a"), [("1", None), (None, None), ("2", "3")])


def test_columns_are_the_keys_of_all_lines_beside_a_broken_one(load: Load, folder: Path) -> None:
    loaded = load_lines(load, folder, '{"b": 1}', "{", '{"b": 2, "a": 3}')
    assert (loaded.columns, loaded.rows) == (("b", "a"), [("1", None), (None, None), ("2", "3")])


@pytest.mark.parametrize(
    "line",
    ['{"a":', "[1,2]", "5", '"a"', "null", '{"a":1} {"a":2}', '{"a":1,"a":2}', "{'a':1}", "a,b", "[" * 100_000],
)
def test_line_that_is_no_object_is_an_empty_row(load: Load, folder: Path, line: str) -> None:
    loaded = load_lines(load, folder, '{"a": 1}', line, '{"a": 3}')
    assert (loaded.rows, loaded.defects) == ([("1",), (None,), ("3",)], [(2, None, line, "broken-row")])


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        pytest.param(b"caf\xe9", (1, "a", r"caf\xe9", "invalid-utf8"), id="latin_1"),
        pytest.param(b"\\ud800", (1, "a", r"\ud800", "invalid-utf8"), id="half_a_surrogate_pair"),
        pytest.param(b"x\\u0000", (1, "a", r"x\x00", "nul-character"), id="escaped_nul"),
        pytest.param(b"x\0", (1, "a", r"x\x00", "nul-character"), id="nul"),
    ],
)
def test_defect_costs_its_cell_alone(load: Load, folder: Path, text: bytes, defect: tuple[Any, ...]) -> None:
    loaded = load_lines(load, folder, b'{"a":"' + text + b'","b":"x"}', '{"a":"y"}')
    assert (loaded.rows, loaded.defects) == ([(None, "x"), ("y", None)], [defect])


def test_control_characters_are_text(load: Load, folder: Path) -> None:
    assert load_lines(load, folder, b'{"a":"x\ty\rz"}').rows == [("x\ty\rz",)]


@pytest.mark.parametrize(
    "content", [b'\xef\xbb\xbf{"a":"1"}\r\n{"a":"2"}', b'{"a":"1"}\r\n{"a":"2"}\r\n', b'\n{"a":"1"}\n\n {"a":"2"} ']
)
def test_harmless_form_is_no_defect(load: Load, folder: Path, content: bytes) -> None:
    (folder / "jobs.ndjson").write_bytes(content)
    assert load(str(folder), "jobs") == Loaded(("a",), [("1",), ("2",)], [])


def test_empty_file_is_a_table_without_columns(load: Load, folder: Path) -> None:
    (folder / "jobs.jsonl").touch()
    assert load(str(folder), "jobs") == Loaded((), [], [])


def test_rows_without_columns_are_counted(load: Load, folder: Path) -> None:
    assert load_lines(load, folder, "{}", "{}").rows == [(None,), (None,)]


@pytest.mark.parametrize("lines", [('{"a":1,"A":2}',), ('{"a":1}', '{"A":2}'), ('{"":1}',), ("{", '{" ":1}')])
def test_key_that_is_no_column_name_is_an_input_error(load: Load, folder: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"jobs\.jsonl"):
        load_lines(load, folder, *lines)


def test_key_in_latin_1_is_a_column(load: Load, folder: Path) -> None:
    loaded = load_lines(load, folder, b'{"caf\xe9":"x"}', '{"a":"y"}')
    assert (loaded.columns, loaded.rows) == ((r"caf\xe9", "a"), [("x", None), (None, "y")])


def test_line_of_10_mb_is_kept_whole(load: Load, folder: Path) -> None:
    assert load_lines(load, folder, f'{{"a":"{"x" * 10_000_000}"}}').rows == [("x" * 10_000_000,)]


def test_line_beyond_the_limit_is_an_input_error(load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "MAX_ROW_BYTES", 2000)
    with pytest.raises(InputError, match=r"jobs\.jsonl: a line is longer"):
        load_lines(load, folder, "{", "x" * 2000)


@pytest.mark.parametrize("number", ["0", "7.5", "-7.25", "10.00001", "123456789.125"])
def test_usual_number_goes_the_fast_way(load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setattr(json_lines, "repairing", None)
    assert load_lines(load, folder, f'{{"a": {number}, "b": [{number}]}}').rows == [(number, f"[{number}]")]
