"""The server's side of making packages and feeds: each in a process of its own, few at once, and none twice."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from typing import Any, TypeAlias

import structlog

from jobgraph.server.problems import ProblemError
from jobgraph.server.settings import ServerSettings
from jobgraph.server.workers.jobs import END, JOB, AnswerError, frame
from jobgraph.server.workers.worker import start_worker

_MOST_WAITING = 32
_AGAIN_S = 5
_REMEMBERED_S = 30
_TELLABLE = frozenset({"RefusedError", "ExportRefusedError"})  # of the errors, those that say nothing of this machine
_Key: TypeAlias = tuple[str, str, str, str]


class ExportPool:
    """Has packages and feeds made, and counts those that are sent."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._room = asyncio.Semaphore(settings.export_builds)
        self._running: dict[_Key, asyncio.Task[None]] = {}
        self._sent = 0

    async def make(self, slug: str, what: str, profile: str, generation: str) -> None:
        """Wait until something is made; whoever asks for the same waits for the same, and it goes on when they leave.

        Raises
        ------
        ProblemError : it takes longer than a request waits, too many wait, or it cannot be made.
        """
        key = (slug, what, profile, generation)
        if (task := self._running.get(key)) is None:
            if len(self._running) >= _MOST_WAITING:
                raise _again("Too many packages wait to be made; ask again in a moment.")
            task = self._running[key] = asyncio.create_task(self._make(*key))
            task.add_done_callback(lambda done: self._forget(key, done))
        done, _ = await asyncio.wait({task}, timeout=self._settings.export_wait_seconds)
        if not done:
            raise _again("It is being made; ask again in a moment.")
        task.result()

    def begin_sending(self) -> None:
        """Count a package that is sent.

        Raises
        ------
        ProblemError : there are too many already.
        """
        if self._sent >= self._settings.export_downloads:
            raise _again("Too many packages are sent just now; ask again in a moment.")
        self._sent += 1

    def end_sending(self) -> None:
        """Count one less."""
        self._sent -= 1

    async def close(self) -> None:
        """End what is being made."""
        for task in list(self._running.values()):
            task.cancel()
            with suppress(asyncio.CancelledError, ProblemError, AnswerError):
                await task

    def _forget(self, key: _Key, done: asyncio.Task[None]) -> None:
        """Let it be made again: at once, and after a failure in a while, so that asking keeps no process busy."""
        if done.cancelled() or done.exception() is None:
            self._running.pop(key)
        else:
            asyncio.get_running_loop().call_later(_REMEMBERED_S, self._running.pop, key)

    async def _make(self, slug: str, what: str, profile: str, generation: str) -> None:
        async with self._room:
            worker = await start_worker(_make, slug, self._settings)
            try:
                async with asyncio.timeout(self._settings.export_seconds):
                    worker.line.send(frame(JOB, json.dumps([what, profile, generation]).encode()))
                    kind, content = await worker.receive()
            except TimeoutError:
                seconds = self._settings.export_seconds
                raise AnswerError("time", f"It took more than {seconds:g} seconds to make; ask the sender.") from None
            finally:
                worker.kill()
        if kind != END:
            _refuse(slug, profile, json.loads(content))


def _make(connection: socket.socket, slug: str, settings: ServerSettings) -> None:
    """The process that makes; it alone imports what that needs, so that no process is forked from one with threads."""
    from jobgraph.server.exports.process import make

    make(connection, slug, settings)


def _refuse(slug: str, profile: str, told: dict[str, Any]) -> None:
    """Say why something is not made; what says more about this machine than a partner should know, goes to the log."""
    if told["kind"] in _TELLABLE:
        raise ProblemError(403, told["detail"])
    structlog.get_logger("jobgraph.server").error("export", tenant=slug, profile=profile, error=told["detail"])
    raise ProblemError(
        503, "It cannot be made just now; the log of the server says why.", headers={"Retry-After": "60"}
    )


def _again(sentence: str) -> ProblemError:
    return ProblemError(503, sentence, headers={"Retry-After": str(_AGAIN_S)})
