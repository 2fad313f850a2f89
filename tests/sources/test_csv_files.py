"""CSV files that break the rules: what can be kept is kept, and what is wrong is named."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from tests.sources.kinds import Load, Loaded

from jobgraph.errors import InputError
from jobgraph.sources import csv_files, csv_text

Defect = tuple[int, str | None, str | None, str]
HEAD = b"id,name\n"


def load_bytes(load: Load, folder: Path, content: bytes) -> Loaded:
    (folder / "jobs.csv").write_bytes(content)
    return load(str(folder), "jobs")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"id,name\r\n1,a\r\n2,b\r\n", id="crlf"),
        pytest.param(b"id,name\r1,a\r2,b\r", id="cr"),
        pytest.param(b"id,name\r\n1,a\n2,b\r\n", id="mixed_line_ends"),
        pytest.param(b"\xef\xbb\xbfid,name\n1,a\n2,b\n", id="byte_order_mark"),
        pytest.param(b'\xef\xbb\xbf"id","name"\n1,a\n2,b\n', id="byte_order_mark_before_a_quote"),
        pytest.param(b"\xef\xbb\xbfid,name\r\n1,a\n2,b\n", id="byte_order_mark_and_mixed_line_ends"),
        pytest.param(b"id,name\n1,a\n2,b", id="no_last_line_end"),
        pytest.param(b"id,name\n1,a\n\n2,b\n\n\n", id="blank_lines"),
        pytest.param(b"\n\r\n\nid,name\n1,a\n2,b\n", id="blank_lines_before_the_header"),
        pytest.param(b"id,name\n1,a,\n2,b,,\n", id="empty_cells_too_many"),
        pytest.param(b'"id","name"\n"1","a"\n"2","b"\n', id="all_quoted"),
    ],
)
def test_harmless_form_is_no_defect(load: Load, folder: Path, content: bytes) -> None:
    loaded = load_bytes(load, folder, content)
    assert loaded == Loaded(("id", "name"), [("1", "a"), ("2", "b")], [])


@pytest.mark.parametrize(
    ("content", "rows", "defects"),
    [
        pytest.param(
            b"1,caf\xe9\n2,b\n", [("1", None), ("2", "b")], [(1, "name", r"caf\xe9", "invalid-utf8")], id="latin_1"
        ),
        pytest.param(
            b'1,"a\xff\n"\n', [("1", None)], [(1, "name", "a\\xff\n", "invalid-utf8")], id="latin_1_in_quotes"
        ),
        pytest.param(
            b"1,\xed\xa0\x80\n", [("1", None)], [(1, "name", r"\xed\xa0\x80", "invalid-utf8")], id="encoded_surrogate"
        ),
        pytest.param(b"1,\xc0\x80\n", [("1", None)], [(1, "name", r"\xc0\x80", "invalid-utf8")], id="overlong_form"),
        pytest.param(
            b"1,a\0b\n2,c\n", [("1", None), ("2", "c")], [(1, "name", r"a\x00b", "nul-character")], id="nul_character"
        ),
        pytest.param(
            b"1,\0\xe9\n", [("1", None)], [(1, "name", r"\x00\xe9", "invalid-utf8")], id="nul_and_latin_1_in_one_cell"
        ),
        pytest.param(
            b"\0,\xe9\n",
            [(None, None)],
            [(1, "id", r"\x00", "nul-character"), (1, "name", r"\xe9", "invalid-utf8")],
            id="nul_and_latin_1_in_two_cells",
        ),
        pytest.param(
            b"1,a,x,,\xe9\n2,b\n",
            [("1", "a"), ("2", "b")],
            [(1, None, r'["x", "", "\\xe9"]', "extra-cells")],
            id="three_cells_too_many",
        ),
        pytest.param(b"1\n2,b\n", [("1", None), ("2", "b")], [(1, None, None, "missing-cells")], id="a_cell_too_few"),
        pytest.param(
            b'1,"a\n2,b\n3,c\n',
            [("1", "a"), ("2", "b"), ("3", "c")],
            [(1, None, '1,"a', "broken-row")],
            id="quote_left_open",
        ),
        pytest.param(
            b'1,"a\n2,"b"\n3,c\n',
            [("1", "a"), ("2", "b"), ("3", "c")],
            [(1, None, '1,"a', "broken-row")],
            id="quote_left_open_before_quoted_cells",
        ),
        pytest.param(
            b'1,a\n"2', [("1", "a"), ("2", None)], [(2, None, '"2', "broken-row")], id="open_quote_at_the_end"
        ),
        pytest.param(
            b'1,"a"b\n2,c\n', [("1", "ab"), ("2", "c")], [(1, None, '1,"a"b', "broken-row")], id="text_after_a_quote"
        ),
        pytest.param(
            b'1,"\xe9\n2,c\n',
            [("1", None), ("2", "c")],
            [(1, "name", r"\xe9", "invalid-utf8"), (1, None, r'1,"\xe9', "broken-row")],
            id="open_quote_and_latin_1",
        ),
        pytest.param(
            b'1,"x\ny"\n\n2\n', [("1", "x\ny"), ("2", None)], [(2, None, None, "missing-cells")], id="rows_not_lines"
        ),
    ],
)
def test_defect_costs_its_cell_or_row_alone(
    load: Load, folder: Path, content: bytes, rows: list[Any], defects: list[Defect]
) -> None:
    loaded = load_bytes(load, folder, HEAD + content)
    assert (loaded.rows, loaded.defects) == (rows, defects)


def test_single_column_takes_a_blank_line_as_a_row(load: Load, folder: Path) -> None:
    assert load_bytes(load, folder, b"id\n1\n\r\n3\n").rows == [("1",), (None,), ("3",)]


def test_every_defect_of_many_is_kept(load: Load, folder: Path) -> None:
    loaded = load_bytes(load, folder, HEAD + b"1,\xe9\n2,b\n" * 5000)
    assert [row for row, *_ in loaded.defects] == list(range(1, 10_000, 2))


def test_open_quote_costs_one_row_of_a_large_file(load: Load, folder: Path) -> None:
    loaded = load_bytes(load, folder, HEAD + b'0,"a\n' + b"1,b\n" * 100_000)
    assert (len(loaded.rows), loaded.defects) == (100_001, [(1, None, '0,"a', "broken-row")])


def test_large_cell_beside_a_defect_is_kept_whole(load: Load, folder: Path) -> None:
    cell = "é, \n" * 500_000
    assert load_bytes(load, folder, HEAD + f'1,"{cell}"\n'.encode() + b"2,\xe9\n").rows == [("1", cell), ("2", None)]


def test_defects_in_a_gzipped_file_are_named(load: Load, folder: Path) -> None:
    (folder / "jobs.csv.gz").write_bytes(gzip.compress(HEAD + b"1,a\0\n"))
    assert load(str(folder), "jobs").defects == [(1, "name", r"a\x00", "nul-character")]


@pytest.mark.parametrize("row", [b'1,"' + b"x" * 3000 + b'"', b"1," + b"x" * 3000])
def test_row_beyond_the_limit_is_an_input_error(
    load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch, row: bytes
) -> None:
    monkeypatch.setattr(csv_text, "MAX_ROW_BYTES", 2000)
    with pytest.raises(InputError, match=r"jobs\.csv.* longer than"):
        load_bytes(load, folder, HEAD + b"0,\xe9\n" + row + b"\n")


def test_record_beyond_the_limit_is_taken_for_an_open_quote(
    load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_files, "MAX_ROW_BYTES", 2000)
    loaded = load_bytes(load, folder, HEAD + b"0,\xe9\n" + b'1,"a\n' + b"2,b\n" * 1500 + b'3,"c"\n')
    assert (len(loaded.rows), loaded.defects[1:]) == (1503, [(2, None, '1,"a', "broken-row")])
