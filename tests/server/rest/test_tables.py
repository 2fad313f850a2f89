from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.server.rest.tables import CSV, JSON, Table, Thing, to_json, write_table

_NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
_CELLS = st.none() | st.text() | st.booleans() | _NUMBERS


@given(number=_NUMBERS)
def test_a_number_keeps_its_value_in_every_reader_of_json(number: Decimal | int) -> None:
    read = json.loads(json.dumps(to_json(number)), parse_int=float)  # as JavaScript does
    assert (Decimal(repr(read)) if isinstance(read, float) else Decimal(read)) == number


@given(rows=st.lists(st.tuples(_CELLS, _CELLS), max_size=4))
def test_csv_says_what_json_says(rows: list[tuple[object, object]]) -> None:
    table = Table(("a", "b"), rows)
    read = json.loads(write_table(table, JSON))["rows"]
    lines = list(csv.reader(io.StringIO(write_table(table, CSV).decode(), newline="")))
    texts = [["" if c is None else c if isinstance(c, str) else json.dumps(c) for c in row.values()] for row in read]
    assert lines == [["a", "b"], *texts]


@pytest.mark.parametrize("text", [pytest.param(text, id=text[:1]) for text in ("=1+1", "+1", "-1", "@sum")])
def test_csv_leaves_formulas_as_they_are(text: str) -> None:
    assert write_table(Table(("a",), [(text,)]), CSV) == f"a\r\n{text}\r\n".encode()


def test_csv_has_lines_and_quotes_by_rfc_4180() -> None:
    rows = [("a,b", 'say "c"'), ("d\ne", None)]
    assert write_table(Table(("x", "y"), rows), CSV) == b'x,y\r\n"a,b","say ""c"""\r\n"d\ne",\r\n'


def test_an_entity_has_its_label_in_json_and_its_iri_in_csv() -> None:
    table = Table(("job",), [(Thing("https://example.org/id/job/1", "Plan"),)])
    assert json.loads(write_table(table, JSON))["rows"][0]["job"]["label"] == "Plan"
    assert write_table(table, CSV).split()[1] == b"https://example.org/id/job/1"
