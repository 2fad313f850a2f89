"""`jobgraph doctor`: what is wrong, or soon will be."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, read_settings_as
from jobgraph.cli.output import say, say_json, say_table

FAILING = 11
app = typer.Typer()


@app.command()
def doctor(
    home: HomeOption = None,
    deep: Annotated[bool, typer.Option("--deep", help="Read every byte of every generation; takes longer.")] = False,
    host: Annotated[str, typer.Option("--host", help="Where a server is to listen.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The port that it is to have.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the program, the machine and the home, and say what to do; nothing is changed.

    Example: jobgraph doctor --home /var/lib/jobgraph --port 7878

    Example: jobgraph doctor --deep --json

    Exit codes: 0 nothing fails, there may be warnings, 11 something fails.
    """
    from jobgraph.operations.checks.model import Subject
    from jobgraph.operations.doctor import examine, is_failing
    from jobgraph.server.settings import ServerSettings

    settings = read_settings_as(ServerSettings, home=home)
    subject = Subject(settings, deep=deep, host=host, port=port, environment=dict(os.environ))
    found = list(examine(subject))
    rows = [(named.check, named.finding.state.value, named.finding.text, named.finding.advice) for named in found]
    if as_json:
        say_json([dict(zip(("check", "state", "finding", "advice"), row, strict=True)) for row in rows])
    else:
        say_table(("check", "state", "finding", "what to do"), rows)
        counts = {state: sum(row[1] == state for row in rows) for state in ("failure", "warning")}
        say(f"{counts['failure']} failures, {counts['warning']} warnings.")
    raise typer.Exit(FAILING if is_failing(found) else 0)
