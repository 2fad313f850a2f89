"""How a home is laid out, as a number in a file of its own, so that a program knows what it can read.

    <home>/FORMAT    the number; a home without it is of format 1

| Format | What is new in it |
|---|---|
| 1 | tenants, generations, pointers |
| 2 | each generation has the hashes of its files; tokens and audit log are for their owner alone |
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from jobgraph.errors import HomeFormatError, StorageError
from jobgraph.store.durable import storage_errors, sync, write_durably

FORMAT = 2
_FIRST = 1
_FILE = "FORMAT"


def read_format(home: Path) -> int:
    """The format of a home; that of this program for one without tenants, and 1 for one from before it was written.

    Raises
    ------
    HomeFormatError : a newer program wrote the home.
    StorageError : the file cannot be read.
    """
    path = home / _FILE
    try:
        with storage_errors(path, known_only=True):
            text = path.read_text(encoding="ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return _FIRST if _has_tenants(home) else FORMAT
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise StorageError(
            f"{path} names no format: {text[:20]!r}; write {FORMAT} into it if this program made the home."
        )
    if int(text) > FORMAT:
        raise HomeFormatError(
            f"{home} is of format {text}, and this version of jobgraph knows {FORMAT} at most; install a newer one."
        )
    return int(text)


def write_format(home: Path, number: int) -> None:
    """Say of which format a home is, in one step.

    Raises
    ------
    StorageError : the disk is full or cannot be written.
    """
    new = home / f"{_FILE}.{os.getpid()}.tmp"
    with storage_errors(home):
        try:
            write_durably(new, f"{number}\n")
            new.replace(home / _FILE)
            sync(home)
        finally:
            new.unlink(missing_ok=True)


def mark_new(home: Path) -> None:
    """Say of which format a home is that has no tenant yet; others stay what they are until they are upgraded."""
    if not (home / _FILE).exists() and not _has_tenants(home):
        write_format(home, FORMAT)


def _has_tenants(home: Path) -> bool:
    return next(home.glob("tenants/*/CURRENT"), None) is not None
