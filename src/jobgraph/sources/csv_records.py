"""The records of a CSV file as they are written: told apart and digested without parsing, and parsed one by one.

Where records stay as they were, whole blocks of them are digested, which takes a fourth of the time. The digest of a
record says whether it ends a block, so equal records make equal blocks, wherever they are.
"""

from __future__ import annotations

import csv
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, islice
from pathlib import Path
from struct import Struct
from typing import BinaryIO, NamedTuple

from jobgraph.sources.csv_text import MAX_ROW_BYTES, UTF8_MARK

DIGEST_BYTES = 16
_BUFFER_BYTES = 1 << 20
_BLOCK = Struct(f"<QQ{DIGEST_BYTES}s")  # how many records a block has, its bytes, and a digest of these
_BLOCK_ROWS = 16  # on average; of longer blocks fewer stay as they were, shorter ones take more time to go through
_CELL = rb'(?:"(?:[^"\0]|"")*+"|[^",\r\n\0]*+)'
# What every reader of CSV takes alike: quotes around whole cells only, and no line end but at the end or in quotes.
_CLEAN = re.compile(rb"%b(?:,%b)*+(?:\r?\n)?" % (_CELL, _CELL))


class Prints(NamedTuple):
    """What a table held: `rows` has the digests of its header and its rows, `blocks` those of blocks of records."""

    rows: bytes = b""
    blocks: bytes = b""


NONE = Prints()  # of a table that was not there


class Run(NamedTuple):
    """Rows that follow each other in the old table, from `first` to `last`, and how many places they moved down."""

    first: int
    last: int
    shift: int


@dataclass(frozen=True)
class Records:
    """The records of a file below its header; they are read again when their cells are asked for.

    `same` has runs of them that were there before, but not all. `numbers` and `offsets` tell of some records, the first
    among them, where they are: their numbers, which begin at 1 and grow, and their places in the file, in bytes.
    """

    path: Path
    width: int
    prints: Prints
    same: list[Run]
    numbers: array[int]
    offsets: array[int]

    def __len__(self) -> int:
        return len(self.prints.rows) // DIGEST_BYTES - 1

    def cells(self, numbers: Iterable[int]) -> Iterator[list[str | None] | None]:
        """The cells of the records with these growing numbers; None for one that two readers could take unlike."""
        at = 0
        with self.path.open("rb") as stream:
            for number in numbers:
                place = bisect_right(self.numbers, number) - 1
                if at < self.numbers[place]:
                    at = self.numbers[place]
                    stream.seek(self.offsets[place])
                for _ in range(at, number):
                    _read_record(stream)
                at = number + 1
                yield self._parsed(_read_record(stream))

    def are_clean(self) -> bool:
        """Whether every record has the same cells for every reader."""
        return all(cells is not None for cells in self.cells(range(1, len(self) + 1)))

    def _parsed(self, record: bytes) -> list[str | None] | None:
        if len(record) > MAX_ROW_BYTES or not _CLEAN.fullmatch(record):
            return None
        try:
            (cells,) = csv.reader([record.decode()], strict=True)
        except (UnicodeDecodeError, csv.Error):  # the latter for a cell that is longer than its limit
            return None
        return [cell or None for cell in cells] if len(cells) == self.width else None


def read_records(path: Path, columns: tuple[str, ...], before: Prints = NONE) -> Records | None:
    """The records of a plain CSV file; None where its lines alone do not tell them.

    That is where a line is blank, where there is one column, or where the header is not clean.

    Parameters
    ----------
    before : the prints of the table in the last build.
    """
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        line = _read_record(stream)
        header = _bare(line).removeprefix(UTF8_MARK)
        if len(columns) < 2 or not _bare(line) or not _CLEAN.fullmatch(header):
            return None
        digest = _digest(header)
        reading = _Reading(stream, before if before.rows.startswith(digest) else NONE)
        reading.take_blocks()
        while reading.read_block():
            reading.take_blocks()
    if reading.has_blank:
        return None
    prints = Prints(b"".join((digest, *reading.rows)), b"".join(reading.blocks))
    return Records(path, len(columns), prints, reading.same, reading.numbers, reading.offsets)


class _Reading:
    """The way through a file below its header, block by block, beside the blocks that were there before."""

    def __init__(self, stream: BinaryIO, before: Prints) -> None:
        self._stream, self._before = stream, before
        self._old = list(_BLOCK.iter_unpack(before.blocks))
        self._ends = list(accumulate((count for count, *_ in self._old), initial=0))
        self._after = {_row(before.rows, end): number for number, end in enumerate(self._ends[1:], 1)}
        self._next = 0  # the old block that is to come
        self.rows: list[bytes] = []
        self.blocks: list[bytes] = []
        self.same: list[Run] = []
        self.numbers, self.offsets = array("Q", [1]), array("Q", [stream.tell()])
        self.has_blank = False

    def take_blocks(self) -> None:
        """Go past the old blocks that are to come, up to one that is not there."""
        first = self._next
        for number in range(first, len(self._old)):
            _, size, digest = self._old[number]
            if blake2b(self._stream.read(size), digest_size=DIGEST_BYTES).digest() != digest:
                self._stream.seek(self.offsets[-1])
                break
            self.offsets.append(self.offsets[-1] + size)
            self._next += 1
        if self._next > first:
            run = Run(self._ends[first] + 1, self._ends[self._next], self.numbers[-1] - self._ends[first] - 1)
            self.same.append(run)
            self.numbers.extend(end + run.shift + 1 for end in self._ends[first + 1 : self._next + 1])
            self.rows.append(self._before.rows[run.first * DIGEST_BYTES : (run.last + 1) * DIGEST_BYTES])
            self.blocks.append(self._before.blocks[first * _BLOCK.size : self._next * _BLOCK.size])

    def read_block(self) -> bool:
        """Read records to the end of a block; False if the file ends before, or a line is blank."""
        records: list[bytes] = []
        for line in self._stream:
            record = line if line.count(b'"') % 2 == 0 else _joined(line, self._stream)
            bare = record.removesuffix(b"\n").removesuffix(b"\r")
            if not bare:
                self.has_blank = True
                return False
            digest = blake2b(bare, digest_size=DIGEST_BYTES).digest()
            self.rows.append(digest)
            records.append(record)
            if not digest[-1] % _BLOCK_ROWS and _is_whole(record):
                block = b"".join(records)
                self.blocks.append(_BLOCK.pack(len(records), len(block), _digest(block)))
                self._note_places(records)
                self._next = max(self._next, self._after.get(digest, 0))
                return True
        self._note_places(records)
        return False

    def _note_places(self, records: list[bytes]) -> None:
        self.numbers.extend(range(self.numbers[-1] + 1, self.numbers[-1] + len(records) + 1))
        self.offsets.extend(islice(accumulate(map(len, records), initial=self.offsets[-1]), 1, None))


def _read_record(stream: BinaryIO) -> bytes:
    """The next record with its line end."""
    line = stream.readline()
    return line if line.count(b'"') % 2 == 0 else _joined(line, stream)


def _joined(line: bytes, stream: BinaryIO) -> bytes:
    """A line that leaves a quote open, and those that follow it up to one that closes it."""
    lines = [line]
    for other in stream:
        lines.append(other)
        if other.count(b'"') % 2:
            break
    return b"".join(lines)


def _row(rows: bytes, number: int) -> bytes:
    return rows[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]


def _is_whole(record: bytes) -> bool:
    """Whether a record ends where it does, whatever follows it."""
    return record.endswith(b"\n") and record.count(b'"') % 2 == 0


def _bare(record: bytes) -> bytes:
    return record.removesuffix(b"\n").removesuffix(b"\r")


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST_BYTES).digest()
