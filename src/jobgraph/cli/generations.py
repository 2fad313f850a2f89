"""`jobgraph generations`: what a tenant's graph was before, and how to go back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobgraph.cli.options import HomeOption, JsonOption, StoreOption, TenantOption, read_settings
from jobgraph.cli.output import say, say_json, say_table, visible
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
    """List, compare, restore, pin and prune the generations of a tenant.

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
    is_all: Annotated[bool, typer.Option("--all", help="Those of all tenants.")] = False,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="How many of the newest to keep.", show_default="JOBGRAPH_KEEP_GENERATIONS"),
    ] = None,
    keep_days: Annotated[
        float | None,
        typer.Option(
            min=0, help="Days that one stays in any case after it was made.", show_default="JOBGRAPH_KEEP_DAYS"
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and what that frees.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove old generations; the newest and young ones, the published, the pinned and any that is being read stay.

    Example: jobgraph generations prune --keep 2 -t northwind-bio

    Example: jobgraph generations prune --all --keep 5 --keep-days 30 --dry-run
    """
    from jobgraph.errors import UsageError

    if is_all and (tenant or context.obj[1]):
        raise UsageError("--all and --tenant contradict each other; name one of them.")
    settings = read_settings(home or context.obj[0], store or context.obj[2])
    kept = settings.keep_generations if keep is None else keep
    days = settings.keep_days if keep_days is None else keep_days
    if settings.store and (is_all or keep_days is not None or dry_run):
        raise UsageError("At an endpoint, only --keep counts; leave out --all, --keep-days and --dry-run.")
    if is_all:
        pruned = [_prune_unless_held(each, kept, days, dry_run=dry_run) for each in _all_tenants(settings.home)]
    else:
        pruned = [_prune(_find(context, home, tenant, store), kept, days, dry_run=dry_run)]
    if as_json:
        say_json(pruned)
        return
    for each in pruned:
        name = f"{each['tenant']}: " if is_all else ""
        freed = f", {_megabytes(each['bytes'])}" if each["bytes"] else ""
        verb = "Would remove" if dry_run else "Removed"
        why = f"; {each['held']}" if each.get("held") else "."
        say(visible(f"{name}{verb} {', '.join(each['generations']) or 'none'}{freed}{why}"))


@app.command()
def pin(
    context: typer.Context,
    generation: Annotated[str, typer.Argument(help="Generation to keep.", metavar="N")],
    name: Annotated[str, typer.Argument(help="Name of the pin, which then stands for the generation.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
) -> None:
    """Keep a generation from pruning, under a name; wherever a generation is asked for, the name will do.

    Example: jobgraph generations pin 3 before-migration -t northwind-bio
    """
    found = _find_at_home(context, home, tenant)
    say(f"{found.slug} keeps generation {found.pin(generation, name).name} as {name}.")


@app.command()
def unpin(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the pin.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
) -> None:
    """Take a pin away; what it kept is pruned like any other.

    Example: jobgraph generations unpin before-migration -t northwind-bio
    """
    found = _find_at_home(context, home, tenant)
    found.unpin(name)
    say(f"{found.slug} has no pin {name} any more.")


def _prune(tenant: Tenant | History, keep: int, days: float, *, dry_run: bool) -> dict[str, Any]:
    """What went or would go of a tenant, and how much space it took, as far as that is known."""
    from jobgraph.store import Tenant
    from jobgraph.store.pruning import freed_bytes

    if not isinstance(tenant, Tenant):
        return {"tenant": tenant.slug, "generations": tenant.prune(keep), "bytes": 0}
    going = tenant.prunable(keep, days=days)
    freed = freed_bytes(going)
    names = [generation.name for generation in going] if dry_run else tenant.prune(keep, days=days)
    return {"tenant": tenant.slug, "generations": names, "bytes": freed if names else 0}


def _prune_unless_held(tenant: Tenant, keep: int, days: float, *, dry_run: bool) -> dict[str, Any]:
    """The same, and of a tenant that is held for a move, why nothing went."""
    from jobgraph.errors import TenantHeldError

    try:
        tenant.refuse_if_held()
        return _prune(tenant, keep, days, dry_run=dry_run)
    except TenantHeldError as error:
        return {"tenant": tenant.slug, "generations": [], "bytes": 0, "held": str(error)}


def _all_tenants(home: Path) -> list[Tenant]:
    from jobgraph.store import Home

    folder = Home(home)
    return [folder.tenant(slug) for slug in folder.tenants()]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _find(context: typer.Context, home: Path | None, tenant: str | None, store: str | None) -> Tenant | History:
    """The tenant of the home, or what the endpoint has of it."""
    outer_home, outer_tenant, outer_store = context.obj
    home, slug = home or outer_home, tenant or outer_tenant
    settings = read_settings(home, store or outer_store)
    if not settings.store:
        return find_tenant(home, slug)
    from jobgraph.remote import History

    return History(*find_place(settings, slug))


def _find_at_home(context: typer.Context, home: Path | None, tenant: str | None) -> Tenant:
    """The tenant of the home; what an endpoint has cannot be pinned."""
    from jobgraph.errors import UsageError
    from jobgraph.store import Tenant

    found = _find(context, home, tenant, None)
    if not isinstance(found, Tenant):
        raise UsageError("Pins are for generations in a home; leave out --store and JOBGRAPH_STORE.")
    return found


def _manifests(tenant: Tenant | History) -> list[tuple[Mapping[str, Any], bool, list[str]]]:
    """The manifest of each generation, whether it is published, and its pins."""
    from jobgraph.store import Tenant

    if not isinstance(tenant, Tenant):
        return [(manifest, is_published, []) for manifest, is_published in tenant.manifests()]
    current, pins = tenant.current(), tenant.pins
    return [
        (each.manifest, each == current, [name for name, pin in pins.items() if pin == each.name])
        for each in tenant.generations()
    ]


def _say_generations(tenant: Tenant | History, *, as_json: bool) -> None:
    found = _manifests(tenant)
    if as_json:
        say_json([{**facts, "published": is_published, "pins": pins} for facts, is_published, pins in found])
        return
    manifests = [
        (facts, ", ".join([*(["published"] if is_published else []), *pins])) for facts, is_published, pins in found
    ]
    rows = [(m["generation"], mark, m["created"], count_triples(m), m.get("source")) for m, mark in manifests]
    say_table(("generation", "", "created", "triples", "source"), rows)
