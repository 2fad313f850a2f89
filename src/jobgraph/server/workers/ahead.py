"""What a worker gets ready beside its answers, once it is clear that it will be needed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from jobgraph.errors import JobgraphError
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import Job, QueryJob, ViewJob

_MANY = 100  # queries after which it pays to read all of a small generation into memory
_HTML = "text/html"


class Ahead:
    """Watches the jobs of a worker; threads of its own get ready what the next ones need."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._queries = self._pages = 0

    def note(self, job: Job) -> None:
        """Take note of a job that is answered."""
        if isinstance(job, QueryJob):
            self._queries += 1
            if self._queries == _MANY and self._tenant.is_small:
                self._begin(self._tenant.merged.keep_in_memory)
        elif isinstance(job, ViewJob) and job.media_type == _HTML:
            self._pages += 1
            if self._pages == 1:  # who sees one page goes on to others
                self._begin(self._read_for_pages)

    def _read_for_pages(self) -> None:
        from jobgraph.server.views.reading_ahead import read_ahead  # only workers that make pages need it

        read_ahead(self._tenant)

    def _begin(self, work: Callable[[], None]) -> None:
        def run() -> None:
            with suppress(OSError, JobgraphError):  # the answers will say so themselves
                work()

        Thread(target=run, daemon=True).start()
