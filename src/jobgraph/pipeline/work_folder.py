"""The folder that a build works in, inside the one for its results, so that these can be moved and not copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from jobgraph.errors import StorageError, UsageError
from jobgraph.store.durable import exclusive_lock, remove_tree, storage_errors

_START, _END = ".work.", ".partial"


@contextmanager
def work_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent`, which is made, that is gone after the block; what dead builds left goes first.

    Raises
    ------
    UsageError : `parent` is a file.
    StorageError : `parent` cannot be made or written.
    """
    with ExitStack() as stack:
        with storage_errors(parent):
            _make(parent)
            with exclusive_lock(parent, wait=True):
                for left in parent.glob(f"{_START}*{_END}"):
                    _remove_unused(left)
                work = Path(mkdtemp(prefix=_START, suffix=_END, dir=parent))
                stack.callback(remove_tree, work)
                stack.enter_context(exclusive_lock(work, wait=False))
        yield work


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{folder} is a file, or in one; name a folder.") from None


def _remove_unused(folder: Path) -> None:
    """Remove a work folder that no living build holds."""
    try:
        with exclusive_lock(folder, wait=False):
            remove_tree(folder)
    except StorageError:
        return
