"""`jobgraph plot`: pictures of what the analyses find."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobgraph.cli.options import HomeOption, TableFormatOption, TenantOption
from jobgraph.cli.output import say, say_rows
from jobgraph.cli.published import open_published

app = typer.Typer()


@app.command()
def plot(
    name: Annotated[str | None, typer.Argument(metavar="[PLOT]", help="Its name; all are listed if none.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write, by its ending: .svg, .png or .html.")
    ] = None,
    home: HomeOption = None,
    tenant: TenantOption = None,
    generation: Annotated[str | None, typer.Option("--generation", "-g", help="An older generation.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Score scheme of landscape and ranking.")] = None,
    by: Annotated[str | None, typer.Option(help="Kind of groups, such as role or function.")] = None,
    top: Annotated[int | None, typer.Option(help="How many things are shown or listed.")] = None,
    output: TableFormatOption = "table",
) -> None:
    """List the plots, or draw one from a tenant's published graph; HTML needs no network to be looked at.

    Example: jobgraph plot landscape --out landscape.svg -t northwind-bio
    """
    from jobgraph.analysis import open_source
    from jobgraph.errors import UsageError
    from jobgraph.plots import PLOTS, Subject, draw_plot, find_plot, plot_format

    if name is None:
        rows = [(known, kind.sentence, ", ".join(kind.takes)) for known, kind in PLOTS.items()]
        say_rows(("plot", "what it shows", "takes"), rows, output)
        return
    find_plot(name)
    if out is None:
        raise UsageError(f"A plot is a file; name it, such as --out {name}.svg.")
    plot_format(out)
    with open_published(home, tenant, generation) as (store, chosen):
        source = open_source(store, chosen.names)
        draw_plot(name, Subject(source, scheme, by, top)).save(out)
    say(f"{out}: {PLOTS[name].sentence}")
