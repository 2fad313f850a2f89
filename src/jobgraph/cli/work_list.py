"""The work list on a terminal: one table of what to work on, and under it examples with the rows they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobgraph.cli.output import counted, say, say_table, visible

if TYPE_CHECKING:
    from jobgraph.validation import Example, WorkItem, WorkList

CSV_COLUMNS = (
    "severity", "shape", "rules", "columns", "count", "message", "owners", "iri", "label", "table", "key", "row",
    "value", "repair",
)  # fmt: skip


def say_work_list(found: WorkList) -> None:
    """Print the work list as tables of text."""
    if not found.items:
        say("Everything conforms.")
        return
    rows = [(n, i.severity, i.shape, f"{i.count:,}", "; ".join(i.owners)) for n, i in enumerate(found.items, start=1)]
    say_table(("", "severity", "shape", "results", "owners"), rows)
    for number, item in enumerate(found.items, start=1):
        say(f"\n{number}. {visible(item.message or item.shape)}")
        for example in item.examples:
            say(f"   {visible(_line(example))}")
    if found.left_out:
        say(f"\n{found.left_out:,} more kinds of results are left out; --format turtle gives all results.")
    say(f"\nResults: {counted(found.counts)}.")


def csv_rows(found: WorkList) -> Iterator[tuple[object, ...]]:
    """The work list as rows, one an example."""
    for item in found.items:
        for example in item.examples:
            yield *_facts(item), *(getattr(example, name) for name in CSV_COLUMNS[7:])


def _facts(item: WorkItem) -> tuple[object, ...]:
    rules, columns, owners = " ".join(item.rules), " ".join(item.columns), "; ".join(item.owners)
    return item.severity, item.shape, rules, columns, item.count, item.message, owners


def _line(example: Example) -> str:
    row = f" (row {example.row})" if example.row else ""
    place = f"{example.table} {example.key}{row}" if example.table else example.iri
    label = f"'{example.label}', " if example.label else ""
    repair = f", should be {example.repair}" if example.repair is not None else ""
    return f"{label}{place}{f': {example.value}' if example.value else ''}{repair}"
