"""`jobgraph ontology check`, `format` and `sample`: the vocabulary, its files, and data to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobgraph.cli.common import JsonOption, QuietOption, facts, progress, say, say_json

app = typer.Typer(help="Look after the ontology.", no_args_is_help=True)


@app.callback()
def _options() -> None:
    """Look after the ontology.

    Example: jobgraph ontology check
    """


@app.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Turtle files or folders; the shipped ones if none.")] = None,
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


def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to write one CSV file per table to.")],
    jobs: Annotated[int, typer.Option(min=1, help="Number of jobs over all tenants.")] = 60,
    tenants: Annotated[int, typer.Option(min=1, help="Number of tenants.")] = 2,
    defects: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that get a defect.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a JTBD database of any size in the shape of the shipped sample.

    Example: jobgraph sample --jobs 1000 --tenants 3 --defects 0.01 --seed 7 out
    """
    from jobgraph.sample import write_sample
    from jobgraph.vocabulary import Vocabulary

    with progress(quiet=quiet or as_json) as advance:
        report = write_sample(
            folder, jobs=jobs, tenants=tenants, defect_rate=defects, seed=seed, vocabulary=Vocabulary(), progress=advance
        )
    if as_json:
        say_json(report.to_json())
    elif not quiet:
        say(f"{folder}: {facts({'tables': report.tables, 'rows': report.rows, 'defects': report.defects})}.")



