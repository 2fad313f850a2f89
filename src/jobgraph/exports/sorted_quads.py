"""Quads as lines of N-Quads, sorted by their bytes: what is too much for memory is sorted on disk."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Literal

from pyoxigraph import Quad, RdfFormat, parse, serialize

Kind = Literal["A", "D"]
ADDED: Kind = "A"
DELETED: Kind = "D"
_BATCH = 10_000
_CHUNK_BYTES = 64 << 20  # of lines that are sorted at once; Python needs about twice as much memory for them


def iter_lines(quads: Iterable[Quad]) -> Iterator[bytes]:
    """A line for each quad, with its line end; blank nodes keep their labels."""
    source = iter(quads)
    while batch := list(islice(source, _BATCH)):
        text = serialize(batch, format=RdfFormat.N_QUADS) or b""
        yield from _split(text)


def iter_quads(lines: Iterable[bytes]) -> Iterator[Quad]:
    """The quads of lines."""
    source = iter(lines)
    while batch := b"".join(islice(source, _BATCH)):
        yield from parse(batch, RdfFormat.N_QUADS)


def iter_sorted(
    lines: Iterable[bytes], folder: Path | None = None, *, chunk_bytes: int = _CHUNK_BYTES
) -> Iterator[bytes]:
    """The lines in the order of their bytes, each once; all are read before the first comes.

    Parameters
    ----------
    folder : where files lie that have no name, and end with this; the system's folder for such files if None.
    chunk_bytes : how much is sorted in memory at once.
    """
    with ExitStack() as open_files:
        runs: list[Iterable[bytes]] = []
        chunk: list[bytes] = []
        size = 0
        for line in lines:
            chunk.append(line)
            size += len(line)
            if size >= chunk_bytes:
                runs.append(_spilled(sorted(chunk), open_files, folder))
                chunk, size = [], 0
        last = b""
        for line in heapq.merge(*runs, sorted(chunk)):
            if line != last:
                yield line
            last = line


def iter_differences(old: Iterable[bytes], new: Iterable[bytes]) -> Iterator[tuple[Kind, bytes]]:
    """What makes `new` of `old`, both sorted: each line that only one of them has, in the order of the lines.

    >>> list(iter_differences([b"a", b"b"], [b"b", b"c"]))
    [('D', b'a'), ('A', b'c')]
    """
    left, right = iter(old), iter(new)
    before, after = next(left, None), next(right, None)
    while before is not None and after is not None:
        if before == after:
            before, after = next(left, None), next(right, None)
        elif before < after:
            yield DELETED, before
            before = next(left, None)
        else:
            yield ADDED, after
            after = next(right, None)
    if before is not None:
        yield from ((DELETED, line) for line in chain([before], left))
    if after is not None:
        yield from ((ADDED, line) for line in chain([after], right))


def _split(text: bytes) -> Iterator[bytes]:
    """The lines of a text, which end at a line feed and nowhere else."""
    return (line + b"\n" for line in text.split(b"\n")[:-1])


def _spilled(lines: list[bytes], open_files: ExitStack, folder: Path | None) -> BinaryIO:
    """The lines in a file, to read from its start."""
    run = open_files.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 it is one, of the stack
    run.writelines(lines)
    run.seek(0)
    return run
