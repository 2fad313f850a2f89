"""`jobgraph tenants`: who has a graph, and a new one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, read_settings
from jobgraph.cli.output import say, say_json, say_table

app = typer.Typer(invoke_without_command=True)


@app.callback()
def tenants(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the tenants, or create one.

    Example: jobgraph tenants list --json
    """
    context.obj = home
    if context.invoked_subcommand is None:
        _say_tenants(home, as_json=as_json)


@app.command("list")
def list_tenants(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the tenants with their published generations and counts.

    Example: jobgraph tenants list --json
    """
    _say_tenants(home or context.obj, as_json=as_json)


@app.command()
def create(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name of a-z, 0-9 and hyphens.", metavar="NAME")],
    home: HomeOption = None,
) -> None:
    """Create a tenant with an empty graph.

    Example: jobgraph tenants create acme
    """
    from jobgraph.store import Home

    settings = read_settings(home or context.obj)
    Home(settings.home).create_tenant(slug, base=settings.base)
    say(f"{slug} is there, with an empty graph.")


def _say_tenants(home: Path | None, *, as_json: bool) -> None:
    from jobgraph.store import Home

    folder = Home(read_settings(home).home)
    found = {slug: folder.tenant(slug).current() for slug in folder.tenants()}
    current = {slug: generation.manifest for slug, generation in found.items() if generation}
    if as_json:
        say_json([{"tenant": slug, **manifest} for slug, manifest in current.items()])
        return
    rows = [(slug, m["generation"], m["created"], count_triples(m)) for slug, m in current.items()]
    say_table(("tenant", "generation", "created", "triples"), rows)


def count_triples(manifest: Mapping[str, object]) -> str:
    """The triples of all graphs of a generation; empty where its manifest does not say."""
    counts = manifest.get("counts")
    return f"{sum(counts.values()):,}" if isinstance(counts, dict) else ""
