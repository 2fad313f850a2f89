"""Parquet files: what each type becomes as text."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.sources.kinds import Load

from jobgraph.errors import InputError


def write(folder: Path, select: str) -> Path:
    path = folder / "jobs.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("7.10::DECIMAL(5, 2)", "7.10", id="decimal"),
        pytest.param("'12345678901234567890.123'::DECIMAL(38, 3)", "12345678901234567890.123", id="long_decimal"),
        pytest.param("0.1::FLOAT", "0.1", id="float"),
        pytest.param("7.1::DOUBLE", "7.1", id="double"),
        pytest.param("9223372036854775807", "9223372036854775807", id="integer"),
        pytest.param("true", "true", id="boolean"),
        pytest.param("DATE '2024-05-01'", "2024-05-01", id="date"),
        pytest.param("TIME '10:00:00'", "10:00:00", id="time"),
        pytest.param("TIMESTAMP '2024-05-01 10:00:00.125'", "2024-05-01 10:00:00.125", id="timestamp"),
        pytest.param("TIMESTAMPTZ '2024-05-01 10:00:00+02'", "2024-05-01 08:00:00+00", id="timestamp_with_zone"),
        pytest.param("[TIMESTAMPTZ '2024-05-01 10:00:00+02']", '["2024-05-01 08:00:00+00"]', id="list_of_times"),
        pytest.param("'2F0C0000-0000-0000-0000-000000000001'::UUID", "2f0c0000-0000-0000-0000-000000000001", id="uuid"),
        pytest.param("['a', 'b \"c\"', NULL]", '["a","b \\"c\\"",null]', id="list"),
        pytest.param("[]::VARCHAR[]", "[]", id="empty_list"),
        pytest.param("[['a'], []]", '[["a"],[]]', id="list_of_lists"),
        pytest.param("[1.10::DECIMAL(5, 2), NULL]", '["1.10",null]', id="list_of_decimals"),
        pytest.param("[0.1::FLOAT]", '["0.1"]', id="list_of_floats"),
        pytest.param("[1, 2]", "[1,2]", id="list_of_integers"),
        pytest.param("{'k': 'v', 'l': [1]}", '{"k":"v","l":[1]}', id="struct"),
        pytest.param("MAP {'k': 1}", '{"k":1}', id="map"),
        pytest.param("'{\"k\": 1.50}'::JSON", '{"k": 1.50}', id="json"),
        pytest.param("'x\\xFF'::BLOB", "x\\xFF", id="bytes"),
        pytest.param("''", None, id="empty_text"),
        pytest.param("NULL::INTEGER", None, id="null"),
    ],
)
def test_type_becomes_text(
    load: Load, folder: Path, engine: duckdb.DuckDBPyConnection, value: str, cell: str | None
) -> None:
    engine.execute("SET TimeZone = 'America/New_York'")
    write(folder, f"SELECT {value} AS v")
    assert load(str(folder), "jobs").rows == [(cell,)]


def test_nul_character_costs_its_cell_alone(load: Load, folder: Path) -> None:
    write(folder, "FROM (VALUES ('1', 'a'), ('2', 'x' || chr(0)), ('3', 'c')) t(id, name)")
    loaded = load(str(folder), "jobs")
    assert loaded.rows == [("1", "a"), ("2", None), ("3", "c")]
    assert loaded.defects == [(2, "name", r"x\x00", "nul-character")]


def test_rows_of_many_groups_keep_their_order(load: Load, folder: Path) -> None:
    write(folder, "SELECT range::VARCHAR AS id FROM range(300000)")
    assert [row[0] for row in load(str(folder), "jobs").rows] == [str(n) for n in range(300_000)]


@pytest.mark.parametrize(
    "content",
    [b"", b"id,name\n1,a\n", b"PAR1" + b"\0" * 20 + b"PAR1"],
    ids=["empty", "csv_inside", "marks_alone"],
)
def test_file_that_is_no_parquet_is_an_input_error(load: Load, folder: Path, content: bytes) -> None:
    (folder / "jobs.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"jobs\.parquet cannot be read as Parquet"):
        load(str(folder), "jobs")


def test_truncated_file_is_an_input_error(load: Load, folder: Path) -> None:
    path = write(folder, "SELECT range AS id FROM range(1000)")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"jobs\.parquet"):
        load(str(folder), "jobs")


def test_damaged_page_is_an_input_error(load: Load, folder: Path) -> None:
    path = write(folder, "SELECT hash(range)::VARCHAR AS id FROM range(1000)")
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"jobs\.parquet"):
        load(str(folder), "jobs")
