from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Quad
from tests.exports.quads import QUADS

from jobgraph.exports.sorted_quads import iter_differences, iter_lines, iter_quads, iter_sorted

LINES = st.lists(st.sampled_from([b"a\n", b"ab\n", b"b\n", b"c\n", b"\xc3\xa9\n"]), max_size=30)


@given(quads=st.lists(QUADS, max_size=30))
def test_lines_are_read_as_the_quads_that_they_were(quads: list[Quad]) -> None:
    assert list(iter_quads(iter_lines(quads))) == quads


@given(lines=LINES, chunk=st.integers(1, 20))
def test_sorting_on_disk_gives_what_sorting_in_memory_gives(lines: list[bytes], chunk: int) -> None:
    assert list(iter_sorted(lines, chunk_bytes=chunk)) == sorted(set(lines))


@given(old=LINES, new=LINES)
def test_differences_make_one_of_the_other(old: list[bytes], new: list[bytes]) -> None:
    changes = list(iter_differences(sorted(set(old)), sorted(set(new))))
    added, deleted = ({line for kind, line in changes if kind == which} for which in "AD")
    assert (added, deleted) == (set(new) - set(old), set(old) - set(new))
    assert [line for _, line in changes] == sorted(added | deleted)


def test_nothing_is_left_where_it_was_sorted(tmp_path: Path) -> None:
    iterator = iter_sorted([b"b\n", b"a\n"], tmp_path, chunk_bytes=1)
    assert next(iterator) == b"a\n"
    assert list(tmp_path.iterdir()) == []
