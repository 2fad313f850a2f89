"""`jobgraph update`: change a tenant's graph by a SPARQL update, or be told why not."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, QuietOption, TenantOption, read_settings
from jobgraph.cli.output import say, say_json
from jobgraph.cli.progress import show_progress
from jobgraph.cli.published import find_tenant
from jobgraph.cli.query import read_sparql

if TYPE_CHECKING:
    from jobgraph.writing import Written

app = typer.Typer()

_IS_TEXT = re.compile(r"\s*(?:add|base|clear|copy|create|drop|load|move|prefix)\s", re.IGNORECASE)  # without a brace


@app.command()
def update(
    sparql: Annotated[str, typer.Argument(help="SPARQL update, a file that holds it, or - for standard input.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
    expected: Annotated[
        str | None, typer.Option(metavar="GENERATION", help="Change nothing if another generation is published.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Change a tenant's graph by a SPARQL update and publish it as a new generation, or change nothing.

    The asserted graph must fit the shapes: a new violation refuses the update, and its SHACL report is printed. The
    inferred, shared, metadata and ontology graphs are read-only. Without GRAPH, a pattern sees the unnamed graph only.

    Example: jobgraph update "INSERT DATA { GRAPH <urn:notes> { <urn:a> rdfs:label 'A note' } }" -t northwind-bio

    Exit codes: 0 done, 1 refused (SERVICE, LOAD, or too large), 2 usage, 5 refused by the shapes, 6 a graph that is
    read-only, 7 another generation than --expected, 65 the file cannot be read, 74 the disk is full.
    """
    from jobgraph.errors import ShapeRefusalError, UsageError
    from jobgraph.writing import SparqlUpdate, apply_change

    if read_settings(home).store:
        raise UsageError(
            "What is at an endpoint changes by a build alone; unset JOBGRAPH_STORE to change a local graph."
        )
    text = sparql if _IS_TEXT.match(sparql) else read_sparql(sparql)
    found = find_tenant(home, tenant)
    try:
        with show_progress(quiet=quiet) as progress:
            written = apply_change(found, SparqlUpdate(text), read_settings(home), expected=expected, progress=progress)
    except ShapeRefusalError as error:
        sys.stdout.write(error.report)
        raise
    _say(written, found.slug, as_json=as_json, quiet=quiet)


def _say(written: Written, slug: str, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        from dataclasses import asdict

        say_json(asdict(written))
    elif quiet:
        return
    elif not written.is_changed:
        say(f"Nothing changed; {slug} is at generation {written.generation_after}.")
    else:
        size = f"{written.growth:+,} triples"
        if written.added is not None and written.removed is not None:
            size = f"Added {written.added:,}, removed {written.removed:,}"
        say(f"{size}; {slug} is at generation {written.generation_after}.")
