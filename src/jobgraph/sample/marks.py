"""Cells that change from copy to copy: marks in the text of a template stand for what each copy fills in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from jobgraph.sample.copies import Part
from jobgraph.sample.names import LABEL, NUMBER, Names
from jobgraph.sample.pattern import Level, Pattern, Row
from jobgraph.vocabulary import JG

# Control characters, which no sound cell holds, and the column of the copies that fills each in.
COPY_KEY, TENANT_KEY, TENANT, EARLIER_KEY = "\x01", "\x02", "\x03", "\x04"
MARKS: Mapping[str, str] = {
    COPY_KEY: "suffix_",
    TENANT_KEY: "tenant_suffix_",
    TENANT: "tenant_",
    EARLIER_KEY: "earlier_suffix_",
    LABEL: "label_",
    NUMBER: "name_number_",
}
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def key_prefix(key: str, seed: int) -> str:
    """The part of a new key that all copies of a row share: a UUID of version 8 without its last 12 digits.

    >>> key_prefix("7eceafb5-6125-5f7d-9189-5893fb19df5a", 1)
    '79cc7d8d-9561-83df-a7b5-'
    """
    digits = hashlib.md5(f"{seed} {key}".encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-"


def marked_rows(pattern: Pattern, part: Part, seed: int) -> Iterator[tuple[Row, dict[str, str]]]:
    """The rows of a part, each with its cells as marked text.

    The rows of the sample's own tenants keep their names in their first copy.
    """
    rows = part.rows(pattern)
    keys = _marked_keys(pattern, part, rows, seed)
    names = Names(pattern)
    for row in rows:
        renamed = {} if part.level == Level.ONCE else names.of(row)
        cells = {column: renamed.get(column) or _with_keys(cell, keys) for column, cell in row.cells.items()}
        earlier = _earlier_column(row)
        if earlier:
            cells[earlier] = cells[earlier].replace(COPY_KEY, EARLIER_KEY)
        yield row, cells


def _earlier_column(row: Row) -> str | None:
    """The column of a job dependency that may name a job of the tenant's copy before: the job that is depended on."""
    return row.table.column_of(JG + "hasSourceJob") if row.table.class_iri == JG + "JobDependency" else None


def _marked_keys(pattern: Pattern, part: Part, rows: Iterable[Row], seed: int) -> dict[str, str]:
    """The new key of every row that is not shared, by its old one; empty where the part has no such row."""
    keys = {row.key: "" for row in pattern.origins}
    keys |= {row.key: TENANT for row in pattern.tenant_rows if pattern.origins[row] == part.origin}
    present = set(rows)
    for row, origin in pattern.origins.items():
        level = pattern.levels[row]
        is_earlier = origin == part.origin and level == Level.TENANT and part.level == Level.COPY
        if (row in present or is_earlier) and row not in pattern.tenant_rows:
            keys[row.key] = key_prefix(row.key, seed) + (COPY_KEY if level == Level.COPY else TENANT_KEY)
    return keys


def _with_keys(cell: str, keys: Mapping[str, str]) -> str:
    """The cell with new keys for old ones, wherever they stand in it; empty if it names a row that is gone."""
    found = [key for key in _UUID.findall(cell) if key in keys]
    if not all(keys[key] for key in found):
        return ""
    return _UUID.sub(lambda match: keys.get(match[0], match[0]), cell) if found else cell
