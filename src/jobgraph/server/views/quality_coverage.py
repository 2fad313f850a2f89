"""What became of the source: its tables with the tenant's rows, and the columns of one of them."""

from __future__ import annotations

from typing import Any

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.layout import crumbs
from jobgraph.server.html.links import link
from jobgraph.server.html.workbench import Column, data_table, number
from jobgraph.server.rest.tables import Thing
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.reports_coverage import column_rows, table_rows
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError

_NUMBERS = [Column(name, is_number=True) for name in ("Columns", "Rows stated", "Rows in quarantine", "Entries")]
_TABLES: tuple[str | Column, ...] = ("Table", "What its rows are", "Whose", *_NUMBERS)
_OF_TABLE: tuple[str | Column, ...] = (
    "Column",
    "State",
    "Stated as",
    "Why",
    Column("Entries in quarantine", is_number=True),
)
_STATED = 4  # the cells that count rows of the tenant begin here


def coverage_section(tenant: Tenant) -> Markup:
    """The tables, first those that have rows of the tenant."""
    rows: list[list[Any]] = table_rows(tenant)
    used = [row for row in rows if any(row[_STATED:])]
    unused = [row for row in rows if not any(row[_STATED:])]
    base = tenant.names.base
    parts: list[Child] = [tag("h2", "Coverage of the source", id="coverage")]
    if used:
        caption = f"{len(used):,} tables with rows of {tenant.names.slug}"
        parts.append(data_table(_TABLES, [_table(row, base) for row in used], caption))
    if unused:
        caption = f"{len(unused):,} tables without rows of {tenant.names.slug}"
        table = data_table(_TABLES, [_table(row, base) for row in unused], caption)
        parts.append(tag("details", tag("summary", caption), table))
    return tag("section", *parts, aria_labelledby="coverage")


def columns_of(tenant: Tenant, name: str) -> Markup:
    """The columns of a table.

    Raises
    ------
    AnswerError : there is no table of this name.
    """
    table = vocabulary().tables.get(name)
    if table is None:
        raise AnswerError("missing", f"There is no table {name[:100]!r}; the page on quality lists them.")
    rows = [_column(row, tenant.names.base) for row in column_rows(tenant, table)]
    heading = tag("h1", "Columns of ", tag("code", name))
    way = crumbs(tag("a", "Quality", href="/quality"), tag("a", "Coverage", href="/quality#coverage"), name)
    caption = "What became of each column of the source"
    return join(way, heading, data_table(_OF_TABLE, rows, caption))


def _table(row: list[Any], base: str) -> list[Child]:
    name, class_, tenancy, *counts = row
    shown = tag("a", tag("code", name), href=f"/quality?table={name}")
    return [shown, _thing(class_, base, "links between others"), tenancy, *map(number, counts)]


def _column(row: list[Any], base: str) -> list[Child]:
    name, state, property_, reason, entries = row
    return [tag("code", name), state, _thing(property_, base, ""), said(reason or ""), number(entries)]


def _thing(thing: Thing | None, base: str, otherwise: str) -> Child:
    return link(thing.iri, thing.label or thing.iri, base) if thing else otherwise
