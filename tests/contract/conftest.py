"""What the tests of the contract share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from tests.postgres_server import postgres_server

from jobgraph.contract import moments
from jobgraph.contract.nested import register_functions

__all__ = ["postgres_server"]

Evaluate = Callable[[Callable[[str], str], str | None], Any]


@pytest.fixture(scope="module")
def no_table_is_small() -> Iterator[None]:
    """Lets the rows of tables settle, however few they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "FEWEST_ROWS", 1)
        yield


@pytest.fixture(scope="session")
def evaluate() -> Iterator[Evaluate]:
    """Gives the value of an SQL expression over one text cell."""
    with duckdb.connect() as connection:
        register_functions(connection)

        def value(expression: Callable[[str], str], cell: str | None) -> Any:
            row = connection.execute(f"SELECT {expression('c')} FROM (SELECT ?::VARCHAR AS c)", [cell]).fetchone()
            assert row is not None
            return row[0]

        yield value
