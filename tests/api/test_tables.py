"""Terms as columns of their types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.api.tables import to_series, to_table, to_value
from jobgraph.api.values import to_term
from jobgraph.vocabulary import XSD


def typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


@pytest.mark.parametrize(
    ("terms", "dtype", "values"),
    [
        pytest.param([Literal(7), None], pl.Int64, [7, None], id="whole numbers"),
        pytest.param([typed("7.1", "decimal")], pl.Decimal(38, 1), [Decimal("7.1")], id="decimals"),
        pytest.param(
            [typed("1.25", "decimal"), Literal(2)], pl.Decimal(38, 2), [Decimal("1.25"), 2], id="decimals and whole"
        ),
        pytest.param([typed("1e3", "double"), Literal(1)], pl.Float64, [1000.0, 1.0], id="floats and whole"),
        pytest.param([typed("true", "boolean")], pl.Boolean, [True], id="booleans"),
        pytest.param([typed("2025-01-31", "date")], pl.Date, [date(2025, 1, 31)], id="dates"),
        pytest.param(
            [typed("2025-01-31T08:00:00Z", "dateTime")],
            pl.Datetime("us", "UTC"),
            [datetime(2025, 1, 31, 8, tzinfo=UTC)],
            id="moments",
        ),
        pytest.param(
            [typed("2025-01-31T08:00:00", "dateTime")], pl.Datetime("us"), [datetime(2025, 1, 31, 8)], id="no zone"
        ),
        pytest.param(
            [typed("2025-01-31T08:00:00", "dateTime"), typed("2025-01-31T08:00:00Z", "dateTime")],
            pl.String,
            ["2025-01-31T08:00:00", "2025-01-31T08:00:00Z"],
            id="with and without zone",
        ),
        pytest.param([typed("12025-01-31", "date")], pl.String, ["12025-01-31"], id="a year of five digits"),
        pytest.param([typed("9" * 25, "integer")], pl.String, ["9" * 25], id="more than 64 bits"),
        pytest.param([Literal(1), Literal("one")], pl.String, ["1", "one"], id="numbers and texts"),
        pytest.param([NamedNode("urn:x")], pl.String, ["urn:x"], id="IRIs"),
        pytest.param([Literal("deux", language="fr"), BlankNode("b")], pl.String, ["deux", "_:b"], id="others"),
        pytest.param([None], pl.String, [None], id="nothing"),
    ],
)
def test_column_has_the_type_of_its_terms(
    terms: list[Literal | NamedNode | None], dtype: pl.DataType, values: list[object]
) -> None:
    series = to_series("x", terms)
    assert (series.dtype, series.to_list()) == (dtype, values)


def test_answer_without_rows_keeps_its_columns() -> None:
    assert to_table(("a", "b"), []).schema == {"a": pl.String, "b": pl.String}


@given(
    st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.booleans(),
        st.dates(),
        st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
        st.text(),
    )
)
def test_value_comes_back_from_its_term(value: object) -> None:
    assert to_value(to_term(value)) == value
