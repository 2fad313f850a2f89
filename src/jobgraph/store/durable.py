"""Folders that survive a crash: locks that end with their holder, writes that reach the disk, errors that advise."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from jobgraph.errors import JobgraphError, StorageError

_SYNCED_AT_ONCE = 8  # files, which the disk then writes together
_ADVICE = {
    errno.ENOSPC: "Free some space, or set JOBGRAPH_HOME to a folder on another disk.",
    errno.EDQUOT: "Free some of your quota, or set JOBGRAPH_HOME to a folder on another disk.",
    errno.EACCES: "Give this user the right to read and write there.",
    errno.EPERM: "Give this user the right to read and write there.",
    errno.EROFS: "Set JOBGRAPH_HOME to a folder that can be written.",
    errno.EIO: "Check the disk.",
    errno.EMFILE: "Raise the limit of open files (ulimit -n).",
    errno.ENOLCK: "Let go of the store that is open for writing.",
    errno.EAGAIN: "Another process writes to the store; wait until it has ended.",
}


@contextmanager
def storage_errors(path: Path, *, known_only: bool = False) -> Iterator[None]:
    """Raise an OSError of the body as a StorageError that names the place and what to do.

    Parameters
    ----------
    path : the place, where the error names none.
    known_only : leave alone what is not a full disk, a missing permission and the like.
    """
    try:
        yield
    except OSError as error:
        code = _code(error)
        if isinstance(error, JobgraphError) or (code is None and known_only):
            raise
        reason = os.strerror(code) if code else (error.strerror or str(error)).rstrip(".")
        place = error.filename or path
        advice = _ADVICE.get(code or 0, "Run again; if it stays, go back to an older generation.")
        raise StorageError(f"{place}: {reason}. {advice} The published state is unchanged.") from error


@contextmanager
def broken_store_errors(path: Path) -> Iterator[None]:
    """Raise what the store engine says about broken files in the body as a StorageError."""
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("Corruption"):
            raise
        raise StorageError(f"{path} is broken: {error}. Roll back to another generation, or build again.") from error


def _code(error: OSError) -> int | None:
    """The error number that there is advice for; the store engine puts it in words only."""
    return next((code for code in _ADVICE if error.errno == code or os.strerror(code) in str(error)), None)


@contextmanager
def exclusive_lock(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold `folder` alone; the lock is on the folder itself, leaves no file and ends with the process.

    Raises
    ------
    StorageError : another process holds it, and `wait` is false.
    """
    with _locked(folder, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def shared_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` together with other readers."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with storage_errors(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, how)
        except BlockingIOError as error:
            raise StorageError(f"{folder} is in use by another process; wait until it has ended.") from error
        yield
    finally:
        os.close(handle)


def sync(path: Path) -> None:
    """Wait until the file or folder `path` is on the disk; a folder's own entries only."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Wait until `folder` and all in it are on the disk, what is inside first."""
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        for parent, _, files in os.walk(folder, topdown=False):
            for _done in pool.map(sync, (Path(parent, name) for name in files)):
                pass
            sync(Path(parent))


def write_durably(path: Path, text: str) -> None:
    """Write a file and wait until its content is on the disk; its name is there once the folder is synced."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def remove_tree(folder: Path) -> None:
    """Remove `folder`; what cannot be removed stays, for the next try."""
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.02)  # a store that is being closed may still have written a file
