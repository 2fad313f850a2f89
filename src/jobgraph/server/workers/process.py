"""The process of a worker: it opens one generation to read, gives up what it does not need, and answers in turn."""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from threading import Thread
from types import TracebackType

from pyoxigraph import DefaultGraph, NamedNode, Store

from jobgraph.errors import JobgraphError, RefusedError, StorageError, UsageError
from jobgraph.server.log import to_json
from jobgraph.server.negotiation import GRAPH_TYPES, RESULT_TYPES
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.ahead import Ahead
from jobgraph.server.workers.jobs import (
    BROKEN,
    FAILED,
    HEAD,
    OUT_OF_MEMORY,
    READY,
    AnswerError,
    GraphJob,
    Job,
    QueryJob,
    Reason,
    ViewJob,
    decode_job,
    encode,
    frame,
)
from jobgraph.server.workers.output import FrameWriter
from jobgraph.store import Generation, GraphName
from jobgraph.store.datasets import query_dataset, write_graph

_ARENAS = -8  # M_ARENA_MAX of malloc.h
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER and CLONE_NEWNET of linux/sched.h
_REASONS: dict[type[JobgraphError], Reason] = {
    UsageError: "usage",
    RefusedError: "refused",
    StorageError: "storage",
}


def work(connection: socket.socket, slug: str, path: str, memory_mb: int) -> None:
    """Answer jobs from `connection` over the generation at `path` until the other end is closed."""
    confine()
    Thread(target=_end_with, args=(connection,), daemon=True).start()
    generation = Generation(slug, Path(path))
    try:
        with LastWords(slug), generation.open() as store:
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
            tenant = Tenant(store, generation, generation.names)
            connection.sendall(frame(READY))
            ahead = Ahead(tenant)
            while content := receive_frame(connection):
                job = decode_job(content)
                _answer(connection, tenant, job)
                ahead.note(job)
    except JobgraphError as error:
        connection.sendall(frame(FAILED, encode(AnswerError(_reason(error), str(error)))))


class LastWords:
    """Ends the process at what nobody catches: a line of the log says it, and the exit code whether it was memory."""

    def __init__(self, slug: str) -> None:
        self._slug = slug

    def __enter__(self) -> LastWords:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, unless all is well or the error is ours."""
        if error is None or isinstance(error, JobgraphError):
            return
        if isinstance(error, MemoryError):
            os._exit(OUT_OF_MEMORY)
        text = "".join(traceback.format_exception(kind, error, trace))
        line = to_json("error", {"event": "worker broke", "tenant": self._slug, "exception": text})
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        os._exit(BROKEN)


def _end_with(connection: socket.socket) -> None:
    """End the process, whatever it does, when the other end is closed, also by the death of the server."""
    closed = select.poll()
    closed.register(connection, 0)
    closed.poll()
    os._exit(0)


def confine() -> None:
    """Give up what a worker does not need: the keyboard, core files, and the network where the system lets us.

    That queries cannot call out is seen to before; this is the second line.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when a worker ends
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # also where all processes of a service are told to end
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mallopt(_ARENAS, 1)  # else each thread of a library takes addresses that the limit counts
    any(libc.unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


def receive_frame(connection: socket.socket) -> bytes:
    """The content of the next frame; nothing where the other end is closed."""
    head = _receive_bytes(connection, HEAD.size)
    return _receive_bytes(connection, HEAD.unpack(head)[1]) if head else b""


def _receive_bytes(connection: socket.socket, length: int) -> bytes:
    parts = []
    while length and (part := connection.recv(min(length, 1 << 20))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts) if not length else b""


def _answer(connection: socket.socket, tenant: Tenant, job: Job) -> None:
    try:
        if isinstance(job, QueryJob):
            _answer_query(connection, tenant, job)
        elif isinstance(job, GraphJob):
            _answer_graph(connection, tenant.store, job)
        else:
            _answer_view(connection, tenant, job)
    except AnswerError as failure:
        connection.sendall(frame(FAILED, encode(failure)))
    except JobgraphError as error:
        connection.sendall(frame(FAILED, encode(AnswerError(_reason(error), str(error)))))


def _reason(error: JobgraphError) -> Reason:
    return next((reason for kind, reason in _REASONS.items() if isinstance(error, kind)), "refused")


def _answer_query(connection: socket.socket, tenant: Tenant, job: QueryJob) -> None:
    answer = query_dataset(
        tenant.store,
        job.text,
        graphs=tenant.merged,
        base=job.base,
        default=_graphs(job.default_graphs),
        named=_graphs(job.named_graphs),
    )
    media_type = job.graph_type if answer.is_graph else job.results_type
    if not media_type:
        types = GRAPH_TYPES if answer.is_graph else RESULT_TYPES
        raise AnswerError("unacceptable", f"The answer can be {', '.join(types)}; name one of them in Accept.")
    writer = FrameWriter(connection, media_type, max_rows=job.max_rows, max_bytes=job.max_bytes)
    answer.write(writer, media_type)  # type: ignore[arg-type]  # it writes, which is all that is asked of it
    writer.finish()


def _graphs(iris: tuple[str, ...] | None) -> list[NamedNode] | None:
    return None if iris is None else [_node(iri) for iri in iris]


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:
        raise AnswerError("usage", f"{iri!r} cannot name a graph; write an absolute IRI.") from None


def _answer_graph(connection: socket.socket, store: Store, job: GraphJob) -> None:
    graph: GraphName = _node(job.graph) if job.graph else DefaultGraph()
    if isinstance(graph, NamedNode) and not store.contains_named_graph(graph):
        raise AnswerError("missing", f"There is no graph {job.graph}.")
    writer = FrameWriter(connection, job.graph_type, max_bytes=job.max_bytes)
    write_graph(store, graph, writer, job.graph_type)  # type: ignore[arg-type]  # as above
    writer.finish()


def _answer_view(connection: socket.socket, tenant: Tenant, job: ViewJob) -> None:
    from jobgraph.server.views.answers import Linked  # most workers never make one
    from jobgraph.server.views.catalog import VIEWS

    writer = FrameWriter(connection, job.media_type, max_bytes=job.max_bytes)
    parts = VIEWS[job.view](tenant, dict(job.arguments), job.media_type)
    if isinstance(parts, Linked):
        writer.link, parts = parts.link, parts.parts
    for part in parts:
        writer.write(part)
    writer.finish()
