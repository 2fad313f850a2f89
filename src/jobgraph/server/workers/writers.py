"""The processes that change graphs: one for each tenant at most, and one change of a tenant at a time."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections import defaultdict
from typing import Any

from jobgraph.server.settings import ServerSettings
from jobgraph.server.workers.jobs import END, JOB, AnswerError, frame
from jobgraph.server.workers.worker import Worker, bury, start_worker
from jobgraph.server.workers.write_process import WriteJob, write

_MOST_IDLE = 4  # processes that stay for the next change of their tenants


class WriteRefusedError(Exception):
    """A change was refused; `kind` names the error of ours, `report` says in Turtle what the shapes forbid."""

    def __init__(self, kind: str, detail: str, report: str) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.report = kind, detail, report


class WriterPool:
    """Gives each change to the process of its tenant."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: dict[str, int] = defaultdict(int)
        self._idle: dict[str, Worker] = {}

    async def write(self, slug: str, job: WriteJob) -> dict[str, Any]:
        """What a change did, as the fields of `Written`; those of one tenant wait for each other.

        Raises
        ------
        WriteRefusedError : it was refused, or is none.
        AnswerError : it took too long or too much memory, or too many wait.
        """
        if self._waiting[slug] >= self._settings.waiting:
            raise AnswerError("busy", "Too many changes of this tenant wait already; try again in a moment.")
        self._waiting[slug] += 1
        try:
            async with self._turns[slug]:
                return await self._write(slug, job)
        finally:
            self._waiting[slug] -= 1

    async def close(self) -> None:
        """End all processes; none has a job any more."""
        for worker in self._idle.values():
            worker.kill()
        self._idle.clear()
        await bury()

    async def _write(self, slug: str, job: WriteJob) -> dict[str, Any]:
        worker = self._idle.pop(slug, None) or await start_worker(write, slug, self._settings)
        is_done = False
        seconds = min(job.seconds or self._settings.write_seconds, self._settings.write_seconds)
        try:
            async with asyncio.timeout(seconds):
                worker.line.send(frame(JOB, pickle.dumps(job)))
                kind, content = await worker.receive()
            is_done = True
        except TimeoutError:
            raise AnswerError("time", f"The change took more than {seconds:g} seconds; nothing was changed.") from None
        finally:
            self._give_back(slug, worker, is_done=is_done)
        told = json.loads(content)
        if kind == END:
            return dict(told)
        raise WriteRefusedError(**told)

    def _give_back(self, slug: str, worker: Worker, *, is_done: bool) -> None:
        if not is_done:
            worker.kill()
            return
        self._idle[slug] = worker
        while len(self._idle) > _MOST_IDLE:
            self._idle.pop(next(iter(self._idle))).kill()
