"""The records of CSV files told apart as text: where they are clean, their cells are those of a loaded table."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.sources.kinds import load_table, make_engine

from jobgraph.sources import csv_records
from jobgraph.sources.csv_records import DIGEST_BYTES, Records, read_records

COLUMNS = ("id", "name")


def records_of(path: Path, content: bytes, columns: tuple[str, ...] = COLUMNS) -> Records | None:
    path.write_bytes(content)
    return read_records(path, columns)


def cells_of(records: Records | None) -> list[list[str | None] | None]:
    assert records is not None
    return list(records.cells(range(1, len(records) + 1)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"id,name\n1,a\n2,\n", [["1", "a"], ["2", None]], id="an_empty_cell"),
        pytest.param(b"id,name\r\n1,a\r\n2,b", [["1", "a"], ["2", "b"]], id="no_end_of_the_last_line"),
        pytest.param(b"\xef\xbb\xbfid,name\n1,a\n", [["1", "a"]], id="byte_order_mark"),
        pytest.param(b'id,name\n1,"a\n""b"",\n"\n2,c\n', [["1", 'a\n"b",\n'], ["2", "c"]], id="lines_in_quotes"),
        pytest.param(b'id,name\n1,a"b\n2,c\n', [None], id="a_quote_inside"),
        pytest.param(b'id,name\n1, "a" \n2,c\n', [None, ["2", "c"]], id="blanks_around_quotes"),
        pytest.param(b"id,name\n1\n1,2,3\n1,\0\n1,\xe9\n1,a\rb\n2,c\n", [None] * 5 + [["2", "c"]], id="broken_rows"),
    ],
)
def test_records_are_parsed_only_where_all_readers_agree(
    content: bytes, expected: list[list[str | None] | None], tmp_path: Path
) -> None:
    assert cells_of(records_of(tmp_path / "jobs.csv", content)) == expected


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        pytest.param(b"", (), id="an_empty_file"),
        pytest.param(b"id\n1\n", ("id",), id="one_column"),
        pytest.param(b"id,name\n1,a\n\n2,b\n", COLUMNS, id="a_blank_line"),
        pytest.param(b'id,na"me"\n1,a\n', COLUMNS, id="a_header_with_a_quote_inside"),
    ],
)
def test_records_are_none_where_lines_do_not_tell_them(
    content: bytes, columns: tuple[str, ...], tmp_path: Path
) -> None:
    assert records_of(tmp_path / "jobs.csv", content, columns) is None


def test_digest_is_that_of_the_text_without_its_line_end(tmp_path: Path) -> None:
    one, other = (
        records_of(tmp_path / "jobs.csv", text) for text in (b"id,name\n1,a\n2,b", b"id,name\r\n2,b\r\n1,a\n")
    )
    assert one is not None
    assert other is not None
    header, first, second = _rows(one)
    assert other.prints.rows == header + second + first


@pytest.mark.parametrize("buffer_bytes", [2, 9, 11, 15, 40])
def test_record_may_go_on_in_the_next_buffer(
    buffer_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b'id,name\n1,"a\n\n\nb"\n2,c\r\n3,"d\ne"'
    whole = records_of(tmp_path / "jobs.csv", content)
    monkeypatch.setattr(csv_records, "_BUFFER_BYTES", buffer_bytes)
    assert records_of(tmp_path / "jobs.csv", content) == whole
    assert cells_of(whole) == [["1", "a\n\n\nb"], ["2", "c"], ["3", "d\ne"]]


_Lines = st.lists(
    st.sampled_from([b"1,a", b"2,b", b"3,c", b'4,"d', b'e"', b'5,"""f"', b'6,"g\r\nh"', b"7,i\r"]), max_size=20
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=_Lines, new=_Lines, ends=st.tuples(*[st.sampled_from([b"", b"\n", b"\r\n"])] * 2))
@example(old=[b"1,a", b"2,b"] * 9, new=[b"2,b", b"1,a"] * 9, ends=(b"", b"\n"))
def test_records_are_the_same_beside_any_that_were_before(
    places: Path, old: list[bytes], new: list[bytes], ends: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "_BLOCK_ROWS", 2)
    path = places / "jobs.csv"
    contents = [b"\n".join([b"id,name", *lines]) + end for lines, end in zip((old, new), ends, strict=True)]
    before, alone = (records_of(path, content) for content in contents)
    assert before is not None
    assert alone is not None
    beside = read_records(path, COLUMNS, before.prints)
    assert beside is not None
    assert (beside.prints, cells_of(beside)) == (alone.prints, cells_of(alone))
    rows, was = _rows(alone), _rows(before)
    same = [(number, number + run.shift) for run in beside.same for number in range(run.first, run.last + 1)]
    assert all(was[number] == rows[place] for number, place in same)
    assert same == sorted(set(same))


def _rows(records: Records) -> list[bytes]:
    digests = records.prints.rows
    return [digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)]


def test_blocks_that_stay_are_found_around_changed_records(tmp_path: Path) -> None:
    lines = [b"%d,row" % number for number in range(2000)]
    before = records_of(tmp_path / "jobs.csv", b"\n".join([b"id,name", *lines, b""]))
    changed = [b"new,row", *lines[:700], *lines[701:1300], b"1300,another", *lines[1301:], b"more,row"]
    (tmp_path / "jobs.csv").write_bytes(b"\n".join([b"id,name", *changed, b""]))
    assert before is not None
    records = read_records(tmp_path / "jobs.csv", COLUMNS, before.prints)
    assert records is not None
    assert {run.shift for run in records.same} == {0, 1}
    assert sum(run.last - run.first + 1 for run in records.same) > 1800
    assert next(records.cells([1999])) == ["1998", "row"]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("places")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(alphabet='a1,"\n\r\0é ', max_size=24))
@example(body='1,a"b\n"c,2\n')
@example(body='"1",""\r\n')
def test_clean_records_are_the_rows_of_the_loaded_table(places: Path, body: str) -> None:
    folder = Path(mkdtemp(dir=places))
    records = records_of(folder / "jobs.csv", b"id,name\n" + body.encode())
    if records is None or not records.are_clean():
        return
    with make_engine() as engine:
        loaded = load_table(str(folder), "jobs", Path(mkdtemp(dir=places)), engine)
    assert [list(row) for row in loaded.rows] == cells_of(records)
    assert not loaded.defects
