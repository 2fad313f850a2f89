"""A file that is read once and again whenever it has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

from jobgraph.store.durable import storage_errors

_Content = TypeVar("_Content")


class RereadFile(Generic[_Content]):
    """What `read` makes of the file at `path`; `missing` where there is no file.

    A change is seen by time, inode and size, so that asking costs one look at the folder. What cannot be read raises
    the error of `read` every time: what was in the file before does not count any more.
    """

    def __init__(self, path: Path, read: Callable[[BinaryIO], _Content], *, missing: _Content | None = None) -> None:
        self.path = path
        self._read, self._missing = read, missing
        self._seen: tuple[tuple[int, int, int], _Content] | None = None

    def content(self) -> _Content:
        """The content as it is now.

        Raises
        ------
        StorageError : the file cannot be opened.
        """
        with storage_errors(self.path):
            try:
                stamp = _stamp(self.path.stat())
            except FileNotFoundError:
                if self._missing is None:
                    raise
                return self._missing
            if self._seen is None or self._seen[0] != stamp:
                self._seen = None
                with self.path.open("rb") as stream:
                    self._seen = (_stamp(os.fstat(stream.fileno())), self._read(stream))
            return self._seen[1]


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_ino, status.st_size
