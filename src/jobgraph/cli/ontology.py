"""`jobgraph ontology check` and `format`: the vocabulary and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobgraph.cli.options import JsonOption
from jobgraph.cli.output import say, say_json

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)


@group.callback()
def ontology(context: typer.Context) -> None:
    """Look after the ontology.

    Example: jobgraph ontology check
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@group.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Turtle files or folders; the shipped ones if none.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the ontology: syntax, house rules, style shapes, and consistency by the HermiT reasoner.

    Example: jobgraph ontology check

    Exit codes: 0 all is well, 1 something was found, 65 a file does not parse.
    """
    from jobgraph.reasoning import check_ontology

    report = check_ontology(*(paths or []))
    if as_json:
        say_json(report.to_json())
    else:
        for line in report.lines():
            say(line)
    raise typer.Exit(1 if report.findings else 0)


@app.command("format")
def format_(
    paths: Annotated[list[Path], typer.Argument(help="Turtle files, or folders to walk.")],
    check_only: Annotated[bool, typer.Option("--check", help="Change nothing; list what would change.")] = False,
) -> None:
    """Bring Turtle files to the canonical form: header first, terms by name, one block a term.

    Example: jobgraph format ontology shapes

    Exit codes: 0 done or nothing to change, 1 --check found files to change, 65 a file does not parse.
    """
    from jobgraph.turtle import format_files

    changed = format_files(paths, check=check_only)
    for path in changed:
        say(f"{'would change' if check_only else 'changed'} {path}")
    raise typer.Exit(1 if check_only and changed else 0)
