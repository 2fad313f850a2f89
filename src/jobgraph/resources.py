"""Where the ontology, shapes and shipped data are: inside the wheel, or beside `src` in a checkout."""

from __future__ import annotations

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
