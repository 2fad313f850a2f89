"""The tenant and the generation that a command speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobgraph.cli.options import read_settings

if TYPE_CHECKING:
    from pyoxigraph import Store

    from jobgraph.store import Generation, Tenant


def find_tenant(home: Path | None, slug: str | None) -> Tenant:
    """The tenant with this short name, which may be left out where there is one only.

    Raises
    ------
    UsageError : there is no such tenant, or it must be named.
    """
    from jobgraph.errors import UsageError
    from jobgraph.store import Home

    folder = Home(read_settings(home).home)
    if slug:
        return folder.tenant(slug)
    slugs = folder.tenants()
    if not slugs:
        raise UsageError(f"There are no tenants in {folder.path}; run jobgraph build SOURCE, or name another --home.")
    if len(slugs) > 1:
        known = ", ".join(slugs[:10])
        raise UsageError(f"There are {len(slugs)} tenants in {folder.path}; name one with --tenant, such as {known}.")
    return folder.tenant(slugs[0])


def find_generation(home: Path | None, slug: str | None, generation: str | None = None) -> tuple[Tenant, Generation]:
    """The tenant with this short name, and its published or named generation.

    Raises
    ------
    UsageError : there is no such tenant or generation.
    """
    from jobgraph.errors import UsageError

    tenant = find_tenant(home, slug)
    chosen = tenant.generation(generation) if generation else tenant.current()
    if chosen is None:
        raise UsageError(f"{tenant.slug} has no published generation; run jobgraph build SOURCE first.")
    return tenant, chosen


@contextmanager
def open_published(
    home: Path | None, slug: str | None, generation: str | None = None
) -> Iterator[tuple[Store, Generation]]:
    """The store of a tenant's published or named generation, to read inside the block.

    Raises
    ------
    UsageError : there is no such tenant or generation.
    StorageError : the store is broken.
    """
    _, chosen = find_generation(home, slug, generation)
    with chosen.open() as store:
        yield store, chosen
