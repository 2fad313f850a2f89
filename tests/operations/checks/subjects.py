"""What a check says of a home that was made bad in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jobgraph.operations.checks.model import Finding, State, Subject
from jobgraph.server.settings import ServerSettings

Check = Callable[[Subject], Iterator[Finding]]


def subject(home: Path, **facts: Any) -> Subject:
    return Subject(ServerSettings(home=home), **facts)


def problems(check: Check, looked_at: Subject) -> list[tuple[str, str]]:
    """State and text of each finding that asks for something; each says what to do."""
    found = [finding for finding in check(looked_at) if finding.state is not State.OK]
    assert all(finding.advice.endswith((".", "?")) for finding in found)
    return [(finding.state.value, finding.text) for finding in found]
