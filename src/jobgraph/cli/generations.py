"""`jobgraph generations`: what a tenant's graph was before, and how to go back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobgraph.cli.options import HomeOption, JsonOption, StoreOption, TenantOption, read_settings
from jobgraph.cli.output import say, say_json, say_table
from jobgraph.cli.published import find_generation, find_place, find_tenant
from jobgraph.cli.tenants import count_triples

if TYPE_CHECKING:
    from jobgraph.remote import History
    from jobgraph.store import Tenant

app = typer.Typer(invoke_without_command=True)


@app.callback()
def generations(
    context: typer.Context,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """List, compare, restore and prune the generations of a tenant.

    Example: jobgraph generations list -t northwind-bio
    """
    context.obj = (home, tenant, store)
    if context.invoked_subcommand is None:
        _say_generations(_find(context, home, tenant, store), as_json=as_json)


@app.command("list")
def list_generations(
    context: typer.Context,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the generations of a tenant, the published one marked.

    Example: jobgraph generations list -t northwind-bio --json
    """
    _say_generations(_find(context, home, tenant, store), as_json=as_json)


@app.command()
def diff(
    context: typer.Context,
    older: Annotated[str, typer.Argument(help="Generation to start from.", metavar="A")],
    newer: Annotated[str, typer.Argument(help="Generation to arrive at.", metavar="B")],
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    patch: Annotated[bool, typer.Option("--patch", help="Print an RDF Patch that makes B of A.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Count what was added and deleted between two generations, or print it as RDF Patch.

    Example: jobgraph generations diff 1 2 -t northwind-bio --patch
    """
    from jobgraph.store import count_changes, iter_patch

    outer_home, outer_tenant, outer_store = context.obj
    where = (home or outer_home, tenant or outer_tenant)
    (_, a), (_, b) = (find_generation(*where, which, store=store or outer_store) for which in (older, newer))
    if patch:
        sys.stdout.writelines(f"{line}\n" for line in iter_patch(a, b))
        return
    counts = count_changes(a, b)
    if as_json:
        say_json(counts)
    else:
        rows = [(graph, f"{count['added']:,}", f"{count['deleted']:,}") for graph, count in counts.items()]
        say_table(("graph", "added", "deleted"), rows)


@app.command()
def rollback(
    context: typer.Context,
    generation: Annotated[str, typer.Argument(help="Generation to publish again.", metavar="N")],
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
) -> None:
    """Publish an older generation again; the later ones stay.

    Example: jobgraph generations rollback 1 -t northwind-bio
    """
    found = _find(context, home, tenant, store)
    say(f"{found.slug} is at generation {found.rollback(generation).name}.")


@app.command()
def prune(
    context: typer.Context,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest to keep.")] = 5,
) -> None:
    """Remove all generations but the newest; the published one and any that is being read stay.

    Example: jobgraph generations prune --keep 2 -t northwind-bio
    """
    removed = _find(context, home, tenant, store).prune(keep)
    say(f"Removed {', '.join(removed) or 'none'}.")


def _find(context: typer.Context, home: Path | None, tenant: str | None, store: str | None) -> Tenant | History:
    """The tenant of the home, or what the endpoint has of it."""
    outer_home, outer_tenant, outer_store = context.obj
    home, slug = home or outer_home, tenant or outer_tenant
    settings = read_settings(home, store or outer_store)
    if not settings.store:
        return find_tenant(home, slug)
    from jobgraph.remote import History

    return History(*find_place(settings, slug))


def _manifests(tenant: Tenant | History) -> list[tuple[Mapping[str, Any], bool]]:
    """The manifest of each generation, and whether it is published."""
    from jobgraph.store import Tenant

    if not isinstance(tenant, Tenant):
        return tenant.manifests()
    current = tenant.current()
    return [(generation.manifest, generation == current) for generation in tenant.generations()]


def _say_generations(tenant: Tenant | History, *, as_json: bool) -> None:
    found = _manifests(tenant)
    if as_json:
        say_json([{**manifest, "published": is_published} for manifest, is_published in found])
        return
    manifests = [(manifest, "published" if is_published else "") for manifest, is_published in found]
    rows = [(m["generation"], mark, m["created"], count_triples(m), m.get("source")) for m, mark in manifests]
    say_table(("generation", "", "created", "triples", "source"), rows)
