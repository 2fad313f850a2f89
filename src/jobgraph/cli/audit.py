"""`jobgraph quarantine` and `coverage`: where every row, cell and column of the source went."""

from __future__ import annotations

from typing import Annotated

import typer

from jobgraph.cli.options import HomeOption, TableFormatOption, TenantOption, read_settings
from jobgraph.cli.output import say, say_rows

app = typer.Typer()


@app.command()
def quarantine(
    home: HomeOption = None,
    tenant: TenantOption = None,
    table: Annotated[str | None, typer.Option(help="Only this source table.")] = None,
    output: TableFormatOption = "table",
) -> None:
    """Show what the last build could not state: table, key, row, column, value, rule and what to do.

    Example: jobgraph quarantine --table jtbd_outcomes --format csv
    """
    from jobgraph.pipeline import read_quarantine

    columns, rows = read_quarantine(read_settings(home).home, tenant=tenant, table=table)
    say_rows(columns, rows, output)


@app.command()
def coverage(
    home: HomeOption = None,
    columns: Annotated[bool, typer.Option("--columns", help="Show every column instead of every table.")] = False,
    output: TableFormatOption = "table",
) -> None:
    """Show where every row and column of the last build's source went.

    Example: jobgraph coverage --columns --format csv
    """
    from jobgraph.pipeline import read_coverage

    found = read_coverage(read_settings(home).home)
    if columns:
        rows = [[t, c, kind] for t, known in found["columns"].items() for c, kind in known.items()]
        say_rows(("table", "column", "state"), rows, output)
        return
    names = ("table", "read", "stated", "quarantined", "deleted", "cells")
    say_rows(names, [[table[name] for name in names] for table in found["tables"]], output)
    for words, key in (("Unknown tables, left out", "unknown_tables"), ("The source lacks", "absent_tables")):
        if output == "table" and found[key]:
            say(f"{words}: {', '.join(found[key])}.")
