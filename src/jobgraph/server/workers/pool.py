"""The workers of a server: started when they are needed, one job each at a time, killed when they must be."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from typing import TypeAlias, TypeVar

from jobgraph.server.settings import ServerSettings
from jobgraph.server.workers.jobs import (
    DATA,
    FAILED,
    HEADER,
    JOB,
    AnswerError,
    Header,
    decode,
    decode_header,
    frame,
)
from jobgraph.server.workers.process import work
from jobgraph.server.workers.worker import Worker, bury, start_worker
from jobgraph.store import Generation

T = TypeVar("T")
Use: TypeAlias = "Callable[[Answer], Awaitable[T]]"
_SLOW_S = 0.5  # a query that takes longer runs behind all others


class Answer:
    """An answer as it comes; an `AnswerError` while its bytes are read means that it is not whole."""

    def __init__(self, worker: Worker, header: Header) -> None:
        self._worker = worker
        self.header = header
        self.is_read = False  # to its end

    async def beginning(self, size: int) -> bytes:
        """What comes first: all of it, or at least `size` bytes."""
        found = b""
        while len(found) < size and not self.is_read:
            part = await self._next()
            found = found + part if found else part
        return found

    async def content(self) -> AsyncIterator[bytes]:
        """What is left of it."""
        while not self.is_read:
            if part := await self._next():
                yield part

    async def _next(self) -> bytes:
        """The next bytes; none at the end."""
        kind, content = self._worker.line.pop() or await self._worker.receive()
        if kind == DATA:
            return content
        self.is_read = True
        if kind == FAILED:
            raise decode(content)
        return b""


class WorkerPool:
    """Gives each job to a worker of its generation, which no other job has."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._idle: dict[Generation, list[Worker]] = defaultdict(list)
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._waiting: dict[str, int] = defaultdict(int)
        self._count = 0

    @property
    def count(self) -> int:
        """The workers that there are."""
        return self._count

    async def ask(self, generation: Generation, job: bytes, seconds: float, use: Use[T], *, is_long: bool = False) -> T:
        """What `use` makes of the answer to an encoded job.

        When it does not read the answer to its end, or it all takes too long, the worker is killed.

        Parameters
        ----------
        seconds : how long it may take, the wait for a turn included.
        is_long : it may be slow at its first time and quick again with what the worker has read: the worker stays.

        Raises
        ------
        AnswerError : too many wait, the time is over, or what the worker says.
        """
        worker: Worker | None = None
        try:
            async with asyncio.timeout(seconds) as limit:
                turns = await self._turn(generation.slug)
                try:
                    worker = await self._worker(generation, is_long=is_long)
                    return await self._answered(generation, worker, job, use, is_long=is_long)
                finally:
                    turns.release()
        except TimeoutError:
            if not limit.expired():
                raise
            if worker is None:
                raise AnswerError("busy", "Other queries of this tenant took all the time; try again.") from None
            raise AnswerError("time", f"The query took more than {seconds:g} seconds; ask for less.") from None

    async def _answered(self, generation: Generation, worker: Worker, job: bytes, use: Use[T], *, is_long: bool) -> T:
        watch = asyncio.get_running_loop().call_later(_SLOW_S, worker.step_back)
        is_done = False
        try:
            worker.line.send(frame(JOB, job))
            kind, content = await worker.receive()
            if kind != HEADER:
                is_done = True
                raise decode(content)
            answer = Answer(worker, decode_header(content))
            try:
                return await use(answer)
            finally:
                is_done = answer.is_read
        finally:
            watch.cancel()
            self._give_back(generation, worker, stays=is_done and (is_long or not worker.is_tired))

    async def close(self) -> None:
        """End all workers; none has a job any more."""
        for workers in self._idle.values():
            for worker in workers:
                worker.kill()
        self._idle.clear()
        await bury()

    async def _turn(self, slug: str) -> asyncio.Semaphore:
        """Wait for a turn among the jobs of a tenant, of which few are answered at once, and not many wait."""
        turns = self._slots.get(slug)
        if turns is None:
            turns = self._slots[slug] = asyncio.Semaphore(self._settings.workers)
        if turns.locked() and self._waiting[slug] >= self._settings.waiting:
            raise AnswerError("busy", "Too many queries of this tenant wait already; try again in a moment.")
        self._waiting[slug] += 1
        try:
            await turns.acquire()
        finally:
            self._waiting[slug] -= 1
        return turns

    async def _worker(self, generation: Generation, *, is_long: bool) -> Worker:
        """An idle worker of the generation, or a new one; idle ones of other generations of the tenant go.

        Long jobs get one that is tired where there is one, the others never do.
        """
        for other in [g for g in self._idle if g.slug == generation.slug and g != generation]:
            for worker in self._idle.pop(other):
                self._remove(worker)
        idle = self._idle[generation]
        for worker in sorted(idle, key=lambda each: (each.is_tired, each.used), reverse=True):
            if worker.is_tired and not is_long:
                continue
            idle.remove(worker)
            if not worker.line.is_lost:
                return worker
            self._remove(worker)
        self._make_room()
        with ExitStack() as undo:
            self._count += 1
            undo.callback(self._forget)
            worker = await start_worker(work, generation.slug, str(generation.path), self._settings.memory_mb)
            undo.pop_all()
        return worker

    def forget(self, slug: str) -> None:
        """End the workers of a tenant that are idle."""
        for generation in [each for each in self._idle if each.slug == slug]:
            for worker in self._idle.pop(generation):
                self._remove(worker)

    def _make_room(self) -> None:
        """End the worker that was idle longest where there are as many as may be.

        Raises
        ------
        AnswerError : none is idle.
        """
        if self._count < self._settings.all_workers:
            return
        idle = [(worker.used, generation, worker) for generation, found in self._idle.items() for worker in found]
        if not idle:
            raise AnswerError("busy", "Too many queries are answered just now; try again in a moment.")
        _, generation, oldest = min(idle, key=lambda each: each[0])
        self._idle[generation].remove(oldest)
        self._remove(oldest)

    def _give_back(self, generation: Generation, worker: Worker, *, stays: bool) -> None:
        if stays:
            worker.used = time.monotonic()
            self._idle[generation].append(worker)
        else:
            self._remove(worker)

    def _remove(self, worker: Worker) -> None:
        self._forget()
        worker.kill()

    def _forget(self) -> None:
        self._count -= 1
