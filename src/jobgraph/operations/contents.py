"""Which files of a home a backup has: all but other generations, what is made again, moves, copies, and secrets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from jobgraph.errors import StorageError
from jobgraph.pipeline.last_build import RECORD
from jobgraph.remote.credentials import holds_credentials
from jobgraph.store import Generation, Tenant
from jobgraph.store.durable import shared_lock

STORE = "oxigraph/"
# Of a home: what is added otherwise; what moves of tenants to and from other hosts left; the homes of copies of what is
# at endpoints; and the record of the last build: a build that goes on replaces it, and without it all is built once.
_NOT_OWN = {"tenants", "audit", "FORMAT", "incoming", "aside", "remote", RECORD}
# Of a tenant's folder: its generations, what can be made again, what speaks of other generations, and that it is held
# for a move, which counts on this host alone.
_NOT_KEPT = {"CURRENT", "HELD", "cache", "generations", "pins"}
_PARTIAL = {".partial", ".tmp"}
_SECRET = re.compile(r"(.*/)?keys/.*|.*\.(key|pem|secret)")
_TRIES = 10


def is_secret(path: Path, folder: Path, credentials: Path | None) -> bool:
    """Whether a file of a home, or of a tenant's folder, holds a key, a secret, or a tenant's password at an endpoint.

    Parameters
    ----------
    credentials : the folder of these passwords, where it is known; elsewhere they are found by what they look like.
    """
    if _SECRET.fullmatch(path.relative_to(folder).as_posix()):
        return True
    is_password = credentials is not None and path.resolve().is_relative_to(credentials.resolve())
    return is_password or holds_credentials(path)


def home_files(home: Path) -> Iterator[Path]:
    """The home's own files, without those of its tenants, the audit log, and the number of its format."""
    for path in sorted(home.iterdir()):
        if path.name not in _NOT_OWN:
            yield from _iter_files(path)


def tenant_files(tenant: Tenant) -> Iterator[Path]:
    """The files in a tenant's folder that belong to none of its generations."""
    for path in sorted(tenant.path.iterdir()):
        if path.name not in _NOT_KEPT:
            yield from _iter_files(path)


@contextmanager
def held(tenant: Tenant) -> Iterator[Generation]:
    """The published generation of a tenant, safe from pruning inside the block.

    Raises
    ------
    StorageError : there is none, or its pointer is broken.
    """
    with ExitStack() as stack:
        for _ in range(_TRIES):
            generation = tenant.current()
            if generation is None:
                break
            try:
                stack.enter_context(shared_lock(generation.path))
            except StorageError:
                if generation.path.exists():
                    raise
            if generation.path.exists():  # else it was pruned between the look and the lock
                yield generation
                return
        raise StorageError(f"{tenant.path} has no published generation; run again.")


def content_hash(sums: Mapping[str, str]) -> str:
    """One hash for all files of a store, from the hashes of a generation's files by their paths in its folder."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()) if name.startswith(STORE))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _iter_files(path: Path) -> Iterator[Path]:
    """The file, or those in the folder; nothing that is hidden or half written."""
    if path.name.startswith(".") or path.suffix in _PARTIAL:
        return
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _iter_files(inner)
    elif path.is_file():
        yield path
