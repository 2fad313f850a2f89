"""Which rows are settled: those that a moment tells apart from whatever may be written after a build saw them."""

from __future__ import annotations

import duckdb
import pytest

from jobgraph.contract import moments
from jobgraph.contract.moments import moment_column, settle
from jobgraph.contract.record import create_tables
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("no_table_is_small")

MARK = "2025-06-01 12:00:00+00"


def settled(*rows: tuple[str | None, str | None], overlap_s: float | None = 3600) -> list[str]:
    """The keys of the settled ones among rows with these keys and moments; the last change was at noon."""
    with duckdb.connect() as connection:
        create_tables(connection, "base")
        for number, (key, moment) in enumerate([*rows, ("last", MARK)], start=1):
            record = "INSERT INTO base.records(table_, row_, key_) VALUES ('jobs', ?, ?)"
            connection.execute(record, [number, key])
            if moment is not None:
                connection.execute("INSERT INTO base.moments VALUES ('jobs', ?, ?)", [number, moment])
        settle(connection, overlap_s=overlap_s)
        return [key for (key,) in connection.execute("SELECT key_ FROM base.settled ORDER BY row_").fetchall()]


@pytest.mark.parametrize(
    ("moment", "keys"),
    [
        pytest.param("2025-06-01 10:59:59.999999+00", ["a"], id="before_the_overlap"),
        pytest.param("2025-06-01 11:00:00+00", [], id="in_the_overlap"),
        pytest.param(MARK, [], id="the_last_moment"),
        pytest.param("2999-01-01 00:00:00+00", [], id="yet_to_come"),
        pytest.param("2025-06-01T10:59:59", ["a"], id="without_a_zone"),
        pytest.param("2025-05-31", ["a"], id="a_day"),
        pytest.param("-infinity", [], id="without_end"),
        pytest.param("yesterday", [], id="no_moment"),
        pytest.param(None, [], id="missing"),
    ],
)
def test_row_is_settled_when_its_moment_was_over_before_the_last_build(moment: str | None, keys: list[str]) -> None:
    assert settled(("a", moment)) == keys


def test_key_of_two_rows_or_of_none_settles_neither() -> None:
    old = "2025-01-01 00:00:00+00"
    assert settled(("a", old), ("b", old), ("b", None), (None, old)) == ["a"]


@pytest.mark.parametrize(("overlap_s", "keys"), [(None, []), (0, ["a", "b"]), (7200.5, ["a"])])
def test_overlap_is_as_long_as_it_is_set(overlap_s: float | None, keys: list[str]) -> None:
    assert settled(("a", "2025-06-01 09:00:00+00"), ("b", "2025-06-01 11:00:00+00"), overlap_s=overlap_s) == keys


def test_moment_is_the_column_that_the_shapes_say(shipped_vocabulary: Vocabulary) -> None:
    jobs = shipped_vocabulary.tables["jobs_to_be_done"]
    assert moment_column(jobs, ("id", "updated_at")) == "updated_at"
    assert moment_column(jobs, ("id", "created_at")) is moment_column(jobs, ("updated_at",)) is None
    assert sum(moment_column(t, t.known_columns) is not None for t in shipped_vocabulary.tables.values()) > 80


@pytest.mark.parametrize(("fewest", "keys"), [(3, ["a", "b"]), (4, [])])
def test_rows_of_a_small_table_are_not_settled(fewest: int, keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "FEWEST_ROWS", fewest)
    old = "2025-06-01 09:00:00+00"
    assert settled(("a", old), ("b", old)) == keys
