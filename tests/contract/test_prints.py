"""Digests of rows in their order, compared: which rows are there still, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.contract.prints import compare, read_prints, row_count, write_prints
from jobgraph.sources.csv_records import DIGEST_BYTES, Prints, Run

Tables = dict[str, tuple[bytes, bytes]]
Rows = st.lists(st.integers(1, 6), max_size=12)


def prints(rows: list[int], *, header: int = 0) -> bytes:
    return b"".join(number.to_bytes(DIGEST_BYTES) for number in (header, *rows))


@given(old=Rows, new=Rows)
def test_runs_lead_each_row_that_is_left_to_an_equal_one(old: list[int], new: list[int]) -> None:
    runs, fresh = compare(prints(old), prints(new))
    moved = {number: number + run.shift for run in runs for number in range(run.first, run.last + 1)}
    assert all(old[number - 1] == new[place - 1] for number, place in moved.items())
    assert sorted([*moved.values(), *fresh]) == list(range(1, len(new) + 1))
    assert len(moved) == sum(min(old.count(value), new.count(value)) for value in set(new))


def test_rows_that_are_known_to_be_the_same_are_not_compared() -> None:
    runs, fresh = compare(prints([1, 2, 3, 4, 5]), prints([9, 2, 3, 8, 5]), [Run(2, 3, 0)])
    assert sorted(runs) == [Run(2, 3, 0), Run(5, 5, 0)]
    assert fresh == [1, 4]


@given(tables=st.dictionaries(st.text(), st.tuples(st.binary(), st.binary())))
def test_prints_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, tables: Tables) -> None:
    path = tmp_path_factory.mktemp("prints") / "prints"
    written = {name: Prints(*parts) for name, parts in tables.items()}
    write_prints(written, path)
    assert read_prints(path) == written


def test_no_row_of_other_columns_is_left() -> None:
    assert compare(prints([1, 2]), prints([1, 2], header=9)) == ([], [1, 2])


def test_equal_tables_are_one_run() -> None:
    runs, fresh = compare(prints([1, 1, 2]), prints([1, 1, 2]))
    assert [(run.first, run.last, run.shift) for run in runs] == [(1, 3, 0)]
    assert not fresh
    assert row_count(prints([1, 1, 2])) == 3
