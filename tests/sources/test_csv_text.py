"""The fast way: what it leaves to the slow way, headers, and rows across the pieces that threads take."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from tests.sources.kinds import Load

from jobgraph.errors import InputError
from jobgraph.sources.csv_text import is_created, is_fit, read_csv_columns
from jobgraph.sources.tables import Target


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        pytest.param(b"", (), id="empty_file"),
        pytest.param(b"\xef\xbb\xbf", (), id="mark_alone"),
        pytest.param(b"id,name", ("id", "name"), id="no_line_end"),
        pytest.param(b'"a\nb","c ""d"""\r\n', ("a\nb", 'c "d"'), id="quoted"),
        pytest.param(b"id,, \n", ("id", "column_2", "column_3"), id="blank_names"),
        pytest.param(b"caf\xe9,\0x\n", (r"caf\xe9", r"\x00x"), id="latin_1_and_nul"),
        pytest.param(b"a;b\n", ("a;b",), id="semicolons"),
        pytest.param(b"  id ,Name\n", ("  id ", "Name"), id="as_it_is_spelled"),
    ],
)
def test_header_gives_the_columns(tmp_path: Path, content: bytes, columns: tuple[str, ...]) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes(content)
    assert read_csv_columns(path) == columns


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"id,name,id\n", "two columns are named 'id' and 'id'", id="same_name_twice"),
        pytest.param(b"id,name,ID\n", "two columns are named 'id' and 'ID'", id="same_name_but_for_case"),
        pytest.param("id,name\n1,a\n".encode("utf-16"), "UTF-16", id="utf_16"),
        pytest.param(b'id,"name\n' + b"1,a\n" * 300_000, "header", id="quote_left_open"),
        pytest.param(b"x" * (2 << 20), "header", id="no_end"),
    ],
)
def test_header_that_cannot_be_used_is_an_input_error(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read_csv_columns(path)


@pytest.mark.parametrize("place", [0, 5, (1 << 20) - 1, 1 << 20, (3 << 20) - 1])
def test_nul_character_is_found_wherever_it_is(tmp_path: Path, place: int) -> None:
    content = bytearray(b"x" * (3 << 20))
    path = tmp_path / "jobs.csv"
    path.write_bytes(content)
    assert is_fit(path)
    content[place] = 0
    path.write_bytes(content)
    assert not is_fit(path)


def test_rows_come_in_order_whatever_thread_reads_them(tmp_path: Path, engine: duckdb.DuckDBPyConnection) -> None:
    rows = [(str(n), f'{n}\n"x", {n}\r\n' if n % 3 else f"{n}", "y" * (n % 150)) for n in range(400_000)]
    path = tmp_path / "jobs.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("a", "b", "c"), *rows])
    engine.execute("SET threads = 4")
    assert is_created(Target(engine, "jobs", ("a", "b", "c"), "jobs", tmp_path), path)
    loaded = engine.execute("SELECT a, b, coalesce(c, '') FROM source.jobs").fetchall()
    assert path.stat().st_size > 32 << 20
    assert loaded == rows


def test_rows_of_tens_of_megabytes_are_read(load: Load, folder: Path) -> None:
    sizes = [30, 1, 60, 40, 5]
    with (folder / "jobs.csv").open("w", encoding="utf-8") as stream:
        stream.write("id,name\n" + "".join(f'{size},"{"x" * (size << 20)}"\n' + "0,y\n" * 1000 for size in sizes))
    loaded = load(str(folder), "jobs")
    assert [len(name or "") for id_, name in loaded.rows if id_ != "0"] == [size << 20 for size in sizes]


def test_pattern_characters_in_a_path_are_no_pattern(load: Load, tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*?"
    folder.mkdir()
    for name in ("jobs[1].csv", "jobs1.csv", "jobs*.csv"):
        (folder / name).write_text(f"name\n{name}\n", encoding="utf-8")
    assert load(str(folder), "jobs[1]").rows == [("jobs[1].csv",)]


def test_folder_name_with_an_equals_sign_adds_no_column(load: Load, tmp_path: Path) -> None:
    folder = tmp_path / "year=2024"
    folder.mkdir()
    (folder / "jobs.csv").write_text("id,name\n1,a\n", encoding="utf-8")
    assert load(str(folder), "jobs").rows == [("1", "a")]
