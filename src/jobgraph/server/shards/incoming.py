"""Tenants that arrive at a host, and copies that are left when they went."""

from __future__ import annotations

from pathlib import Path

from jobgraph.errors import InputError
from jobgraph.server.access import TokenFile
from jobgraph.server.shards.copies import TOKENS, read_tokens
from jobgraph.store import Tenant
from jobgraph.store.durable import exclusive_lock, remove_tree, storage_errors, sync

_ASIDE = "aside"


def incoming_folder(home: Path, slug: str, *, is_new: bool) -> Path:
    """The folder that a tenant arrives in, beside those that are tenants; empty where it `is_new`."""
    folder = home / "incoming" / slug
    if is_new:
        remove_tree(folder)
    with storage_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def install(home: Path, slug: str, why: str) -> str:
    """Make a held tenant of what arrived, with its tokens, by one rename; give the name of its current generation.

    A copy that was left here by an earlier move goes. What else stood under the name is put into `aside/`.

    Parameters
    ----------
    why : the sentence that a writer is told until the tenant is released.

    Raises
    ------
    InputError : what arrived has no current generation.
    StorageError : the disk is full or cannot be written.
    """
    folder = home / "incoming" / slug
    current = Tenant(slug, folder).current() if folder.is_dir() else None
    if current is None:
        raise InputError(f"Nothing whole has arrived of {slug}; send it first.")
    TokenFile(home).put_tokens(slug, read_tokens(folder))
    Tenant(slug, folder).hold(why)
    place = home / "tenants" / slug
    with storage_errors(place):
        folder.joinpath(TOKENS).unlink()
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            _put_aside(home, slug)
        folder.rename(place)
        sync(place.parent)
    return current.name


def retire(home: Path, slug: str) -> bool:
    """Remove a tenant that is on another host, with its tokens; False where there is none, or somebody reads it.

    What was never held here for a move may be the only copy, so it is put into `aside/` and not removed.
    """
    tenant = Tenant(slug, home / "tenants" / slug)
    if not tenant.path.is_dir():
        return False
    if any(_is_read(generation.path) for generation in tenant.generations()):
        return False
    TokenFile(home).put_tokens(slug, [])
    with storage_errors(tenant.path):
        _put_aside(home, slug)
    return True


def _put_aside(home: Path, slug: str) -> None:
    """Take a tenant's folder out of the tenants in one step; then remove it, where it was held for a move."""
    tenant = Tenant(slug, home / "tenants" / slug)
    is_copied = tenant.is_held
    aside = home / _ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    number = 1 + max((int(path.name.rpartition(".")[2]) for path in aside.glob(f"{slug}.*")), default=0)
    target = aside / f"{slug}.{number}"
    with exclusive_lock(tenant.path, wait=True):
        tenant.path.rename(target)
        sync(aside)
    if is_copied:
        remove_tree(target)


def _is_read(generation: Path) -> bool:
    """Whether somebody has a generation open."""
    try:
        with exclusive_lock(generation, wait=False):
            return False
    except OSError:  # StorageError is one
        return True
