from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.server.exports.ranges import wanted_range
from jobgraph.server.problems import ProblemError


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("bytes=0-0", (0, 1), id="first"),
        pytest.param("bytes=2-5", (2, 6), id="inside"),
        pytest.param("bytes=7-", (7, 10), id="open"),
        pytest.param("bytes=7-999", (7, 10), id="beyond"),
        pytest.param("bytes=-3", (7, 10), id="last"),
        pytest.param("bytes=-99", (0, 10), id="more_than_all"),
        pytest.param("Bytes = 1-2 ", (1, 3), id="spaces"),
        pytest.param("bytes=5-2", None, id="backwards"),
        pytest.param("bytes=0-1,4-5", None, id="several"),
        pytest.param("items=0-1", None, id="another_unit"),
        pytest.param("bytes=", None, id="empty"),
        pytest.param("bytes=-", None, id="dash"),
        pytest.param("bytes=+1-2", None, id="sign"),
        pytest.param("bytes=\u0661-\u0662", None, id="other_digits"),
        pytest.param(f"bytes=0-{'9' * 5000}", None, id="long"),
    ],
)
def test_a_range_is_taken_or_passed_over(header: str | None, expected: tuple[int, int] | None) -> None:
    assert wanted_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=999-"])
def test_bytes_that_there_are_not_are_refused_with_the_size(header: str) -> None:
    with pytest.raises(ProblemError) as caught:
        wanted_range(header, 10)
    assert (caught.value.status, caught.value.headers["Content-Range"]) == (416, "bytes */10")


@given(header=st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), size=st.integers(0, 5000))
def test_a_range_lies_in_the_file(header: str, size: int) -> None:
    first = int(header.removeprefix("bytes=").partition("-")[0] or 0)
    if first >= size or header.endswith("=-0"):
        return  # the test above
    found = wanted_range(header, size)
    assert found is None or 0 <= found[0] < found[1] <= size
