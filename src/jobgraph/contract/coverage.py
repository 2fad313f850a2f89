"""Coverage: where every row and every column of the source went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobgraph.contract import quarantine
from jobgraph.contract.door import Admitted
from jobgraph.contract.sql import LIVE, table
from jobgraph.errors import JobgraphError
from jobgraph.sources import Source
from jobgraph.vocabulary import Vocabulary


@dataclass(frozen=True)
class TableCoverage:
    """What became of the rows of one table: `read` = `stated` + `quarantined` + `deleted`.

    `cells` counts the entries in quarantine on rows that are not in quarantine as a whole.
    """

    table: str
    read: int
    stated: int
    quarantined: int
    deleted: int
    cells: int


@dataclass(frozen=True)
class Coverage:
    """What became of a source: its tables and its columns.

    A column is key, mapped, waived (with the reason), unknown to the shapes, or absent from the source. Rows are stated
    by tenant short name, '' for shared rows.
    """

    tables: tuple[TableCoverage, ...]
    columns: Mapping[str, Mapping[str, str]]
    unknown_tables: tuple[str, ...]
    absent_tables: tuple[str, ...]
    stated_by_tenant: Mapping[str, Mapping[str, int]]

    def totals(self) -> dict[str, int]:
        """The rows read, stated, quarantined and deleted, over all tables."""
        names = ("read", "stated", "quarantined", "deleted")
        return {name: sum(getattr(table, name) for table in self.tables) for name in names}

    def to_json(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return {**vars(self), "tables": [vars(table) for table in self.tables]}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Coverage:
        """The coverage that `to_json` gave."""
        lists = {name: tuple(facts[name]) for name in ("unknown_tables", "absent_tables")}
        return cls(**{**facts, **lists, "tables": tuple(TableCoverage(**table) for table in facts["tables"])})


def measure(admitted: Admitted, source: Source, vocabulary: Vocabulary) -> Coverage:
    """Count what became of every row and column.

    Raises
    ------
    JobgraphError : rows are unaccounted for, which is a fault of this package and never of the source.
    """
    stated = _stated(admitted)
    whole, cells = _quarantined(admitted)
    counted = []
    for name_, seen in sorted(admitted.profiles.items()):
        row = TableCoverage(
            name_,
            seen.rows,
            sum(stated.get(name_, {}).values()),
            whole.get(name_, 0),
            _deleted(admitted, name_),
            cells.get(name_, 0),
        )
        if row.read != row.stated + row.quarantined + row.deleted:
            raise JobgraphError(f"Rows of {name_} are unaccounted for: {row}. Please report this.")
        counted.append(row)
    return _coverage(counted, stated, admitted, source, vocabulary)


def measure_records(admitted: Admitted, source: Source, vocabulary: Vocabulary) -> Coverage:
    """The same from the record of the door, which has the rows that did not go through it as well."""
    counts: dict[str, Counter[str]] = {t: Counter() for t in source.tables if t in vocabulary.tables}
    stated: dict[str, dict[str, int]] = {}
    query = "SELECT table_, state, tenant_, count(*) FROM records GROUP BY ALL"
    for name_, state, tenant, count in admitted.connection.execute(query).fetchall():
        counts[name_][state] += count
        if state == "live":
            stated.setdefault(name_, {})[tenant] = count
    _, cells = _quarantined(admitted)
    tables = (
        TableCoverage(name_, c.total(), c["live"], c["lost"], c["deleted"], cells.get(name_, 0))
        for name_, c in sorted(counts.items())
    )
    return _coverage(list(tables), stated, admitted, source, vocabulary)


def _coverage(
    tables: Iterable[TableCoverage],
    stated: Mapping[str, Mapping[str, int]],
    admitted: Admitted,
    source: Source,
    vocabulary: Vocabulary,
) -> Coverage:
    known = [name_ for name_ in sorted(source.tables) if name_ in vocabulary.tables]
    return Coverage(
        tables=tuple(tables),
        columns={name_: dict(_columns(source.tables[name_], name_, vocabulary)) for name_ in known},
        unknown_tables=tuple(sorted(source.tables.keys() - vocabulary.tables.keys())),
        absent_tables=tuple(sorted(vocabulary.tables.keys() - source.tables.keys())),
        stated_by_tenant=_by_tenant(stated, admitted.tenants),
    )


def _stated(admitted: Admitted) -> dict[str, dict[str, int]]:
    """The live rows by table and tenant.

    One table after the other: all in one query, the engine holds memory for the tenants of each at once.
    """
    counts: dict[str, dict[str, int]] = {}
    for name_ in sorted(admitted.tables):
        query = f"SELECT tenant_, count(*) FROM {table(LIVE, name_)} GROUP BY tenant_"
        if found := admitted.connection.execute(query).fetchall():
            counts[name_] = dict(found)
    return counts


def _by_tenant(stated: Mapping[str, Mapping[str, int]], tenants: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """The stated rows by tenant short name ('' for shared rows) and table."""
    counts: dict[str, dict[str, int]] = {slug: {} for slug in ("", *tenants.values())}
    for name_, by_tenant in stated.items():
        for tenant, count in by_tenant.items():
            counts[tenants.get(tenant, "")][name_] = count
    return counts


def _quarantined(admitted: Admitted) -> tuple[dict[str, int], dict[str, int]]:
    """Rows in quarantine as a whole, and entries on other rows, by table."""
    query = """
        SELECT table_name, count(*) FILTER (lost), sum(entries) FILTER (NOT lost)
        FROM (SELECT table_name, row_number, bool_or(whole_row) AS lost, count(*) AS entries
              FROM quarantine GROUP BY table_name, row_number)
        GROUP BY table_name"""
    found = admitted.connection.execute(query).fetchall()
    return {t: whole for t, whole, _ in found}, {t: int(cells or 0) for t, _, cells in found}


def _deleted(admitted: Admitted, name_: str) -> int:
    """Soft-deleted rows that are not in quarantine."""
    if not admitted.profiles[name_].has("deleted"):
        return 0
    found = admitted.tables[name_]
    query = f"""
        SELECT count(*) FROM {found.rows}
        WHERE {found.deleted} AND s.rowid + 1 NOT IN ({quarantine.row_numbers(name_)})"""
    row = admitted.connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _columns(found: Iterable[str], name_: str, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    source = vocabulary.tables[name_]
    present = set(found)
    mapped = {c.name for c in source.columns} | set(source.tenant_columns)
    for column in sorted(present | set(source.known_columns)):
        if column not in present:
            yield column, "absent"
        elif column in source.waived:
            yield column, f"waived: {source.waived[column]}"
        elif column == source.key:
            yield column, "key"
        else:
            yield column, "mapped" if column in mapped else "unknown"
