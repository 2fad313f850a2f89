"""Where the ontology, shapes and shipped data are: inside the wheel, or beside `src` in a checkout; and which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from jobgraph.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """The path of a shipped file or folder, for example `resource_path("data", "sample")`.

    Raises
    ------
    InputError : the installation lacks it.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise InputError(f"{'/'.join(parts)} is missing from this installation; install jobgraph again.")


@cache
def terms_hash() -> str:
    """One hash for all that a generation is made by: the Turtle of ontology and shapes, and the rules.

    Raises
    ------
    InputError : the installation lacks them.
    """
    content = sha256()
    for part in ("ontology", "shapes"):
        root = resource_path(part)
        for name in sorted(_names_of_terms(root), key=lambda name: name.split("/")):
            content.update(f"{part}/{name}\0".encode() + (root / name).read_bytes() + b"\0")
    return content.hexdigest()


def _names_of_terms(root: Path) -> Iterator[str]:
    """The Turtle files and the rules below a folder, by their steps from there; examples are none."""
    for folder, inner, names in os.walk(root):
        inner[:] = [step for step in inner if step != "examples"]
        steps = Path(folder).relative_to(root).parts
        yield from ("/".join((*steps, name)) for name in names if name.endswith(".ttl") or "rules" in steps)
