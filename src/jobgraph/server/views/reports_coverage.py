"""What became of the tenant's rows and columns, over HTTP: its own figures, and of the source only the columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import polars as pl

from jobgraph.errors import UsageError
from jobgraph.pipeline.report import read_coverage
from jobgraph.server.rest.columns import COVERAGE, COVERAGE_OF_TABLE
from jobgraph.server.rest.paging import page, read_asked
from jobgraph.server.rest.tables import Thing
from jobgraph.server.rest.things import Things, vocabulary
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.reports import quarantined
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.vocabulary import Table

_HOME_ABOVE = 3  # the home of a generation's folder among its parents
_OF_SOURCE = ("absent", "unknown")  # states that a build finds and the ontology does not know


def show_coverage(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of the tables, with what became of the tenant's rows in each."""
    asked = read_asked(tenant, arguments)
    rows = table_rows(tenant)
    facts = {"stated": sum(_stated(tenant).values()), "quarantined": quarantined(tenant).height}
    return page(asked.table(tuple(COVERAGE), rows[asked.start : asked.stop], facts, total=len(rows)), media_type)


def show_columns(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of the columns of the table that the path names, with what became of each.

    Raises
    ------
    AnswerError : there is no table of this name.
    UsageError : a parameter is unknown.
    """
    table = vocabulary().tables.get(arguments[":name"])
    if table is None:
        raise AnswerError("missing", f"There is no table {arguments[':name']!r}; /coverage lists them.")
    asked = read_asked(tenant, arguments)
    rows = column_rows(tenant, table)
    shown = rows[asked.start : asked.stop]
    return page(asked.table(tuple(COVERAGE_OF_TABLE), shown, {"table": table.name}, total=len(rows)), media_type)


def table_rows(tenant: Tenant) -> list[list[object]]:
    """The tables in the order of their names, each with what became of the tenant's rows in it."""
    stated, lost, things = _stated(tenant), _quarantined_rows(tenant), Things(tenant)
    return [_row(table, stated, lost, things) for _, table in sorted(vocabulary().tables.items())]


def column_rows(tenant: Tenant, table: Table) -> list[list[object]]:
    """The columns of a table in the order of their names, each with what became of it."""
    entries = dict(quarantined(tenant).filter(pl.col("table") == table.name)["column"].value_counts().iter_rows())
    things = Things(tenant)
    return [
        [column, state, _property(table, column, things), reason or None, entries.get(column, 0)]
        for column, (state, reason) in _states(tenant, table).items()
    ]


def _stated(tenant: Tenant) -> Mapping[str, int]:
    """The rows of the tenant that the last build stated, by table; none where nothing was built."""
    return cast("Mapping[str, int]", tenant.generation.manifest.get("rows") or {})


def _quarantined_rows(tenant: Tenant) -> Mapping[str, tuple[int, int]]:
    """Rows with entries, and entries, by table."""
    grouped = quarantined(tenant).group_by("table").agg(pl.col("row").n_unique().alias("rows"), pl.len().alias("all"))
    return {table: (rows, entries) for table, rows, entries in grouped.iter_rows()}


def _row(table: Table, stated: Mapping[str, int], lost: Mapping[str, tuple[int, int]], things: Things) -> list[object]:
    described = things.labelled(table.class_iri) if table.class_iri else None
    counts = (len(table.known_columns), stated.get(table.name, 0), *lost.get(table.name, (0, 0)))
    return [table.name, described, table.tenancy, *counts]


def _states(tenant: Tenant, table: Table) -> Mapping[str, tuple[str, str]]:
    """Each column with its state and the reason for it."""
    mapped = {column.name for column in table.columns} | set(table.tenant_columns)
    states = {name: ("mapped" if name in mapped else "key", "") for name in table.known_columns}
    states |= {name: ("waived", reason) for name, reason in table.waived.items()}
    if table.subject:
        states.setdefault(table.subject.name, ("mapped", ""))
    found = {name: state for name, state in _of_source(tenant, table).items() if state in _OF_SOURCE}
    return dict(sorted((states | {name: (state, "") for name, state in found.items()}).items()))


def _of_source(tenant: Tenant, table: Table) -> Mapping[str, str]:
    """The columns of a table in the source with their states; of tables only that hold rows of the tenant.

    The home keeps the report on the last build alone, which may have been of others.
    """
    stated = _stated(tenant)
    try:
        report: dict[str, Any] = read_coverage(tenant.generation.path.parents[_HOME_ABOVE])
    except UsageError:
        return {}
    is_ours = stated and report["stated_by_tenant"].get(tenant.names.slug) == stated
    return cast("Mapping[str, str]", report["columns"].get(table.name, {})) if is_ours and table.name in stated else {}


def _property(table: Table, column: str, things: Things) -> Thing | None:
    found = next((each.path for each in (*table.columns, *table.links) if each.name == column), None)
    return things.labelled(found) if found else None
