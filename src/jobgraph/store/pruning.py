"""Which generations of a tenant may go, what their going frees, and the pins that keep some of them.

<home>/tenants/<slug>/pins/<name>    the generation that is kept under this name until it is unpinned
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from jobgraph.errors import StorageError, UsageError
from jobgraph.store.durable import exclusive_lock, remove_tree, storage_errors, sync, write_durably

if TYPE_CHECKING:
    from jobgraph.store.generations import Generation

_PIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,62}")


def read_pins(tenant: Path) -> dict[str, str]:
    """The names of the pinned generations by the names of their pins, in alphabetical order.

    Raises
    ------
    StorageError : a pin cannot be read.
    """
    folder = tenant / "pins"
    with storage_errors(folder):
        paths = sorted(path for path in folder.glob("*") if _PIN.fullmatch(path.name))
        return {path.name: path.read_text(encoding="ascii", errors="replace").strip() for path in paths}


def write_pin(tenant: Path, name: str, generation: str) -> None:
    """Pin a generation, in one step; a pin of the same name moves.

    Raises
    ------
    UsageError : the name cannot be one.
    StorageError : the disk is full or cannot be written.
    """
    if not _PIN.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a pin; use 1 to 63 of A-Z, a-z, 0-9, . _ - and begin with a letter.")
    folder = tenant / "pins"
    new = folder / f".{name}.{os.getpid()}.tmp"
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
        try:
            write_durably(new, f"{generation}\n")
            new.replace(folder / name)
            sync(folder)
        finally:
            new.unlink(missing_ok=True)


def remove_pin(tenant: Path, name: str) -> None:
    """Let the pruning have what was pinned.

    Raises
    ------
    UsageError : there is no such pin.
    """
    known = read_pins(tenant)
    if name not in known:
        advice = f"choose one of {', '.join(known)}" if known else "there are none"
        raise UsageError(f"There is no pin {name!r}; {advice}.")
    with storage_errors(tenant):
        (tenant / "pins" / name).unlink()


def may_go(generations: list[Generation], stay: Collection[str], *, keep: int, days: float) -> list[Generation]:
    """Those that no rule keeps, the oldest first: not the newest `keep`, not one of `stay`, not younger than `days`.

    Raises
    ------
    UsageError : `keep` is below 1, or `days` below 0.
    StorageError : a manifest cannot be read.
    """
    if keep < 1:
        raise UsageError(f"At least 1 generation must be kept, not {keep}.")
    if days < 0:
        raise UsageError(f"Generations can be kept for 0 days at least, not {days:g}.")
    old = [generation for generation in generations[:-keep] if generation.name not in stay]
    if not days:
        return old
    limit = (datetime.now(UTC) - timedelta(days=min(days, 36_500))).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [generation for generation in old if str(generation.manifest["created"]) < limit]


def is_open(generation: Generation) -> bool:
    """Whether a reader has it open."""
    try:
        with exclusive_lock(generation.path, wait=False):
            return False
    except StorageError:
        return True


def is_removed(generation: Generation) -> bool:
    """Whether `generation` was removed; not where a reader has it open. Renamed first, so that it goes in one step."""
    try:
        with exclusive_lock(generation.path, wait=False):
            removed = generation.path.with_name(f".{generation.name}.{os.getpid()}.partial")
            generation.path.rename(removed)
    except StorageError:
        return False
    remove_tree(removed)
    remove_tree(generation.cache_path)
    return True


def freed_bytes(generations: Iterable[Generation]) -> int:
    """The bytes that are free once all of them are gone: those of files that no other generation links to."""
    links: Counter[tuple[int, int]] = Counter()
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    for status in _iter_status(generations):
        inode = status.st_dev, status.st_ino
        links[inode] += 1
        sizes[inode] = status.st_nlink, status.st_blocks * 512
    return sum(size for inode, (count, size) in sizes.items() if links[inode] >= count)


def _iter_status(generations: Iterable[Generation]) -> Iterator[os.stat_result]:
    for generation in generations:
        for folder in (generation.path, generation.cache_path):
            yield from (path.stat() for path in folder.rglob("*") if path.is_file())
