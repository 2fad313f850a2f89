"""What a server asks of a worker and what comes back, and how both travel: a kind, a length, and bytes.

A worker trusts the server, so that jobs may travel in Python's own form. The server does not trust a worker that
queries of strangers run in: its messages are JSON.
"""

from __future__ import annotations

import json
import marshal
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

OUT_OF_MEMORY, BROKEN = 71, 70  # how a process ends that cannot go on
HEAD = struct.Struct("!cI")  # the kind of a frame and the length of its content
JOB, READY, HEADER, DATA, END, FAILED = b"J", b"R", b"H", b"D", b"E", b"X"
FRAME_BYTES = 1 << 16


@dataclass(frozen=True)
class QueryJob:
    """A query; `None` as a list of graphs means what the store or the query's own FROM says.

    `results_type` and `graph_type` are the media types for the two kinds of answers, '' where the client takes none.
    """

    text: str
    base: str
    results_type: str
    graph_type: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    max_rows: int = 0
    max_bytes: int = 0


@dataclass(frozen=True)
class GraphJob:
    """One graph as a whole; '' names the unnamed graph."""

    graph: str
    graph_type: str
    max_bytes: int = 0


@dataclass(frozen=True)
class ViewJob:
    """A page or a table that Python makes of the graph: the name of a view, its arguments, and a media type."""

    view: str
    arguments: tuple[tuple[str, str], ...]
    media_type: str
    max_bytes: int = 0


Job = QueryJob | GraphJob | ViewJob


@dataclass(frozen=True)
class Header:
    """What comes before the bytes of an answer; `link` is the value of a Link header, '' for none."""

    media_type: str
    link: str = ""


Reason = Literal[
    "usage", "refused", "missing", "unacceptable", "too-large", "memory", "time", "busy", "storage", "internal"
]


@dataclass(eq=False)
class AnswerError(Exception):
    """Why there is no answer, or why it ends before it is whole."""

    reason: Reason
    sentence: str

    def __str__(self) -> str:
        return self.sentence


_JOBS: dict[str, type[Job]] = {kind.__name__: kind for kind in (QueryJob, GraphJob, ViewJob)}
_KINDS: dict[str, type] = {kind.__name__: kind for kind in (Header, AnswerError)}
_PLAIN = 2  # the last form of marshal in which equal values have equal bytes


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """A frame to send."""
    return HEAD.pack(kind, len(content)) + content


def encode_job(job: Job) -> bytes:
    """A job as bytes, which are the same for equal jobs."""
    return marshal.dumps((type(job).__name__, tuple(vars(job).values())), _PLAIN)


def decode_job(content: bytes) -> Job:
    """The job of which `content` is the bytes."""
    name, values = marshal.loads(content)
    return _JOBS[name](*values)


def encode(message: Header | AnswerError) -> bytes:
    """A message as JSON."""
    return json.dumps([type(message).__name__, vars(message)]).encode()


@lru_cache(maxsize=100)
def encode_header(media_type: str, link: str) -> bytes:
    """A header as JSON; few are different."""
    return encode(Header(media_type, link))


@lru_cache(maxsize=100)
def decode_header(content: bytes) -> Header:
    """The header of which `content` is the JSON; few are different."""
    header: Header = decode(content)
    return header


def decode(content: bytes) -> Any:  # noqa: ANN401 one of the classes of this module
    """The message of which `content` is the JSON."""
    name, values = json.loads(content)
    return _KINDS[name](**values)
