"""Many files of text, written a piece at a time: none stays open, and little of each is in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PIECE = 1 << 18  # characters of a file that wait to be written


class TextFile:
    """A file that grows line by line; begins empty, whatever was there."""

    def __init__(self, path: Path, head: str = "") -> None:
        self.path = path
        self._waiting, self._size = [head], len(head)
        path.write_bytes(b"")

    def add(self, text: str) -> None:
        """Write this at the end, some time."""
        self._waiting.append(text)
        self._size += len(text)
        if self._size > _PIECE:
            self.flush()

    def flush(self) -> None:
        """Write all that waits."""
        with self.path.open("ab") as stream:
            stream.write("".join(self._waiting).encode())
        self._waiting, self._size = [], 0


class TextFiles:
    """The files of one export, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, TextFile] = {}

    def begin(self, name: str, head: str = "") -> TextFile:
        """A new file."""
        self._files[name] = TextFile(self._folder / name, head)
        return self._files[name]

    @property
    def paths(self) -> list[Path]:
        """The files, sorted."""
        return sorted(file.path for file in self._files.values())

    def flush(self) -> None:
        """Write all that waits."""
        for file in self._files.values():
            file.flush()


@contextmanager
def text_files(folder: Path) -> Iterator[TextFiles]:
    """Files in a folder, whole once the body has ended."""
    files = TextFiles(folder)
    yield files
    files.flush()


def csv_line(cells: Iterable[str | None], *, end: str = "\r\n") -> str:
    r"""A line of CSV, RFC 4180; None gives an empty cell and no text a quoted one.

    >>> csv_line(["id", None, "", 'a "b", c'])
    'id,,"","a ""b"", c"\r\n'
    """
    return ",".join(map(_cell, cells)) + end


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    if text.isalnum():
        return text
    if not text or any(mark in text for mark in '",\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
