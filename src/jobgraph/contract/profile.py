"""One look at a source table: how many rows and cells there are, and which columns need more than a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import duckdb

from jobgraph.contract.cells import Expression, is_plain, is_valid, quick_test
from jobgraph.contract.sql import KEYS, SOURCE, name, table, text
from jobgraph.vocabulary import JG, Column, Table, Vocabulary

SAFE_KEY = "[A-Za-z0-9_~-]*"  # keys of these characters stand in an IRI as they are


@dataclass(frozen=True)
class TableInSource:
    """A known table as the source has it: the shapes' columns that it holds.

    `only_tenant` is the key of the one tenant of a source without a table of tenants: rows that name none are its own.
    """

    table: Table
    columns: tuple[Column, ...]
    column_names: tuple[str, ...]
    only_tenant: str = ""

    @property
    def key(self) -> str:
        """The SQL of the key of a row; NULL where the source lacks the column."""
        return f"s.{name(self.table.key)}" if self.table.key in self.column_names else "NULL::VARCHAR"

    @property
    def deleted(self) -> str:
        """The SQL that is true for soft-deleted rows."""
        column = self.table.column_of(JG + "deletedAt")
        return f"s.{name(column)} IS NOT NULL" if column in self.column_names else "false"


@dataclass(frozen=True)
class Profile:
    """What the look at a table found; `problems` maps what was counted to counts above zero."""

    rows: int
    problems: Mapping[str, int] = field(default_factory=dict)

    def has(self, problem: str, column: str = "") -> bool:
        """Whether a problem was counted in a column, or in whole rows."""
        return f"{problem} {column}" in self.problems


def tenant_joins(found: TableInSource, vocabulary: Vocabulary) -> tuple[str, str]:
    """The SQL of a row's tenant, NULL if it cannot be found and '' if all share it, and the joins that it needs."""
    source = found.table
    own = source.column_of(JG + "belongsToTenant")
    own_cell = f"s.{name(own)}" if own in found.column_names and own else "NULL::VARCHAR"
    if source.tenancy == "Shared":
        return "''", ""
    if source.tenancy == "Itself":
        return "t.tenant_", f"LEFT JOIN {KEYS}.tenant_slugs t ON t.tenant_ = {found.key}"
    if source.tenancy == "Inherited":
        return _inherited(found, vocabulary)
    join = f"LEFT JOIN {KEYS}.tenant_slugs t ON t.tenant_ = {own_cell}"
    unnamed = "''" if source.tenancy == "OwnOrShared" else text(found.only_tenant) if found.only_tenant else "NULL"
    return f"CASE WHEN {own_cell} IS NULL THEN {unnamed} ELSE t.tenant_ END", join


def _inherited(found: TableInSource, vocabulary: Vocabulary) -> tuple[str, str]:
    tenants, joins = [], []
    by_name = {link.name: link for link in found.table.links}
    for number, column in enumerate(c for c in found.table.tenant_columns if c in found.column_names):
        parent = vocabulary.table_of_class[by_name[column].target].name
        joins.append(f"LEFT JOIN {table(KEYS, parent)} p{number} ON p{number}.key_ = s.{name(column)}")
        tenants.append(f"p{number}.tenant_")
    if found.only_tenant:
        tenants.append(text(found.only_tenant))
    return (f"coalesce({', '.join(tenants)})" if tenants else "NULL::VARCHAR"), " ".join(joins)


def profile(connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary) -> Profile:
    """Count rows, filled cells and problems of a loaded table: one cheap pass, and a second where that is not enough.

    Problems of columns are `invalid` (cells that cannot be stated), `rough` (cells that must be rewritten) and
    `complex` (lists that need more than splitting).
    """
    tenant, joins = tenant_joins(found, vocabulary)
    groups = _quick_groups(found, vocabulary)
    counts = {
        "rows": "count(*)",
        "missing-key ": f"count_if({found.key} IS NULL)",
        "duplicate-key ": f"count({found.key}) - count(DISTINCT {found.key})",
        "missing-tenant ": f"count_if({tenant} IS NULL)",
        "deleted ": f"count_if({found.deleted})",
        "unsafe-key ": f"count_if(NOT regexp_full_match({found.key}, '{SAFE_KEY}'))",
        **{f"quick {group}": _quick_sql(columns, test) for group, (columns, test) in groups.items()},
    }
    source = f"{table(SOURCE, found.table.name)} s"
    numbers = _count(connection, counts, f"{source} {joins}")
    doubtful = [c for g, (columns, _) in groups.items() if f"quick {g}" in numbers for c in columns]
    problems = {label: n for label, n in numbers.items() if not label.startswith("quick ") and label != "rows"}
    if doubtful:
        problems |= _count(connection, dict(_exact_counts(doubtful, vocabulary)), source)
    return Profile(numbers.get("rows", 0), problems)


def _count(connection: duckdb.DuckDBPyConnection, counts: Mapping[str, str], source: str) -> dict[str, int]:
    """The counts above zero, by label."""
    row = connection.execute(f"SELECT {', '.join(counts.values())} FROM {source}").fetchone() or ()
    return {label: count for label, count in zip(counts, row, strict=True) if count}


def _quick_groups(found: TableInSource, vocabulary: Vocabulary) -> dict[str, tuple[list[Column], Expression]]:
    """The columns of a table by the quick test that they share: one expression each costs too much to plan."""
    groups: dict[str, tuple[list[Column], Expression]] = {}
    for column in found.columns:
        group, test = quick_test(column, vocabulary.schemes[column.scheme] if column.scheme else None)
        if group:
            groups.setdefault(group, ([], test))[0].append(column)
    return groups


def _quick_sql(columns: list[Column], test: Expression) -> str:
    cells = [f"s.{name(c.name)}" for c in columns]
    if len(cells) == 1:
        return f"count_if({cells[0]} IS NOT NULL AND ({test(cells[0])}) IS NOT TRUE)"
    each = f"list_transform([{', '.join(cells)}], lambda c: c IS NULL OR coalesce({test('c')}, false))"
    return f"count_if(NOT list_bool_and({each}))"


def _exact_counts(columns: list[Column], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for column in columns:
        cell = f"s.{name(column.name)}"
        scheme = vocabulary.schemes[column.scheme] if column.scheme else None
        if column.repeated:
            yield f"complex {column.name}", f"count({cell})"
        for problem, sql in (("invalid", is_valid(column, cell)), ("rough", is_plain(column, scheme, cell))):
            if sql == "false":
                yield f"{problem} {column.name}", f"count({cell})"
            elif sql != "true":
                yield f"{problem} {column.name}", f"count_if({cell} IS NOT NULL AND NOT {sql})"
