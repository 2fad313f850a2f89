"""How far the collection has come: functions by the steps of the collection, each cell a share."""

from __future__ import annotations

from collections.abc import Iterable

from jobgraph.analysis import Answer, Choices, analyze
from jobgraph.analysis.coverage import STEPS
from jobgraph.exports.markup import Markup, said, tag
from jobgraph.server.html.workbench import Column, data_table, empty_state
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant

_SHADES = 6  # the highest of the colours from little to much


def progress_section(tenant: Tenant) -> Markup:
    """The steps of the collection, for all and by function."""
    source = source_of(tenant)
    everything = analyze(source, "progress", Choices(by="tenant"))
    by_function = analyze(source, "progress", Choices(by="function"))
    heading = tag("h2", "How far the collection has come", id="progress")
    if not everything.table["of"].sum():
        nothing = empty_state("There are no roles, personas or jobs yet.", "Collect them, and build the graph again.")
        return tag("section", heading, nothing, aria_labelledby="progress")
    columns = [Column("Function"), *(Column(f"{number}. {name}") for number, (name, _) in STEPS.items())]
    rows = [*_rows(everything, "All"), *_rows(by_function)]
    caption = "Roles, personas or jobs that have taken each step of the collection, of those that could"
    rules = tag("ul", [tag("li", note) for note in by_function.notes], class_="plain")
    asked = tag("details", tag("summary", "What each step asks"), rules)
    return tag("section", heading, data_table(columns, rows, caption), asked, aria_labelledby="progress")


def _rows(answer: Answer, name: str = "") -> Iterable[list[Markup]]:
    """A row for each group: its name, and a cell for each step."""
    group = answer.table.columns[0]
    rows = list(answer.table.select(group, "done", "of").iter_rows())
    for start in range(0, len(rows), len(STEPS)):  # the answer has all steps of a group, one after the other
        cells = rows[start : start + len(STEPS)]
        heading = tag("b", name) if name else tag("span", said(cells[0][0]), class_="short", title=cells[0][0])
        yield [heading, *(_cell(done, of) for _, done, of in cells)]


def _cell(done: int, of: int) -> Markup:
    if not of:
        return tag("span", "none", class_="n")
    return tag("span", f"{done:,} of {of:,}", class_=f"share ramp-{_SHADES * done // of}", title=f"{done / of:.0%}")
