"""`jobgraph sample`: data of any size to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobgraph.cli.options import JsonOption, QuietOption
from jobgraph.cli.output import counted, say, say_json
from jobgraph.cli.progress import show_progress

app = typer.Typer()


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to write one CSV file per table to; new or empty.")],
    jobs: Annotated[int, typer.Option(min=1, help="Number of jobs over all tenants.")] = 60,
    tenants: Annotated[int, typer.Option(min=1, help="Number of tenants.")] = 2,
    defects: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that get a defect.")] = 0.0,
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="FILE", help="CSV file to write the defects to, with their rows.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a JTBD database of any size in the shape of the shipped sample.

    Example: jobgraph sample --jobs 1000 --tenants 3 --defects 0.01 --seed 7 out
    """
    from jobgraph.sample import SampleSize, write_sample
    from jobgraph.vocabulary import Vocabulary

    size = SampleSize(jobs, tenants, defects, seed)
    with show_progress(quiet=quiet or as_json) as progress:
        report = write_sample(
            folder,
            size,
            vocabulary=Vocabulary(),
            truth=truth,
            progress=lambda _table, rows: progress("write", rows),
        )
    if as_json:
        say_json(report.to_json())
    elif not quiet:
        counts = {"tables": report.tables, "rows": report.rows, "defects": report.defects}
        say(f"{folder}: {counted(counts)}.")
