"""Checks of the machine: room on its disks, its clock, its limits, and the port of a server."""

from __future__ import annotations

import os
import resource
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from shutil import disk_usage

from jobgraph.errors import StorageError
from jobgraph.operations.checks.model import Finding, Subject, failure, ok, warning
from jobgraph.store import Generation

_FEWEST_FILES = 1024  # open at once: a store of a million triples has 30, and a server a socket for each client
_LEAST_TEMPORARY = 256 << 20
_FEWEST_INODES = 10_000
_SECONDS = 3.0  # that a server may take to say that it is there
_DRIFT = timedelta(minutes=5)
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # no build is older


def check_disk(subject: Subject) -> Iterator[Finding]:
    """A build of the largest tenant fits on the disk, beside what is there."""
    free, need = disk_usage(subject.home).free, max(map(_size, subject.published), default=0)
    words = f"{free / 1e9:,.1f} GB free; the largest generation has {need / 1e9:,.3f} GB"
    if free < need:
        yield failure(words, "Free some space: the next build of it cannot be published.")
    elif free < 3 * need:
        yield warning(words, "Free some space, or prune; a build needs up to three times as much while it runs.")
    else:
        yield ok(words)
    names = os.statvfs(subject.home)
    if names.f_files and names.f_favail < _FEWEST_INODES:
        yield warning(f"{names.f_favail:,} more files fit on the disk", "Remove small files, or prune.")


def check_temporary_space(_subject: Subject) -> Iterator[Finding]:
    """There is a folder for temporary files, with room."""
    try:
        folder = Path(tempfile.gettempdir())
    except FileNotFoundError:
        yield failure("there is no folder for temporary files", "Set TMPDIR to one that can be written.")
        return
    free = disk_usage(folder).free
    words = f"{folder} has {free / 1e6:,.0f} MB free"
    if free < _LEAST_TEMPORARY or not os.access(folder, os.W_OK):
        yield warning(words, "Free some, or set TMPDIR to another folder; packages are checked there.")
    else:
        yield ok(words)


def check_clock(subject: Subject) -> Iterator[Finding]:
    """The clock is not behind what was published."""
    times = [_created(generation) for generation in subject.published]
    newest = max((time for time in times if time), default=_FIRST_DAY)
    if subject.now < _FIRST_DAY or subject.now + _DRIFT < newest:
        advice = "Set the clock: tokens end, and generations are pruned, by it."
        yield failure(f"it is {subject.now:%Y-%m-%d %H:%M} here, and something is from {newest:%Y-%m-%d %H:%M}", advice)
    else:
        yield ok(f"{subject.now:%Y-%m-%d %H:%M} UTC")


def check_open_files(_subject: Subject) -> Iterator[Finding]:
    """As many files may be open as a server needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FEWEST_FILES:
        yield warning(
            f"{soft} files may be open at once", f"Run ulimit -n {_FEWEST_FILES} or more; {hard} are allowed."
        )
    else:
        yield ok("without limit" if soft == resource.RLIM_INFINITY else f"{soft:,} files may be open at once")


def check_port(subject: Subject) -> Iterator[Finding]:
    """A server can listen at the port, or does."""
    if subject.port is None:
        return
    family = socket.AF_INET6 if ":" in subject.host else socket.AF_INET
    place = f"{subject.host}, port {subject.port}"
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((subject.host, subject.port))
            listening.listen(1)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            if _is_served(subject.host, subject.port):
                yield ok(f"{place}: a jobgraph server answers")
            else:
                yield failure(f"{place}: {reason}", "Choose another --port, or end what listens there.")
            return
    yield ok(f"{place} is free")


def _is_served(host: str, port: int) -> bool:
    """Whether a server of ours answers there."""
    connection = HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == 200 and b'"alive"' in answer.read(100)
    except (OSError, HTTPException, OverflowError):
        return False
    finally:
        connection.close()


def _size(generation: Generation) -> int:
    return sum(path.stat().st_size for path in generation.path.rglob("*") if path.is_file())


def _created(generation: Generation) -> datetime | None:
    try:
        return datetime.fromisoformat(str(generation.manifest["created"]))
    except (KeyError, StorageError, ValueError):
        return None  # the check of generations says so
