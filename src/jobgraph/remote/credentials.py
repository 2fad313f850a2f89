"""The users that tenants have at an endpoint: a folder with a file for each, which nobody else may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from jobgraph.errors import InputError, UsageError
from jobgraph.exports.login import Credentials

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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
    if len(lines) != 2 or not all(lines):
        raise InputError(f"{path} does not hold two lines; write a user and a password, a line each.")
    return Credentials(*lines)
