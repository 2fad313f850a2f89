"""`jobgraph repair`: the repairs of the source that are certain, as a patch for people to apply."""

from __future__ import annotations

import csv
import io
from typing import Annotated

import typer

from jobgraph.cli.options import HomeOption, OutOption, TenantOption
from jobgraph.cli.output import opened_output, say
from jobgraph.cli.published import open_published

app = typer.Typer()


@app.command()
def repair(
    home: HomeOption = None,
    tenant: TenantOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what to change; there is no other way.")] = False,
    out: OutOption = None,
) -> None:
    """Write the certain repairs of a tenant's source as a CSV patch: table, key, column, old and new value, reason.

    The source is never written to. Codes get their notation where only case, spaces or separators differ; scores and
    priorities get what the other cells of their row give.

    Example: jobgraph repair --dry-run --out patch.csv
    """
    from jobgraph.errors import UsageError
    from jobgraph.pipeline.review import find_repairs, read_results
    from jobgraph.validation import Repair

    if not dry_run:
        raise UsageError("jobgraph never writes to a source; add --dry-run, and apply the patch where the source is.")
    with open_published(home, tenant) as (store, generation):
        repairs = find_repairs(store, generation, read_results(generation))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Repair._fields)
    writer.writerows(repairs)
    with opened_output(out) as stream:
        stream.write(text.getvalue().encode())
    if out:
        say(f"{out}: {len(repairs):,} repairs.")
