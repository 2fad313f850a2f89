"""What of the tenant's rows could not be stated: how much by table and rule, each with an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.workbench import Column, data_table, empty_state, number
from jobgraph.server.views.reports import quarantined
from jobgraph.server.views.tenant import Tenant

_MOST = 100  # kinds that are listed
_COLUMNS = ("Table", "Rule", Column("Entries", is_number=True), "Example", "What is wrong, and what to do")


def quarantine_section(tenant: Tenant) -> Markup:
    """The quarantine by table and rule, the most frequent first."""
    found = quarantined(tenant)
    heading = tag("h2", "Quarantine ", tag("span", f"{found.height:,}", class_="n"), id="quarantine")
    if found.is_empty():
        nothing = empty_state("Nothing is in quarantine.", "Every row of the source could be stated.")
        return tag("section", heading, nothing, aria_labelledby="quarantine")
    kinds = found.group_by("table", "rule", maintain_order=True).agg(
        pl.len().alias("entries"), pl.col("key", "row", "column", "sentence").first()
    )
    kinds = kinds.sort("entries", "table", "rule", descending=[True, False, False])
    rows = [_cells(kind) for kind in kinds.head(_MOST).iter_rows(named=True)]
    more = f"{kinds.height - _MOST:,} more kinds are in the data." if kinds.height > _MOST else ""
    lead = tag("p", "Cells, links and whole rows that were left out. ", tag("a", "All as data", href="/quarantine"))
    table = data_table(_COLUMNS, rows, "Entries in quarantine by table and rule")
    return tag("section", heading, lead, table, tag("p", more) if more else None, aria_labelledby="quarantine")


def _cells(kind: Mapping[str, Any]) -> list[Child]:
    column = join(", ", tag("code", kind["column"])) if kind["column"] else ""
    place = join(said(kind["key"] or "no key"), f", row {kind['row']:,}" if kind["row"] else "", column)
    return [tag("code", kind["table"]), kind["rule"], number(kind["entries"]), place, said(kind["sentence"] or "")]
