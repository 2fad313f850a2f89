"""The defects that a generated sample may hold: what they look like, where they fit, and what a build makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import md5

from jobgraph.contract.sql import text
from jobgraph.sample.pattern import tenant_column
from jobgraph.vocabulary import JG, RDF, XSD, Column, Table

Spoiler = Callable[[Column], str | None]

_UNKNOWN_KEY = "00000000-0000-8000-8000-000000000000"


@dataclass(frozen=True)
class DefectKind:
    """One way to spoil a row.

    `becomes` is what a build reports: a rule of the quarantine or the local name of a SHACL constraint component.
    `spoiled` gives the text that spoils a cell of a column, or None where the defect does not fit. A `whole_row` is
    lost to a build, so such a defect befalls only rows that no other row links to: else one would become many.
    """

    becomes: str
    spoiled: Spoiler = lambda _: None
    whole_row: bool = False


@dataclass(frozen=True)
class Slot:
    """The column of a table that a kind of defect befalls, and the SQL of the text that it puts there."""

    column: str
    sql: str


def _in_place_of(spoiled: str, *datatypes: str) -> Spoiler:
    return lambda column: spoiled if column.datatype in datatypes and not column.repeated else None


def _impossible_date(column: Column) -> str | None:
    spoiled = {XSD + "date": "2025-02-30", XSD + "dateTime": "2025-02-30T10:00:00Z"}
    return None if column.path == JG + "deletedAt" else spoiled.get(column.datatype)


def _broken_list(column: Column) -> str | None:
    return '{whole,"half' if column.repeated else None


def _unknown_code(column: Column) -> str | None:
    return "no such code" if column.scheme and not column.repeated else None


def _too_high(column: Column) -> str | None:
    return next((str(Decimal(bound) + 1) for sign, bound in column.bounds if sign == "<="), None)


def _too_many_decimals(column: Column) -> str | None:
    if not column.pattern or column.datatype != XSD + "decimal":
        return None
    lowest = next((Decimal(bound) for sign, bound in column.bounds if sign.startswith(">")), Decimal(0))
    return f"{max(int(lowest), 0)}.1234567"


def _missing_target(column: Column) -> str | None:
    return _UNKNOWN_KEY if column.kind == "link" else None


KINDS: Mapping[str, DefectKind] = {
    "unparsable-number": DefectKind("datatype", _in_place_of("about ten", XSD + "integer", XSD + "decimal")),
    "decimal-comma": DefectKind("datatype", _in_place_of("7,5", XSD + "decimal")),
    "impossible-date": DefectKind("datatype", _impossible_date),
    "not-boolean": DefectKind("datatype", _in_place_of("maybe", XSD + "boolean")),
    "broken-json": DefectKind("datatype", _in_place_of('{"half": ', RDF + "JSON")),
    "broken-list": DefectKind("list", _broken_list),
    "too-high": DefectKind("MaxInclusiveConstraintComponent", _too_high),
    "too-many-decimals": DefectKind("PatternConstraintComponent", _too_many_decimals),
    "unknown-code": DefectKind("NodeConstraintComponent", _unknown_code),
    "missing-target": DefectKind("missing-target", _missing_target),
    "foreign-tenant": DefectKind("foreign-tenant"),
    "missing-key": DefectKind("missing-key", whole_row=True),
    "duplicate-key": DefectKind("duplicate-key", whole_row=True),
    "missing-tenant": DefectKind("missing-tenant", whole_row=True),
}


def open_columns(table: Table) -> list[Column]:
    """The columns whose cells can be spoiled without more than one defect coming of it."""
    kept = {table.key, tenant_column(table), *table.tenant_columns, *(c for columns in table.unique for c in columns)}
    names = [c.name for c in table.columns]
    return [c for c in table.columns if c.name not in kept and names.count(c.name) == 1]


def read_slots(table: Table, foreign_keys: Mapping[str, str], *, first_key: str, seed: int) -> dict[str, Slot]:
    """Where each kind of defect that fits a table befalls it, by kind; one column each, drawn by the seed.

    `foreign_keys` are the SQL of keys of other tenants' rows by link column, `first_key` is that of the first row.
    """
    slots = {kind: Slot(table.key, sql) for kind, sql in (("missing-key", "NULL"), ("duplicate-key", first_key))}
    own = tenant_column(table)
    if table.tenancy == "Own" and own:
        slots["missing-tenant"] = Slot(own, "NULL")
    for kind in KINDS:
        fitting = sorted(_fitting(kind, table, foreign_keys))
        if fitting:
            draw = int(md5(f"{seed} {table.name} {kind}".encode(), usedforsecurity=False).hexdigest(), 16)
            slots[kind] = Slot(*fitting[draw % len(fitting)])
    return {kind: slots[kind] for kind in KINDS if kind in slots}


def _fitting(kind: str, table: Table, foreign_keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in open_columns(table):
        spoiled = KINDS[kind].spoiled(column)
        if spoiled is not None:
            yield column.name, text(spoiled)
        elif kind == "foreign-tenant" and column.name in foreign_keys:
            yield column.name, foreign_keys[column.name]
