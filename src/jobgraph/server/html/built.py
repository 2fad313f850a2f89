"""The files that pages load, and their addresses, which change with what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jobgraph.exports.markup import read_style

FOLDER = Path(__file__).parent.parent / "static"
_STYLE = "style.css"
_SHOWN = {".css", ".js", ".svg"}


@cache
def read_files() -> Mapping[str, bytes]:
    """What is in each file that may be given out, by its name."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in _SHOWN}
    return {**files, _STYLE: read_style(FOLDER / _STYLE)}


@cache
def version_of(name: str) -> str:
    """What tells apart the contents that a file may have; '' where there is no such file."""
    content = read_files().get(name)
    return "" if content is None else hashlib.sha256(content).hexdigest()[:16]


def address_of_file(name: str) -> str:
    """Where a file is, from the root; browsers may keep what they got there for good."""
    version = version_of(name)
    return f"/static/{name}{'?v=' if version else ''}{version}"
