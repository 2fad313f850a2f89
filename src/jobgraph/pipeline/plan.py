"""What a build is asked to do, and whom it tells how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Plan:
    """A source and what to make of it.

    Parameters
    ----------
    location : a folder, or the address of a Postgres database.
    schema : the schema of a Postgres database.
    only_tenant : the short name of the only tenant to build; a source without a table of tenants needs it.
    include_deleted : state soft-deleted rows like the others.
    codes : Turtle files with more codes for the code lists.
    trust_updated : a build of changes takes the rows of a database whose moment of change is that of the last build to
        be as they were, and does not read them.
    """

    location: str
    schema: str = "public"
    only_tenant: str = ""
    include_deleted: bool = False
    codes: tuple[Path, ...] = ()
    trust_updated: bool = False


class Progress(Protocol):
    """What a build calls when a stage begins, with a count of 0, and each time more of it is done."""

    def __call__(self, stage: str, count: int, unit: str = "rows", /) -> None:
        """Take note of `count` more things of `unit` in a stage."""
