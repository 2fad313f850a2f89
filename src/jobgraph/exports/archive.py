"""Packages as folders and zip files, written as a whole or not at all: beside their place first, then renamed."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import BinaryIO

from jobgraph.errors import JobgraphError, StorageError, UsageError
from jobgraph.store.durable import exclusive_lock, remove_tree, sync, sync_tree

ZIP_SUFFIX = ".zip"
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip file knows: a package has no clock
_UNIX = 3
_MODE = (stat.S_IFREG | 0o644) << 16


@contextmanager
def package_at(target: Path | BinaryIO) -> Iterator[Path]:
    """A new folder to fill in the body; then it is at `target` as a whole, on the disk, or nothing is.

    Parameters
    ----------
    target : a path that ends in `.zip` for a zip file, another path for a folder, or a stream for a zip file.

    Raises
    ------
    UsageError : there is something at the path already.
    StorageError : it cannot be written, also inside the block.
    """
    if isinstance(target, Path):
        _refuse_existing(target)
        parent, name = target.absolute().parent, target.name
    else:
        parent, name = Path(gettempdir()), "package"
    with target_errors(target if isinstance(target, Path) else parent), _work_folder(parent, name) as work:
        folder = work / "package"
        folder.mkdir()
        yield folder
        if not isinstance(target, Path):
            zipped = _zipped(folder, work)
            with zipped.open("rb") as stream:
                shutil.copyfileobj(stream, target, 1 << 20)
            target.flush()
        elif target.suffix == ZIP_SUFFIX:
            _put(_zipped(folder, work), target)
        else:
            sync_tree(folder)
            _put(folder, target)


@contextmanager
def target_errors(target: Path) -> Iterator[None]:
    """Raise an OSError of the body as a StorageError that says that nothing is at the target."""
    try:
        yield
    except OSError as error:
        if isinstance(error, JobgraphError | BrokenPipeError):
            raise
        reason = error.strerror or str(error).rstrip(".")
        raise StorageError(
            f"{target} cannot be written: {reason}. Nothing was left there; name another place."
        ) from error


def write_zip(folder: Path, output: BinaryIO, *, consume: bool = False) -> None:
    """Write all files in `folder` as a zip file: names in order, nothing of this machine or moment, nothing packed.

    What packing gives depends on the version of the packer, so that two machines would write two files. Data files
    are packed, if asked for, before they come here.

    Parameters
    ----------
    consume : remove each file once it is written, so that no more of the disk is needed than for one of the two.
    """
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MOMENT)
            info.create_system, info.external_attr, info.file_size = _UNIX, _MODE, path.stat().st_size
            with path.open("rb") as source, archive.open(info, "w") as entry:
                shutil.copyfileobj(source, entry, 1 << 20)
            if consume:
                path.unlink()


def _zipped(folder: Path, work: Path) -> Path:
    path = work / "package.zip"
    with path.open("wb") as output:
        write_zip(folder, output, consume=True)
        output.flush()
        os.fsync(output.fileno())
    return path


def _put(made: Path, target: Path) -> None:
    """Give what was made its name, unless something took the name meanwhile."""
    _refuse_existing(target)
    made.rename(target)
    sync(target.absolute().parent)


def _refuse_existing(target: Path) -> None:
    is_empty_folder = target.is_dir() and not target.is_symlink() and target.suffix != ZIP_SUFFIX
    with target_errors(target):
        if (target.exists() or target.is_symlink()) and not (is_empty_folder and not any(target.iterdir())):
            raise UsageError(f"{target} is there already; remove it, or name another place.")


@contextmanager
def _work_folder(parent: Path, name: str) -> Iterator[Path]:
    """A hidden folder that is gone at the end; those of exports that died are removed first."""
    for left in parent.glob(f".{escape(name)}.*.partial"):
        with suppress(JobgraphError), exclusive_lock(left, wait=False):
            remove_tree(left)
    work = Path(mkdtemp(prefix=f".{name}.", suffix=".partial", dir=parent))
    try:
        with exclusive_lock(work, wait=False):
            yield work
    finally:
        remove_tree(work)
