"""A patch applied to a data set: the one that it was made for, and no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from jobgraph.errors import InputError, RefusedError
from jobgraph.exports.patches import Change, Patch
from jobgraph.exports.sorted_data import SortedQuads
from jobgraph.exports.sorted_quads import ADDED, Kind, iter_lines, iter_sorted

_MARKS: dict[bytes, Kind] = {b"\tA\n": "A", b"\tD\n": "D"}  # at the end of a line, which has no tab of its own
_MARK_LENGTH = 3


def apply_to_quads(base: SortedQuads, patch: Patch, path: Path) -> SortedQuads:
    """The data set that a patch makes of `base`, in a new file, which is there only when it is the right one.

    Raises
    ------
    RefusedError : the patch was made for another data set, which shows before its changes are read.
    InputError : it is no whole patch, or does not do what its header says.
    """
    check_base(base.sha256, patch)
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        result = SortedQuads.write_lines(_merged(base.lines(), _sorted_changes(patch.changes, path.parent)), path)
        if result.sha256 != patch.header.id:
            raise InputError(
                f"The patch leads to a data set with the hash {result.sha256}, and says {patch.header.id}; "
                "ask for it again."
            )
        undo.pop_all()
    return result


def check_base(sha256: str, patch: Patch) -> None:
    """Refuse a patch for another data set.

    Raises
    ------
    RefusedError : the data set has another hash than the one that the patch starts from.
    """
    if sha256 != patch.header.previous:
        raise RefusedError(
            f"The patch is for the data set {patch.header.previous}, and this one is {sha256}; "
            "apply the patches between them first, or ask for the full package."
        )


def _sorted_changes(changes: Iterable[Change], folder: Path) -> Iterator[tuple[bytes, Kind]]:
    """The changes in the order of their lines; however a patch is ordered, it says of a statement one thing.

    Raises
    ------
    InputError : it adds and deletes one statement.
    """
    marked = (
        line[:-1] + (b"\tA\n" if kind == ADDED else b"\tD\n")
        for kind, quads in groupby(changes, key=lambda change: change.kind)
        for line in iter_lines(change.quad for change in quads)
    )
    last = b""
    for text in iter_sorted(marked, folder):
        line, kind = text[:-_MARK_LENGTH] + b"\n", _MARKS[text[-_MARK_LENGTH:]]
        if line == last:
            raise _does_not_fit("adds and deletes", line)
        last = line
        yield line, kind


def _merged(base: Iterator[bytes], changes: Iterator[tuple[bytes, Kind]]) -> Iterator[bytes]:
    """The lines of a data set after changes, sorted as both are.

    Raises
    ------
    InputError : what is deleted is not there, or what is added is.
    """
    line = next(base, None)
    for changed, kind in changes:
        while line is not None and line < changed:
            yield line
            line = next(base, None)
        if (line == changed) == (kind == ADDED):
            raise _does_not_fit(
                "adds what is there already," if kind == ADDED else "deletes what is not there,", changed
            )
        if kind == ADDED:
            yield changed
        else:
            line = next(base, None)
    if line is not None:
        yield line
        yield from base


def _does_not_fit(what: str, line: bytes) -> InputError:
    return InputError(f"The patch {what} {line[:200].decode('utf-8', 'replace').strip()} Ask for it again.")
