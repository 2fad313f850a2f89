"""What a check looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from jobgraph.errors import JobgraphError
from jobgraph.server.settings import ServerSettings
from jobgraph.store import Generation, Tenant


class State(StrEnum):
    """How it is; a failure is what keeps something from working or loses data."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """What a check says: how it is, a phrase on what was seen, and a sentence on what to do."""

    state: State
    text: str
    advice: str = ""


def ok(text: str) -> Finding:
    """A finding that asks for nothing."""
    return Finding(State.OK, text)


def warning(text: str, advice: str) -> Finding:
    """Something that should be looked at, and that works still."""
    return Finding(State.WARNING, text, advice)


def failure(text: str, advice: str) -> Finding:
    """Something that does not work, or is lost if nothing is done."""
    return Finding(State.FAILURE, text, advice)


@dataclass(frozen=True)
class Subject:
    """What is looked at: the home and settings of `settings`, with the clock and the environment of the moment.

    Parameters
    ----------
    deep : read every byte of every generation.
    port : where a server is to listen, at `host`; None if that is not asked.
    """

    settings: ServerSettings
    deep: bool = False
    host: str = "127.0.0.1"
    port: int | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The home."""
        return self.settings.home

    @cached_property
    def tenants(self) -> list[Tenant]:
        """All folders of tenants, also those without a generation, in alphabetical order."""
        folder = self.home / "tenants"
        paths = sorted(path for path in folder.glob("[!.]*") if path.is_dir())
        return [Tenant(path.name, path) for path in paths]

    @cached_property
    def published(self) -> list[Generation]:
        """The published generations that can be found."""
        found = []
        for tenant in self.tenants:
            try:
                generation = tenant.current()
            except JobgraphError:
                continue  # the check of tenants says so
            found += [generation] if generation else []
        return found
