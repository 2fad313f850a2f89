"""The files of a package from elsewhere, in a folder or a zip file, read without trust.

Only plain files with plain names count: nothing climbs out, no link leads elsewhere, and nothing unpacks to more than
what a limit allows. What they say is not looked at here.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, cast

from jobgraph.errors import InputError, JobgraphError, PackageError

# Names that every system can have, and that lead nowhere but into the package.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}(/[A-Za-z0-9][A-Za-z0-9._-]{0,200}){0,7}")
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Limits:
    """What a package may take; beyond, it is refused before it is unpacked.

    Parameters
    ----------
    files : the most files.
    total_bytes : the most that all files have, unpacked.
    ratio : how many times as large it may be unpacked; packages of less than `free_bytes` may be more.
    """

    files: int = 10_000
    total_bytes: int = 64 << 30
    ratio: int = 200
    free_bytes: int = 16 << 20

    def check(self, location: Path, *, unpacked: int, packed: int) -> None:
        """Refuse what is too large.

        Raises
        ------
        PackageError : it is.
        """
        if unpacked > self.total_bytes:
            raise PackageError(location, f"unpacks to {unpacked:,} bytes; the most are {self.total_bytes:,}")
        if unpacked > self.free_bytes and unpacked > self.ratio * max(packed, 1):
            raise PackageError(location, f"unpacks to more than {self.ratio} times its size, as a bomb does")


class _Place(Protocol):
    """Where the files of a package are."""

    def open(self, name: str) -> IO[bytes]: ...


class PackageFiles:
    """The files of a package; close it, or use it in a `with` statement.

    Parameters
    ----------
    sizes : the size of each file by its name, unpacked from the zip file.
    held : what is let go of when it is closed.
    """

    def __init__(
        self, location: Path, place: _Place, sizes: Mapping[str, int], limits: Limits, held: ExitStack | None = None
    ) -> None:
        self.location, self.limits = location, limits
        self.sizes = dict(sorted(sizes.items()))
        self._place, self._held = place, held or ExitStack()

    @property
    def names(self) -> list[str]:
        """The names of all files, in alphabetical order."""
        return list(self.sizes)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """One file, to read in the body.

        Raises
        ------
        PackageError : there is none of this name, or what is there cannot be unpacked, also inside the block.
        InputError : it cannot be read.
        """
        if name not in self.sizes:
            raise PackageError(self.location, f"lacks the file {name}")
        with _reading_errors(self.location, name), self._place.open(name) as stream:
            yield stream

    def read(self, name: str, *, limit: int = 64 << 20) -> bytes:
        """All of one file, which may have `limit` bytes.

        Raises
        ------
        PackageError : there is none of this name, it has more, or cannot be unpacked.
        InputError : it cannot be read.
        """
        if self.sizes.get(name, 0) > limit:
            raise PackageError(self.location, f"has {self.sizes[name]:,} bytes in {name}; the most are {limit:,}")
        with self.open(name) as stream:
            return stream.read()

    def close(self) -> None:
        """Let go of the files."""
        self._held.close()

    def __enter__(self) -> PackageFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_package(path: Path, *, limits: Limits | None = None) -> PackageFiles:
    """The files of the package in a folder or a zip file.

    Raises
    ------
    PackageError : it has what no package has: a name that leads elsewhere, a link, too much, or two files of one name.
    InputError : it cannot be read.
    """
    allowed = limits or Limits()
    with _reading_errors(path):
        if path.is_dir():
            sizes = dict(_iter_folder(path))
            _check_count(path, len(sizes), allowed)
            return PackageFiles(path, _Folder(path), sizes, allowed)
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(path))
            sizes = _zip_sizes(path, archive, allowed)
            return PackageFiles(path, _Zip(archive), sizes, allowed, stack.pop_all())


@dataclass(frozen=True)
class _Folder:
    path: Path

    def open(self, name: str) -> IO[bytes]:
        return os.fdopen(os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW), "rb")


@dataclass(frozen=True)
class _Zip:
    archive: zipfile.ZipFile

    def open(self, name: str) -> IO[bytes]:
        return self.archive.open(name)


def _iter_folder(folder: Path) -> Iterator[tuple[str, int]]:
    for parent, folders, files in os.walk(folder, onerror=_raise):
        for name in (*folders, *files):
            path = Path(parent, name)
            status = path.lstat()
            relative = _checked_name(folder, path.relative_to(folder).as_posix())
            if stat.S_ISREG(status.st_mode):
                yield relative, status.st_size
            elif not stat.S_ISDIR(status.st_mode):
                raise PackageError(folder, f"has {relative}, which is no plain file")


def _zip_sizes(path: Path, archive: zipfile.ZipFile, limits: Limits) -> dict[str, int]:
    sizes: dict[str, int] = {}
    entries = archive.infolist()
    _check_count(path, len(entries), limits)
    for entry in entries:
        name = _checked_name(path, entry.orig_filename.removesuffix("/") if entry.is_dir() else entry.orig_filename)
        _check_entry(path, entry)
        if name in sizes:
            raise PackageError(path, f"has two files {name}")
        if not entry.is_dir():
            sizes[name] = entry.file_size
    limits.check(path, unpacked=sum(sizes.values()), packed=path.stat().st_size)
    return sizes


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (entry.is_dir() and entry.file_size):
        raise PackageError(path, f"has {entry.filename}, which is no plain file")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PACKINGS:
        raise PackageError(path, f"has {entry.filename} packed in a way that packages are not")


def _checked_name(location: Path, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PackageError(location, f"has a file with the name {name!r}, which leads elsewhere or is none for a file")
    return name


def _check_count(location: Path, count: int, limits: Limits) -> None:
    if count > limits.files:
        raise PackageError(location, f"has {count:,} files; the most are {limits.files:,}")


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _reading_errors(location: Path, name: str = "") -> Iterator[None]:
    """Raise what reading says about broken archives in the body as a PackageError, and the rest as an InputError."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise PackageError(
            location, f"cannot be unpacked{f', at {name}' if name else ''}: {error}".rstrip(".")
        ) from error
    except OSError as error:
        if isinstance(error, JobgraphError) or error.strerror is None:
            raise
        raise InputError(f"{cast('str', error.filename) or location} cannot be read: {error.strerror}.") from error
