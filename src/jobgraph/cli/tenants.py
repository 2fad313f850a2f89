"""`jobgraph tenants` and `jobgraph generations`: what is published, and what was before."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jobgraph.cli.common import HomeOption, JsonOption, TenantOption, facts, read_settings, say, say_json, say_table

tenants_app = typer.Typer(help="List and create tenants.", invoke_without_command=True)
generations_app = typer.Typer(help="List, compare, restore and prune the generations of a tenant.", invoke_without_command=True)


@tenants_app.callback()
def tenants(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List and create tenants.

    Example: jobgraph tenants list --json
    """
    context.obj = home
    if context.invoked_subcommand is None:
        list_tenants(context, home, as_json)


@tenants_app.command("list")
def list_tenants(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the tenants with their published generations and counts.

    Example: jobgraph tenants list --json
    """
    from jobgraph.store import Home

    folder = Home(read_settings(home or context.obj).home)
    current = {slug: folder.tenant(slug).current() for slug in folder.tenants()}
    if as_json:
        say_json([{"tenant": slug, **(g.manifest if g else {})} for slug, g in current.items()])
        return
    rows = [(slug, g.name, g.manifest["created"], _total(g.manifest.get("counts"))) for slug, g in current.items() if g]
    say_table(("tenant", "generation", "created", "triples"), rows)


@tenants_app.command("create")
def create(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name: a-z, 0-9 and hyphens.", metavar="NAME")],
    home: HomeOption = None,
) -> None:
    """Create a tenant with an empty graph.

    Example: jobgraph tenants create acme
    """
    from jobgraph.store import Home

    settings = read_settings(home or context.obj)
    Home(settings.home).create_tenant(slug, base=settings.base)
    say(f"{slug} is there, with an empty graph.")


@generations_app.callback()
def generations(
    context: typer.Context, home: HomeOption = None, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """List, compare, restore and prune the generations of a tenant.

    Example: jobgraph generations list -t northwind-bio
    """
    context.obj = (home, tenant)
    if context.invoked_subcommand is None:
        list_generations(context, home, tenant, as_json)


@generations_app.command("list")
def list_generations(
    context: typer.Context, home: HomeOption = None, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """List the generations of a tenant, the published one marked.

    Example: jobgraph generations list -t northwind-bio --json
    """
    found = _tenant(context, home, tenant)
    current = found.current()
    listed = found.generations()
    if as_json:
        say_json([{**g.manifest, "published": g == current} for g in listed])
        return
    rows = [
        (g.name, "published" if g == current else "", g.manifest["created"], _total(g.manifest.get("counts")), g.manifest.get("source"))
        for g in listed
    ]
    say_table(("generation", "", "created", "triples", "source"), rows)


@generations_app.command()
def diff(
    context: typer.Context,
    older: Annotated[str, typer.Argument(help="Generation to start from.", metavar="A")],
    newer: Annotated[str, typer.Argument(help="Generation to arrive at.", metavar="B")],
    home: HomeOption = None,
    tenant: TenantOption = None,
    patch: Annotated[bool, typer.Option("--patch", help="Print an RDF Patch that makes B of A.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Count what was added and deleted between two generations, or print it as RDF Patch.

    Example: jobgraph generations diff 1 2 -t northwind-bio --patch
    """
    from jobgraph.store import count_changes, iter_patch

    found = _tenant(context, home, tenant)
    a, b = found.generation(older), found.generation(newer)
    if patch:
        for line in iter_patch(a, b):
            sys.stdout.write(f"{line}\n")
        return
    counts = count_changes(a, b)
    if as_json:
        say_json(counts)
    else:
        say_table(("graph", "added", "deleted"), [(g, c["added"], c["deleted"]) for g, c in counts.items()])


@generations_app.command()
def rollback(
    context: typer.Context,
    generation: Annotated[str, typer.Argument(help="Generation to publish again.", metavar="N")],
    home: HomeOption = None,
    tenant: TenantOption = None,
) -> None:
    """Publish an older generation again; the later ones stay.

    Example: jobgraph generations rollback 1 -t northwind-bio
    """
    found = _tenant(context, home, tenant)
    say(f"{found.slug} is at generation {found.rollback(generation).name}.")


@generations_app.command()
def prune(
    context: typer.Context,
    home: HomeOption = None,
    tenant: TenantOption = None,
    keep: Annotated[int, typer.Option(help="How many of the newest to keep.")] = 5,
) -> None:
    """Remove all generations but the newest; the published one and any that is being read stay.

    Example: jobgraph generations prune --keep 2 -t northwind-bio
    """
    removed = _tenant(context, home, tenant).prune(keep)
    say(f"{facts({'removed': len(removed)})}{': ' + ', '.join(removed) if removed else ''}")


def _tenant(context: typer.Context, home: object, tenant: str | None) -> object:
    from jobgraph.errors import UsageError
    from jobgraph.store import Home

    outer_home, outer_tenant = context.obj or (None, None)
    folder = Home(read_settings(home or outer_home).home)
    slug = tenant or outer_tenant
    if slug is None:
        slugs = folder.tenants()
        if len(slugs) != 1:
            raise UsageError(f"There are {len(slugs)} tenants; name one with --tenant: {', '.join(slugs[:10]) or 'none yet'}.")
        slug = slugs[0]
    return folder.tenant(slug)


def _total(counts: object) -> str:
    return f"{sum(counts.values()):,}" if isinstance(counts, dict) else ""
