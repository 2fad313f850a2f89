"""What the commands share: options, tables, progress and where a tenant's graph is."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

if TYPE_CHECKING:
    from jobgraph.settings import Settings

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of the tenants' stores.", envvar="JOBGRAPH_HOME", show_default=".jobgraph")
]
TenantOption = Annotated[str | None, typer.Option("--tenant", "-t", help="Short name of a tenant.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


def read_settings(home: Path | None = None) -> Settings:
    """The settings of the environment, with the home that an option names."""
    from pydantic import ValidationError

    from jobgraph.errors import UsageError
    from jobgraph.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"JOBGRAPH_{str(first['loc'][0]).upper()}: {first['msg']}.") from None
    return settings.model_copy(update={"home": home}) if home else settings


def say(text: str) -> None:
    """Print a line on standard output."""
    print(text)  # noqa: T201 the command line's own output


def say_json(value: object) -> None:
    """Print a value as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table, in a terminal with rules, elsewhere as aligned text."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False, markup=False).print(table)


def say_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


class Advance(Protocol):
    """What long work calls with a stage, the number of things done since the last call, and what they are."""

    def __call__(self, stage: str, count: int, unit: str = "rows") -> None: ...


@contextmanager
def progress(*, quiet: bool) -> Iterator[Advance]:
    """Show the stages of long work with counts and rates on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, count, unit="rows": None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[done]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(stage: str, count: int, unit: str = "rows") -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=None, done="")
            bar.advance(tasks[stage], count)
            task = bar.tasks[bar.task_ids.index(tasks[stage])]
            rate = f", {task.speed:,.0f} {unit}/s" if task.speed else ""
            bar.update(tasks[stage], done=f"{task.completed:,.0f} {unit}{rate}")

        yield advance


def facts(pairs: Mapping[str, object]) -> str:
    """A line of names and values: `rows 12, quads 340`."""
    return ", ".join(f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in pairs.items())
