"""The file that a backup is: a tar of plain files, packed with zstd, and a seal at its end.

`tar --zstd --extract` unpacks it, for the seal is a frame that zstd passes over: the number of unpacked bytes, and the
SHA-256 of every byte before it. So a byte that was changed, or an end that was cut off, shows before anything is
unpacked. The seal tells of accidents; who can write the file can make the seal anew.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from jobgraph.errors import BackupError, InputError, StorageError
from jobgraph.exports.compression import ZstdError, compressed, decompressed
from jobgraph.store.durable import storage_errors

_SEAL = struct.Struct(
    "<IIQ32s"
)  # of a skippable frame of zstd: its mark, the length of what follows, then our two facts
_MARK, _LENGTH = 0x184D2A5E, 40
_BLOCK = 512  # of a tar
_PIECE = 1 << 20
_MOST_BYTES = 8 << 30  # of a file, that the header of a tar has digits for
_MODES = 0o777


@dataclass(frozen=True)
class Member:
    """A file in a backup: its path, with slashes, and its rights."""

    name: str
    size: int
    mode: int


class ArchiveWriter:
    """Adds one file after another to a backup."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self.unpacked_bytes = 0

    def add(self, name: str, source: BinaryIO, size: int, *, mode: int = 0o600) -> str:
        """Add the first `size` bytes of `source`; give their SHA-256.

        Raises
        ------
        StorageError : there are less of them, or a name or size that no tar can have.
        """
        self._write(_header(name, size, mode))
        digest = hashlib.sha256()
        left = size
        while left and (piece := self._read(name, source, min(left, _PIECE))):
            digest.update(piece)
            self._write(piece)
            left -= len(piece)
        if left:
            raise StorageError(f"{name} became shorter while it was copied; run again when nothing writes to it.")
        self._write(bytes(-size % _BLOCK))
        return digest.hexdigest()

    def end(self) -> None:
        """Write what says that there are no more files."""
        self._write(bytes(2 * _BLOCK))

    def _read(self, name: str, source: BinaryIO, size: int) -> bytes:
        with storage_errors(Path(name)):  # an error of reading is not one of the disk that is written to
            return source.read(size)

    def _write(self, content: bytes) -> None:
        self._output.write(content)
        self.unpacked_bytes += len(content)


@contextmanager
def sealed(output: BinaryIO, *, threads: int) -> Iterator[ArchiveWriter]:
    """A writer of a backup; `output` has all of it, with its seal, at the end of the body."""
    digested = _Digested(output)
    with compressed(cast("BinaryIO", digested), "zstd", threads=threads) as stream:
        writer = ArchiveWriter(stream)
        yield writer
        writer.end()
    digested.write(_SEAL.pack(_MARK, _LENGTH, writer.unpacked_bytes, b"")[: -hashlib.sha256().digest_size])
    output.write(digested.digest.digest())


def check_seal(path: Path, progress: Callable[[int], None]) -> int:
    """Read all of a backup and give how many bytes it unpacks to; every byte of it is as it was written.

    Parameters
    ----------
    progress : is told how many more bytes were read.

    Raises
    ------
    BackupError : it is not, or this is no backup.
    InputError : it cannot be read.
    """
    with _reading(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        stream.seek(max(size - _SEAL.size, 0))
        end = stream.read(_SEAL.size)
        if len(end) < _SEAL.size or end[:8] != struct.pack("<II", _MARK, _LENGTH):
            raise BackupError(path, "has no seal at its end: it was cut off, or is no backup of jobgraph")
        *_, unpacked, stated = _SEAL.unpack(end)
        stream.seek(0)
        digest, left = hashlib.sha256(), size - len(stated)
        while left and (piece := stream.read(min(left, _PIECE))):
            digest.update(piece)
            left -= len(piece)
            progress(len(piece))
    if left or digest.digest() != stated:
        raise BackupError(path, "has bytes that are not as they were written")
    return int(unpacked)


def iter_members(path: Path, limit: int) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """The files in a backup with their content, which must be read before the next file is asked for.

    Parameters
    ----------
    limit : how many bytes it may unpack to, as its seal says.

    Raises
    ------
    BackupError : it holds what is no plain file, or unpacks to more.
    """
    with _reading(path) as packed, decompressed(packed, "zstd") as stream:
        unpacked = _Bounded(path, stream, limit)
        while (block := unpacked.read(_BLOCK)) != bytes(_BLOCK):
            member = _member(path, block)
            yield member, unpacked.iter_pieces(member.size)
            unpacked.read(-member.size % _BLOCK)


class _Digested:
    """A stream that hashes what goes through it."""

    def __init__(self, output: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self._output = output

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        return self._output.write(content)

    def flush(self) -> None:
        self._output.flush()


@dataclass
class _Bounded:
    """What is read of a stream, exactly as much as is asked for, and no more than `left` in all."""

    path: Path
    stream: BinaryIO
    left: int

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        self.left -= size
        if self.left < 0:
            raise BackupError(self.path, "unpacks to more than its seal says, as a bomb does")
        content = self.stream.read(size)
        while len(content) < size and (more := self.stream.read(size - len(content))):
            content += more
        if len(content) < size:
            raise BackupError(self.path, "ends within a file")
        return content

    def iter_pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, in pieces."""
        while size:
            piece = self.read(min(size, _PIECE))
            size -= len(piece)
            yield piece


def _header(name: str, size: int, mode: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode & _MODES
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except ValueError as error:
        what = f"its size is above {_MOST_BYTES:,} bytes" if size >= _MOST_BYTES else f"of its name: {error}"
        raise StorageError(f"{name} cannot be in a backup, for {what}; move it out of the home.") from error


def _member(path: Path, block: bytes) -> Member:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeError) as error:
        raise BackupError(path, "holds something that is no file of a tar") from error
    if info.type != tarfile.REGTYPE or info.size < 0:
        raise BackupError(path, f"holds {info.name!r}, which is no plain file")
    _check_name(path, info.name)
    return Member(info.name, info.size, info.mode & _MODES)


def _check_name(path: Path, name: str) -> None:
    """Refuse a name that leads out of the folder that it is unpacked to, or hides there."""
    parts = name.split("/")
    if not all(part and part[0] != "." and part.isprintable() and "\\" not in part for part in parts):
        raise BackupError(path, f"holds a file with the name {name!r}, which leads elsewhere")


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as stream:
            yield stream
    except (ZstdError, EOFError) as error:
        raise BackupError(path, f"cannot be unpacked: {str(error).rstrip('.')}") from error
    except OSError as error:
        if isinstance(error, StorageError) or error.strerror is None or error.filename not in (None, str(path)):
            raise
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
