"""The process that changes the graph of one tenant, one change after the other."""

from __future__ import annotations

import copyreg
import json
import pickle
import resource
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pyoxigraph import RdfFormat

from jobgraph.errors import JobgraphError, ShapeRefusalError
from jobgraph.server.settings import ServerSettings
from jobgraph.server.workers.jobs import END, FAILED, READY, frame
from jobgraph.server.workers.process import LastWords, confine, receive_frame
from jobgraph.store import Home
from jobgraph.writing import Change, apply_change


def _reduce_format(format_: RdfFormat) -> tuple[Callable[..., Any], tuple[str]]:
    """How a format travels, which is part of changes; pyoxigraph does not say."""
    return RdfFormat.from_media_type, (format_.media_type,)


copyreg.pickle(RdfFormat, _reduce_format)


@dataclass(frozen=True)
class WriteJob:
    """A change, the generation that its writer saw, and the seconds that it may take at most, if it says so."""

    change: Change
    expected: str | None
    seconds: float | None = None


def write(connection: socket.socket, slug: str, settings: ServerSettings) -> None:
    """Apply the changes that come from `connection` to the graph of a tenant until the other end is closed."""
    confine()
    tenant = Home(settings.home).tenant(slug)
    limit = settings.write_memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with LastWords(slug):
        connection.sendall(frame(READY))
        while content := receive_frame(connection):
            job: WriteJob = pickle.loads(content)
            try:
                written = apply_change(tenant, job.change, settings, expected=job.expected)
                connection.sendall(frame(END, json.dumps(asdict(written)).encode()))
            except JobgraphError as error:
                connection.sendall(frame(FAILED, _told(error)))


def _told(error: JobgraphError) -> bytes:
    """What the server needs to know of an error."""
    report = error.report if isinstance(error, ShapeRefusalError) else ""
    return json.dumps({"kind": type(error).__name__, "detail": str(error), "report": report}).encode()
