"""What a backup says of itself: its files and their hashes, the tenants, and what it was made by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobgraph.errors import BackupError

MANIFEST = "manifest.json"  # the last file of a backup


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileFacts(_Facts):
    """A file: its size in bytes, and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


class TenantFacts(_Facts):
    """The generation of a tenant: its name, when it was published (UTC), and what its graphs hold.

    `content` is the SHA-256 of the list of the store's files with their hashes; `canonical` that of the canonical
    N-Quads of all graphs (RDFC-1.0), where the backup was asked for it. `counts` are triples by graph; it may be empty.
    """

    generation: str
    created: str
    version: str
    content: str
    canonical: str | None
    counts: dict[str, int]


class Manifest(_Facts):
    """A backup: when it was made (UTC), of a home of which format, by which versions, and all that is in it.

    `settings` are those that held for it, `left_out` the paths of files that hold secrets and stayed behind.
    """

    kind: Literal["jobgraph backup"] = "jobgraph backup"
    layout: Literal[1] = 1
    created: str
    home_format: Annotated[int, Field(ge=1)]
    versions: dict[str, str]
    settings: dict[str, Any]
    tenants: dict[str, TenantFacts]
    files: dict[str, FileFacts]
    left_out: list[str]


def read_manifest(path: Path, text: bytes) -> Manifest:
    """The manifest of the backup at `path`.

    Raises
    ------
    BackupError : it is none.
    """
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BackupError(path, f"has a manifest that is none, at {place or 'its start'}: {first['msg']}") from error
