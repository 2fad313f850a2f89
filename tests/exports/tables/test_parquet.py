from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.exports.tables.graphs import Held
from tests.exports.tables.reading import parsed, read_parquet, stated

from jobgraph.exports.tables import write_tables
from jobgraph.vocabulary import Vocabulary

PREFIXES = "@prefix jg: <https://w3id.org/jobgraph/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
Write = Callable[[str], pl.DataFrame]


@pytest.fixture
def write(tmp_path: Path, small_vocabulary: Vocabulary) -> Write:
    """The one table."""

    def make(turtle: str) -> pl.DataFrame:
        selection = Held(parsed(PREFIXES + turtle))
        (path,) = write_tables(selection, "parquet", tmp_path, vocabulary=small_vocabulary)
        return pl.read_parquet(path)

    return make


@pytest.mark.parametrize(
    ("turtle", "dtype", "read"),
    [
        pytest.param("7.250", pl.Decimal(18, 2), Decimal("7.25"), id="decimal"),
        pytest.param("12345678901234567890.5", pl.Decimal(38, 1), Decimal("12345678901234567890.5"), id="long_decimal"),
        pytest.param(f"{'9' * 38}.5", pl.String(), f"{'9' * 38}.5", id="too_long_decimal"),
        pytest.param("9223372036854775807", pl.Int64(), 2**63 - 1, id="integer"),
        pytest.param("9223372036854775809", pl.String(), "9223372036854775809", id="too_long_integer"),
        pytest.param("true", pl.Boolean(), True, id="boolean"),
        pytest.param("'-INF'^^xsd:double", pl.Float64(), float("-inf"), id="infinity"),
        pytest.param("'2025-01-31'^^xsd:date", pl.Date(), date(2025, 1, 31), id="date"),
        pytest.param(
            "'2025-01-31T10:00:00.5Z'^^xsd:dateTime",
            pl.Datetime("us", "UTC"),
            datetime(2025, 1, 31, 10, 0, 0, 500_000, UTC),
            id="moment",
        ),
        pytest.param(
            "'2025-01-31T10:00:00+02:00'^^xsd:dateTime", pl.String(), "2025-01-31T10:00:00+02:00", id="other_zone"
        ),
        pytest.param("1, 2", pl.List(pl.Int64()), [1, 2], id="list"),
        pytest.param("<urn:b>", pl.String(), "urn:b", id="link"),
    ],
)
def test_column_has_the_type_that_holds_its_values(write: Write, turtle: str, dtype: pl.DataType, read: object) -> None:
    table = write(f"<urn:a> a jg:Team ; jg:value {turtle} .")
    assert (table.schema["value"], table["value"].to_list()) == (dtype, [read])


def test_what_is_set_aside_meanwhile_comes_in_the_same_order(
    small_vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgraph.exports.tables.parquet._WAITING", 10)
    things = "".join(f"<urn:{n:03}> a jg:{'Tool' if n % 3 else 'Team'} ; jg:size {n}, {n}.5 .\n" for n in range(100))
    selection = Held(parsed(PREFIXES + things))
    team, tool = write_tables(selection, "parquet", tmp_path, vocabulary=small_vocabulary)
    assert pl.read_parquet(tool)["id"].is_sorted()
    assert pl.read_parquet(team).height == 34
    assert read_parquet(tmp_path) == stated(selection.triples())
