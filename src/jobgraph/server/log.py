"""The log: one JSON object a line, to standard error."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import structlog

_DELAY_S = 0.2
_to_line = json.JSONEncoder(default=repr).encode  # dumps makes an encoder for each line
_MOST = 1_000  # lines that wait to be written


class Lines:
    """Events on their way to a stream as lines, some together: one by one they would take as long as small answers."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._events: list[tuple[int, str, Mapping[str, Any]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def take(self, time_ns: int, level: str, event: Mapping[str, Any]) -> None:
        """Take an event; it is written soon where something else runs, else at once."""
        self._events.append((time_ns, level, event))
        if len(self._events) > _MOST:
            self.end()
        elif self._timer is None:
            try:
                self._timer = asyncio.get_running_loop().call_later(_DELAY_S, self.end)
            except RuntimeError:
                self.end()

    info = warning = error = critical = take  # what structlog calls

    def end(self) -> None:
        """Write all."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        events, self._events = self._events, []
        text = "".join([f"{_line(*event)}\n" for event in events])
        with suppress(OSError, ValueError):  # nobody reads them any more
            self._stream.write(text)
            self._stream.flush()


def log_json(*, quiet: bool) -> Lines:
    """Log to standard error from now on; where it is quiet, what is wrong and nothing else."""
    lines = Lines(sys.stderr)
    logging.basicConfig(level=logging.WARNING, handlers=[_Others()], force=True)
    structlog.configure(
        processors=[_stamped],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    return lines


class _Others(logging.Handler):
    """What the parts that are not ours say, as lines of the same log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record."""
        error = {"exception": "".join(traceback.format_exception(*record.exc_info))} if record.exc_info else {}
        structlog.get_logger(record.name).log(record.levelno, record.getMessage().strip(), **error)


def to_json(level: str, event: Mapping[str, Any]) -> str:
    """An event of this moment as a line of the log."""
    return _line(time.time_ns(), level, event)


def _stamped(_logger: object, level: str, event: MutableMapping[str, Any]) -> tuple[tuple[object, ...], dict[str, Any]]:
    """What `Lines` take of an event; structlog's own steps to a line take three times as long."""
    if event.pop("exc_info", False):
        event["exception"] = traceback.format_exc()
    return (time.time_ns(), level, event), {}


def _line(time_ns: int, level: str, event: Mapping[str, Any]) -> str:
    seconds, fraction = divmod(time_ns // 1000, 1_000_000)
    facts: Mapping[str, Any] = {"timestamp": f"{_second(seconds)}.{fraction:06}Z", "level": level, **event}
    return _to_line(facts)


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
