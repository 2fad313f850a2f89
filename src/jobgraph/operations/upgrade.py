"""An older home brought up to the format of this program, one step after another.

A step may be broken off at any moment and taken again: what is done is seen and left, and the number in `FORMAT` goes
up when all of a step is on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from jobgraph.pipeline.plan import Progress
from jobgraph.store import Home
from jobgraph.store.durable import storage_errors
from jobgraph.store.layout import FORMAT, read_format, write_format
from jobgraph.store.sums import SUMS, write_sums

# Only its owner reads and writes these.
PRIVATE = ("access", "audit")
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def upgrade(home: Path, *, progress: Progress = lambda _stage, _count, _unit="": None) -> tuple[int, int]:
    """Bring a home up to the format of this program; give the format that it had, and the one that it has.

    Raises
    ------
    HomeFormatError : a newer program wrote it; nothing was changed.
    StorageError : another process writes, or the disk is full; run again to go on.
    """
    before = read_format(home)
    for number in range(before, FORMAT):
        _STEPS[number](home, progress)
        write_format(home, number + 1)
    return before, FORMAT


def _add_sums(home: Path, progress: Progress) -> None:
    """From 1 to 2: the hashes of all generations as they are now; tokens, audit log and keys for their owner alone."""
    folder = Home(home)
    for slug in folder.tenants():
        tenant = folder.tenant(slug)
        with tenant.alone(), storage_errors(tenant.path):
            progress("upgrade", 0, "generations")
            for generation in tenant.generations():
                if not (generation.path / SUMS).exists():
                    write_sums(generation.path)
                progress("upgrade", 1, "generations")
        make_private(tenant.path / "keys")
    for name in PRIVATE:
        make_private(home / name)


def make_private(folder: Path) -> None:
    """Let nobody but its owner into a folder, if it is there.

    Raises
    ------
    StorageError : the rights cannot be changed.
    """
    with storage_errors(folder):
        for parent, _, files in os.walk(folder):
            Path(parent).chmod(_PRIVATE_FOLDER)
            for name in files:
                Path(parent, name).chmod(_PRIVATE_FILE)


# What brings a home from this format to the next.
_STEPS: Mapping[int, Callable[[Path, Progress], None]] = {1: _add_sums}
