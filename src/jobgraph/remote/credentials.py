"""The users that tenants have at an endpoint: a folder with a file for each, which nobody else may read."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from jobgraph.errors import InputError, JobgraphError, UsageError
from jobgraph.exports.login import Credentials

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES = 4096  # of a user and a password, where it is asked whether a file is one of these
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]*")


def read_credentials(folder: Path, slug: str) -> Credentials:
    """The user and the password of one tenant: the two lines of the file of its name; no other file is opened.

    Raises
    ------
    UsageError : the tenant has no file, or others may read it.
    InputError : the file does not hold two lines of text.
    """
    path = folder / slug
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_mode & _OTHERS:
                raise UsageError(f"{path} can be read by others; run chmod 600 on it.")
            lines = stream.read().decode("utf-8").splitlines()
    except FileNotFoundError:
        raise UsageError(f"{slug} has no user at the endpoint: {path} is missing; write it, with mode 600.") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as text; write a user and a password, a line each.") from None
    return _parsed(path, lines)


def holds_credentials(path: Path) -> bool:
    """Whether a file reads as such a one, in whatever folder: two lines of text, private or named as a tenant is."""
    status = path.stat()
    if status.st_size > _MOST_BYTES or (status.st_mode & _OTHERS and not _TENANT.fullmatch(path.name)):
        return False
    try:
        _parsed(path, path.read_text(encoding="utf-8").splitlines())
    except (JobgraphError, UnicodeDecodeError):
        return False
    return True


def _parsed(path: Path, lines: list[str]) -> Credentials:
    if len(lines) != 2 or not all(lines):
        raise InputError(f"{path} does not hold two lines; write a user and a password, a line each.")
    return Credentials(*lines)
