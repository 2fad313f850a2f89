"""How far long work is: its stages with counts and rates, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from jobgraph.pipeline import Progress


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Progress]:
    """What long work calls with its counts; shown on standard error where that is a terminal, and gone at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _stage, _count, _unit="": None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TextColumn("{task.fields[done]}"))
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        yield _Stages(bars).advance


@dataclass
class _Stage:
    bar: TaskID
    count: int = 0
    seconds: float = 0.0


class _Stages:
    """A bar for each stage, of which one runs; the time up to a call counts for the stage that it names."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._stages: dict[str, _Stage] = {}
        self._running: _Stage | None = None
        self._last = time.monotonic()
        self._lock = Lock()

    def advance(self, stage: str, count: int, unit: str = "rows") -> None:
        """Show `count` more things of `unit`; several threads may call."""
        with self._lock:
            now = time.monotonic()
            if stage not in self._stages:
                self._stages[stage] = _Stage(self._bars.add_task(stage, total=None, done=""))
            found = self._stages[stage]
            self._switch(found)
            found.count += count
            found.seconds += now - self._last if count else 0
            self._last = now
            rate = f", {found.count / found.seconds:,.0f} {unit}/s" if found.seconds else ""
            self._bars.update(found.bar, done=f"{found.count:,} {unit}{rate}")

    def _switch(self, found: _Stage) -> None:
        """Let this stage run and no other; one that ran before starts again, for the next tenant."""
        if found is self._running:
            return
        if self._running:
            self._bars.update(self._running.bar, total=1, completed=1)
        self._bars.reset(found.bar, total=None)
        self._running = found
