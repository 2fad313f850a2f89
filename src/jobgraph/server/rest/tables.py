"""Pages of tables as bytes: JSON for programs, CSV for spreadsheets, numbers exact, entities with their labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite

JSON, CSV = "application/json", "text/csv"
SPARQL_JSON, TURTLE, HTML = "application/sparql-results+json", "text/turtle", "text/html"
_MOST_EXACT = 2**53 - 1  # up to here every reader of JSON keeps whole numbers as they are


@dataclass(frozen=True)
class Thing:
    """An IRI with what people call it, and the row of the source that it comes from, where it has them."""

    iri: str
    label: str | None = None
    table: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Table:
    """One page of rows.

    Parameters
    ----------
    facts : what JSON says beside the rows.
    total : the rows of all pages; None where they were not counted.
    next : the address of the next page, relative to that of this one; '' for none.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    facts: Mapping[str, object] = field(default_factory=dict)
    page: int = 1
    limit: int = 100
    total: int | None = None
    next: str = ""


def write_table(table: Table, media_type: str) -> bytes:
    """The page in a media type."""
    return _WRITERS[media_type](table)


def write_json(value: object) -> bytes:
    """A value as JSON."""
    return json.dumps(to_json(value), ensure_ascii=False, allow_nan=False).encode()


def to_json(value: object) -> object:
    """A value for JSON: a number where every reader keeps it as it is, else its text.

    >>> to_json([Decimal("12.50"), Decimal("0.1000000000000000055"), 2**60, Thing("https://example.org/1", "Plan")])
    [12.5, '0.1000000000000000055', '1152921504606846976', {'iri': 'https://example.org/1', 'label': 'Plan'}]
    """
    if isinstance(value, Thing):
        row = {"table": value.table, "key": value.key} if value.table else {}
        return {"iri": value.iri, "label": value.label, **row}
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, bool | str):
        return value
    return _number(value)


def to_text(value: object) -> str:
    """A value for a cell of CSV: nothing for none, an entity's IRI, lists as JSON, all else as in JSON.

    >>> to_text(True), to_text(Decimal("12.50")), to_text(["a", Thing("https://example.org/id/job/1")])
    ('true', '12.5', '["a", "https://example.org/id/job/1"]')
    """
    plain = to_json(_without_labels(value))
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _without_labels(value: object) -> object:
    if isinstance(value, Thing):
        return value.iri
    return [_without_labels(item) for item in value] if isinstance(value, list | tuple) else value


def _number(value: object) -> object:
    """A number as JSON has it, or as text where that would lose digits; the text of anything else."""
    if isinstance(value, int):
        return value if abs(value) <= _MOST_EXACT else str(value)
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and abs(value) <= _MOST_EXACT:
        return int(value)
    nearest = float(value)
    return nearest if Decimal(repr(nearest)) == value else _all_digits(value)


def _all_digits(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _to_json_page(table: Table) -> bytes:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    page = {"page": table.page, "limit": table.limit, "total": table.total, "next": table.next or None}
    return write_json({**table.facts, "columns": table.columns, "rows": rows, **page})


def _to_csv_page(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(table.columns)
    writer.writerows([to_text(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode()


_WRITERS: Mapping[str, Callable[[Table], bytes]] = {JSON: _to_json_page, CSV: _to_csv_page}
