"""One look at a source table: how many rows and cells there are, and which columns need more than a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import duckdb

from jobgraph.contract.cells import Expression, is_plain, is_valid, quick_test
from jobgraph.contract.sql import SOURCE, table
from jobgraph.contract.tables import TableInSource
from jobgraph.vocabulary import Column, Vocabulary

SAFE_KEY = "[A-Za-z0-9_~-]*"  # keys of these characters stand in an IRI as they are


@dataclass(frozen=True)
class Profile:
    """What the look at a table found; `problems` maps what was counted to counts above zero."""

    rows: int
    problems: Mapping[str, int] = field(default_factory=dict)

    def has(self, problem: str, column: str = "") -> bool:
        """Whether a problem was counted in a column, or in whole rows."""
        return f"{problem} {column}" in self.problems


def profile(
    connection: duckdb.DuckDBPyConnection,
    found: TableInSource,
    vocabulary: Vocabulary,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Profile:
    """Count rows, filled cells and problems of a loaded table: one cheap pass, and a second where that is not enough.

    Problems of columns are `doubtful` (some cell fails the quick test), `invalid` (cells that cannot be stated) and
    `rough` (cells that must be rewritten). `more` are other problems, each with the SQL of its count.
    """
    groups = _quick_groups(found, vocabulary)
    flags = {
        "missing-key ": f"{found.key} IS NULL" if found.needs_key else "false",
        "missing-tenant ": f"{found.tenant} IS NULL",
        "deleted ": found.deleted,
        "unsafe-key ": f"NOT regexp_full_match({found.key}, '{SAFE_KEY}')",
        **{f"quick {group}": _quick_sql(found, columns, test) for group, (columns, test) in groups.items()},
    }
    counts = {
        "rows": "count(*)",
        "duplicate-key ": f"count({found.key}) - count(DISTINCT {found.key})",
        **more,
        "flawed": f"count_if({' OR '.join(flag for flag in flags.values() if flag != 'false')})",
    }
    numbers = _count(connection, counts, found.rows)
    rows, flawed = numbers.pop("rows", 0), numbers.pop("flawed", 0)
    if flawed:  # one flag is cheap to plan where a count for each costs more than its rows; now it is worth it
        numbers |= _count(connection, {label: f"count_if({flag})" for label, flag in flags.items()}, found.rows)
    doubtful = [c for g, (columns, _) in groups.items() if numbers.pop(f"quick {g}", 0) for c in columns]
    if doubtful:
        exact = dict(_exact_counts(found, doubtful, vocabulary))
        numbers |= _count(connection, exact, f"{table(SOURCE, found.table.name)} s")
    return Profile(rows, numbers)


def _count(connection: duckdb.DuckDBPyConnection, counts: Mapping[str, str], source: str) -> dict[str, int]:
    """The counts above zero, by label."""
    row = connection.execute(f"SELECT {', '.join(counts.values())} FROM {source}").fetchone() or ()
    return {label: count for label, count in zip(counts, row, strict=True) if count}


def _quick_groups(found: TableInSource, vocabulary: Vocabulary) -> dict[str, tuple[list[Column], Expression]]:
    """The columns of a table by the quick test that they share: one expression each costs too much to plan."""
    groups: dict[str, tuple[list[Column], Expression]] = {}
    for column in found.columns:
        group, test = quick_test(column, vocabulary.scheme_of(column))
        if group:
            groups.setdefault(group, ([], test))[0].append(column)
    return groups


def _quick_sql(found: TableInSource, columns: list[Column], test: Expression) -> str:
    cells = [found.cell(c.name) for c in columns]
    if len(cells) == 1:
        return f"({cells[0]} IS NOT NULL AND ({test(cells[0])}) IS NOT TRUE)"
    each = f"list_transform([{', '.join(cells)}], lambda c: c IS NULL OR coalesce({test('c')}, false))"
    return f"NOT list_bool_and({each})"


def _exact_counts(found: TableInSource, columns: list[Column], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for column in columns:
        cell = found.cell(column.name)
        yield f"doubtful {column.name}", f"count({cell})"
        tests = {"invalid": is_valid(column, cell), "rough": is_plain(column, vocabulary.scheme_of(column), cell)}
        for problem, sql in tests.items():
            if sql == "false":
                yield f"{problem} {column.name}", f"count({cell})"
            elif sql != "true":
                yield f"{problem} {column.name}", f"count_if({cell} IS NOT NULL AND NOT {sql})"
