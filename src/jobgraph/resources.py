"""Where the ontology, shapes and shipped data are: inside the wheel, or beside `src` in a checkout; and which."""

from __future__ import annotations

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
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root)
            if "examples" not in name.parts and (path.suffix == ".ttl" or "rules" in name.parts) and path.is_file():
                content.update(f"{part}/{name.as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return content.hexdigest()
