"""The tenant and the generation that a command speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobgraph.cli.options import read_settings
from jobgraph.cli.progress import show_progress

if TYPE_CHECKING:
    from pyoxigraph import Store

    from jobgraph.remote import Place
    from jobgraph.settings import Settings
    from jobgraph.store import Generation, Tenant


def find_tenant(home: Path | None, slug: str | None, *, store: str | None = None) -> Tenant:
    """The tenant with this short name, which may be left out where there is one only; at an endpoint, a copy of it.

    Raises
    ------
    UsageError : there is no such tenant, or it must be named.
    RefusedError, SourceGoneError : the endpoint does not hand out all of it, or cannot be reached.
    """
    from jobgraph.errors import UsageError
    from jobgraph.store import Home

    settings = read_settings(home, store)
    if settings.store:
        return _fetch(settings, slug)[0]
    folder = Home(settings.home)
    if slug:
        return folder.tenant(slug)
    slugs = folder.tenants()
    if not slugs:
        raise UsageError(f"There are no tenants in {folder.path}; run jobgraph build SOURCE, or name another --home.")
    if len(slugs) > 1:
        known = ", ".join(slugs[:10])
        raise UsageError(f"There are {len(slugs)} tenants in {folder.path}; name one with --tenant, such as {known}.")
    return folder.tenant(slugs[0])


def find_generation(
    home: Path | None, slug: str | None, generation: str | None = None, *, store: str | None = None
) -> tuple[Tenant, Generation]:
    """The tenant with this short name, and its published or named generation; at an endpoint, copies of them.

    Raises
    ------
    UsageError : there is no such tenant or generation.
    RefusedError, SourceGoneError : the endpoint does not hand out all of it, or cannot be reached.
    """
    from jobgraph.errors import UsageError

    settings = read_settings(home, store)
    if settings.store:
        return _fetch(settings, slug, generation)
    tenant = find_tenant(home, slug)
    chosen = tenant.generation(generation) if generation else tenant.current()
    if chosen is None:
        raise UsageError(f"{tenant.slug} has no published generation; run jobgraph build SOURCE first.")
    return tenant, chosen


@contextmanager
def open_published(
    home: Path | None, slug: str | None, generation: str | None = None, *, store: str | None = None
) -> Iterator[tuple[Store, Generation]]:
    """The store of a tenant's published or named generation, to read inside the block.

    Raises
    ------
    UsageError, RefusedError, SourceGoneError : as for `find_generation`.
    StorageError : the store is broken.
    """
    _, chosen = find_generation(home, slug, generation, store=store)
    with chosen.open() as opened:
        yield opened, chosen


def find_home(home: Path | None) -> Path:
    """The folder of the tenants; where JOBGRAPH_STORE names an endpoint, that of their copies.

    Raises
    ------
    UsageError : the address of the endpoint does not fit.
    """
    settings = read_settings(home)
    if not settings.store:
        return settings.home
    from jobgraph.remote import Place

    return Place.from_settings(settings).home.path


def find_place(settings: Settings, slug: str | None) -> tuple[Place, str]:
    """The endpoint that the settings name, and the tenant, whose name it does not tell.

    Raises
    ------
    UsageError : there is no endpoint or no name.
    """
    from jobgraph.errors import UsageError
    from jobgraph.remote import Place

    if not slug:
        raise UsageError("An endpoint does not list its tenants; name one with --tenant.")
    return Place.from_settings(settings), slug


def _fetch(settings: Settings, slug: str | None, generation: str | None = None) -> tuple[Tenant, Generation]:
    from jobgraph.remote import fetch

    place, name = find_place(settings, slug)
    with show_progress(quiet=False) as progress:
        return fetch(place, name, generation, progress=progress)
