"""The hashes of a generation's files, written when it is published, so that a byte that changes later shows.

<home>/tenants/<slug>/generations/000007/SHA256SUMS    a line a file, as `sha256sum --check` reads it
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path

from jobgraph.errors import StorageError
from jobgraph.store.durable import storage_errors, sync, sync_tree, write_durably

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def write_sums(folder: Path, *, parent: Path | None = None) -> None:
    """Bring all in `folder` to the disk, with the hashes of its files.

    Parameters
    ----------
    parent : the folder of the generation before; a file that is a link to one of its files has the same hash.

    Raises
    ------
    OSError : the disk is full.
    """
    known = _sums_by_inode(parent) if parent else {}
    paths = _paths(folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing takes the processor while syncing waits for the disk
        sums = pool.map(lambda path: known.get(_inode(path)) or _sum(path), paths.values())
        sync_tree(folder)
        lines = [f"{digest}  {name}\n" for name, digest in zip(paths, sums, strict=True)]
    new = folder.with_name(f".{folder.name}.{SUMS}.partial")  # beside it: half a list is never in a generation
    try:
        write_durably(new, "".join(lines))
        new.replace(folder / SUMS)
        sync(folder)
    finally:
        new.unlink(missing_ok=True)


def read_sums(folder: Path) -> dict[str, str] | None:
    """The hashes that a generation was published with, by path in its folder; None where it is from before there were.

    Raises
    ------
    StorageError : they cannot be read.
    """
    path = folder / SUMS
    if not path.is_file():
        return None
    with storage_errors(path):
        text = path.read_text(encoding="utf-8", errors="replace")
    matches = [_LINE.fullmatch(line) for line in text.splitlines()]
    if not matches or None in matches:
        raise StorageError(f"{path} is broken; restore the tenant from a backup, or build it again.")
    return {match[2]: match[1] for match in matches if match}


def iter_damage(folder: Path, *, deep: bool) -> Iterator[str]:
    """What is not as it was published, a phrase each; nothing for a generation from before there were hashes.

    Parameters
    ----------
    deep : also read every byte; else only names are compared.
    """
    sums = read_sums(folder)
    if sums is None:
        return
    present = _paths(folder)
    yield from (f"{name} is missing" for name in sums if name not in present)
    yield from (f"{name} was added" for name in present if name not in sums)
    if deep:
        with storage_errors(folder):
            both = ((name, present[name]) for name in sums if name in present)
            yield from (f"{name} has other bytes" for name, path in both if _sum(path) != sums[name])


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _paths(folder: Path) -> dict[str, Path]:
    """All files of a generation but the list itself, by their path in its folder, in alphabetical order."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: found[name] for name in sorted(found) if name != SUMS}


def _sums_by_inode(folder: Path) -> dict[tuple[int, int], str]:
    sums = read_sums(folder) or {}
    return {_inode(folder / name): digest for name, digest in sums.items() if (folder / name).is_file()}


def _inode(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
