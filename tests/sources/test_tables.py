"""What every kind of source promises: a new kind joins by one more entry in `kinds`."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.kinds import Load, Row, Table, Write, load_table, make_engine, write_folder

from jobgraph.errors import UsageError
from jobgraph.sources import open_source

JOBS = Table(("id", "name"), [("1", "Launch"), ("2", "Listen")])


def test_tables_are_listed_with_their_columns_in_order(write: Write, work_dir: Path) -> None:
    location = write({"jobs": JOBS, "a_b": Table(("z", "a", "m"), [("1", "2", "3")])})
    with closing(open_source(location, work_dir=work_dir)) as source:
        assert dict(source.tables) == {"jobs": ("id", "name"), "a_b": ("z", "a", "m")}


def test_location_names_the_source(write: Write, work_dir: Path) -> None:
    location = write({"jobs": JOBS})
    with closing(open_source(location, work_dir=work_dir)) as source:
        assert source.location.rpartition("/")[2] == location.rpartition("/")[2]


def test_each_table_can_be_loaded(write: Write, work_dir: Path, engine: duckdb.DuckDBPyConnection) -> None:
    location = write({"jobs": JOBS, "roles": Table(("id",), [("9",)])})
    with closing(open_source(location, work_dir=work_dir)) as source:
        names = [source.load(engine, table) for table in ("roles", "jobs")]
    assert [engine.execute(f"FROM {name}").fetchall() for name in names] == [[("9",)], list(JOBS.rows)]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param('He said "yes"', id="quotes"),
        pytest.param('"', id="one_quote"),
        pytest.param("a,b;c\td|e", id="delimiters"),
        pytest.param("first\nsecond", id="newline"),
        pytest.param("first\r\nsecond", id="carriage_return_and_newline"),
        pytest.param("first\rsecond", id="carriage_return"),
        pytest.param("  both sides  ", id="spaces_around"),
        pytest.param("NULL", id="the_word_null"),
        pytest.param("\\N", id="null_of_postgres"),
        pytest.param("\\.", id="end_of_copy"),
        pytest.param("C:\\n\\x41", id="backslashes"),
        pytest.param("Zürich, 東京, 🚀", id="beyond_ascii"),
        pytest.param("007", id="leading_zeros"),
        pytest.param("1.50", id="trailing_zero"),
        pytest.param("#1 'x' $2 %s", id="signs"),
        pytest.param("\ufeffmark", id="byte_order_mark"),
        pytest.param('{"a": [1.50, null]}', id="json"),
        pytest.param('{a,"b c",NULL}', id="array_literal"),
    ],
)
def test_cell_is_loaded_as_it_is_spelled(write: Write, load: Load, cell: str) -> None:
    loaded = load(write({"jobs": Table(("id", "name"), [(cell, "x"), ("x", cell)])}), "jobs")
    assert (loaded.rows, loaded.defects) == ([(cell, "x"), ("x", cell)], [])


def test_empty_text_is_null(write: Write, load: Load) -> None:
    rows: list[Row] = [("", "1"), (None, "2"), ("", ""), (None, None)]
    assert load(write({"jobs": Table(("id", "name"), rows)}), "jobs").rows == [
        (None, "1"),
        (None, "2"),
        (None, None),
        (None, None),
    ]


def test_table_of_one_column_keeps_its_null_rows(write: Write, load: Load) -> None:
    assert load(write({"jobs": Table(("id",), [("1",), (None,), ("3",)])}), "jobs").rows == [("1",), (None,), ("3",)]


def test_rows_keep_their_order(write: Write, load: Load) -> None:
    rows = [(f"{n * 7919 % 10007:05}", "x") for n in range(2000)]  # of one length: Postgres would fill gaps
    assert load(write({"jobs": Table(("id", "name"), rows)}), "jobs").rows == rows


def test_cell_of_10_mb_is_kept_whole(write: Write, load: Load) -> None:
    cell = 'Jobs, "x"\n' * 1_000_000
    loaded = load(write({"jobs": Table(("id", "name"), [("1", cell), ("2", "x")])}), "jobs")
    assert loaded.rows == [("1", cell), ("2", "x")]


def test_names_may_hold_quotes_and_spaces(write: Write, load: Load) -> None:
    table = Table(('a "b"', "c'd; DROP TABLE x", "é f", "select"), [("1", "2", "3", "4")])
    loaded = load(write({'my "jobs"; x': table}), 'my "jobs"; x')
    assert (loaded.columns, loaded.rows) == (table.columns, table.rows)


def test_unknown_table_is_refused(write: Write, load: Load) -> None:
    with pytest.raises(UsageError, match="rolls"):
        load(write({"jobs": JOBS}), "rolls")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.text(
    "\", \r\n\\'{}[]:0.a", max_size=8
)
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[TEXTS] * width), max_size=6))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@given(rows=ROWS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_comes_back(kind: str, rows: list[tuple[str, ...]]) -> None:
    columns = tuple(f"c{n}" for n in range(len(rows[0]) if rows else 1))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as work_dir, make_engine() as engine:
        location = write_folder(kind, Path(folder), {"jobs": Table(columns, rows)})
        loaded = load_table(location, "jobs", Path(work_dir), engine)
    assert loaded.defects == []
    assert loaded.rows == [tuple(cell or None for cell in row) for row in rows]
