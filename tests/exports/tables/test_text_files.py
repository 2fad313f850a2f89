from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.exports.tables.text_files import csv_line, text_files

CELLS = st.lists(st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('",\r\n '))), min_size=2)


@given(rows=st.lists(CELLS), end=st.sampled_from(["\n", "\r\n"]))
def test_lines_are_read_again(rows: list[list[str]], end: str) -> None:
    text = "".join(csv_line(row, end=end) for row in rows)
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == rows


@pytest.mark.parametrize(("cell", "line"), [(None, ",x\n"), ("", '"",x\n'), (" ", '" ",x\n')])
def test_empty_text_is_told_from_no_text(cell: str | None, line: str) -> None:
    assert csv_line([cell, "x"], end="\n") == line


def test_lines_of_many_files_end_up_where_they_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobgraph.exports.tables.text_files._PIECE", 10)
    tmp_path.joinpath("a").write_text("of an earlier run")
    with text_files(tmp_path) as files:
        a, b = files.begin("a", "head\n"), files.begin("b")
        for number in range(9):
            (a if number % 2 else b).add(f"line {number}\n")
    assert files.paths == [tmp_path / "a", tmp_path / "b"]
    assert tmp_path.joinpath("a").read_text() == "head\nline 1\nline 3\nline 5\nline 7\n"
    assert tmp_path.joinpath("b").read_text() == "line 0\nline 2\nline 4\nline 6\nline 8\n"
