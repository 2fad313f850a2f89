"""One process that works for a server, and the two ends of the line to it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from jobgraph.server.workers.jobs import BROKEN, READY, AnswerError, decode
from jobgraph.server.workers.line import Line, LineLostError

_END_S = 5.0  # from the end of its line to that of a process
_GENTLE = 5  # niceness of a worker: the server itself goes first
# What workers need, and nothing that is large or starts threads: they are forked from a process that has it.
PRELOADED = [
    "jobgraph.server.views.catalog",
    "jobgraph.server.workers.process",
    "jobgraph.server.workers.write_process",
]
_FORKED = get_context("forkserver")
_killed: set[BaseProcess] = set()
_one_thread = threading.Lock()  # at a time starts and buries processes, which multiprocessing does not see to


@dataclass(eq=False)
class Worker:
    """A process and the line to it."""

    process: BaseProcess
    line: Line
    is_tired: bool = False  # it was slow once and runs behind all others since
    used: float = field(default_factory=time.monotonic)

    async def receive(self) -> tuple[bytes, bytes]:
        """The kind and the content of the next frame.

        Raises
        ------
        AnswerError : the process is gone: it broke, or took more memory than it may.
        """
        try:
            return await self.line.receive()
        except LineLostError:
            if await asyncio.to_thread(self._end) == BROKEN:
                raise AnswerError("internal", "The server broke at this request; its log says how.") from None
            raise AnswerError("memory", "The request took more memory than one may; ask for less.") from None

    def _end(self) -> int | None:
        with _one_thread:
            self.process.join(_END_S)
            return self.process.exitcode

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.line.close()
        self.process.kill()
        _killed.add(self.process)

    def step_back(self) -> None:
        """Let others go first from now on."""
        self.is_tired = True
        with suppress(OSError):
            os.sched_setscheduler(self.process.pid or 0, os.SCHED_IDLE, os.sched_param(0))

    def be_gentle(self) -> None:
        """Let the server go first."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid or 0, _GENTLE)


async def warm_up() -> None:
    """Start the process that all others are forked from, so that the first request need not wait for it."""
    _FORKED.set_forkserver_preload(PRELOADED)
    await asyncio.to_thread(_start, _nothing, ())


async def start_worker(target: Callable[..., None], *arguments: object) -> Worker:
    """A new process that is ready for jobs; `target` gets its end of the line, then `arguments`.

    Raises
    ------
    AnswerError : it cannot work, or died.
    """
    process, ours = await asyncio.to_thread(_start, target, arguments)
    worker = Worker(process, await Line.over(ours))
    worker.be_gentle()
    with ExitStack() as undo:
        undo.callback(worker.kill)
        kind, content = await worker.receive()
        if kind != READY:
            raise decode(content)
        undo.pop_all()
    return worker


async def bury() -> None:
    """Wait for the killed processes to end."""

    def wait() -> None:
        with _one_thread:
            _reap(5.0)

    await asyncio.to_thread(wait)


def _start(target: Callable[..., None], arguments: tuple[object, ...]) -> tuple[BaseProcess, socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs, _one_thread:
        _reap(0)
        process = _FORKED.Process(target=target, args=(theirs, *arguments), daemon=True)
        process.start()
    return process, ours


def _nothing(connection: socket.socket) -> None:
    """A process that only makes the fork server start."""
    connection.close()


def _reap(seconds: float) -> None:
    """Take note of the ends of killed processes."""
    for process in list(_killed):
        process.join(seconds)
        if process.exitcode is not None:
            _killed.discard(process)
            process.close()
