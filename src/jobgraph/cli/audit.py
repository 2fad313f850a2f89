"""`jobgraph quarantine` and `coverage`: where every row, cell and column of the source went; `audit verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, TableFormatOption, TenantOption
from jobgraph.cli.output import say, say_json, say_rows
from jobgraph.cli.published import find_home

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)


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

    columns, rows = read_quarantine(find_home(home), tenant=tenant, table=table)
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

    found = read_coverage(find_home(home))
    if columns:
        rows = [[t, c, kind] for t, known in found["columns"].items() for c, kind in known.items()]
        say_rows(("table", "column", "state"), rows, output)
        return
    names = ("table", "read", "stated", "quarantined", "deleted", "cells")
    say_rows(names, [[table[name] for name in names] for table in found["tables"]], output)
    for words, key in (("Unknown tables, left out", "unknown_tables"), ("The source lacks", "absent_tables")):
        if output == "table" and found[key]:
            say(f"{words}: {', '.join(found[key])}.")


@group.callback()
def audit(context: typer.Context) -> None:
    """Look at the server's audit log.

    Example: jobgraph audit verify
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@group.command()
def verify(
    home: HomeOption = None,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="Head hash of an earlier look that must still be in the log.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that no line of the audit log was changed, taken out, put in or moved.

    Keep the head hash on another machine: the log alone cannot tell that its end was cut off, or that all of it was
    made anew by somebody who may write the file.

    Example: jobgraph audit verify --head 5f0c...

    Exit codes: 0 all lines fit, 4 one does not.
    """
    from dataclasses import asdict

    from jobgraph.server.audit_log import AuditLog

    chain = AuditLog(find_home(home)).verify(head=head)
    if as_json:
        say_json(asdict(chain))
        return
    if not chain.lines:
        say("The audit log is empty.")
    else:
        say(f"{chain.lines:,} lines fit, from {chain.first} to {chain.last}.")
        say(f"Head hash: {chain.head}")
    if chain.torn or chain.unfinished:
        say(f"Torn by processes that died: {chain.torn + chain.unfinished:,}.")
