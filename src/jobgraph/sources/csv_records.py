"""The records of a CSV file as they are written: told apart and digested without parsing, and parsed one by one."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, islice
from pathlib import Path
from typing import BinaryIO

from jobgraph.sources.csv_text import MAX_ROW_BYTES, UTF8_MARK

DIGEST_BYTES = 16
_CHUNK_BYTES = 1 << 20
_CELL = rb'(?:"(?:[^"\0]|"")*+"|[^",\r\n\0]*+)'
# What every reader of CSV takes alike: quotes around whole cells only, and no line end but at the end or in quotes.
_CLEAN = re.compile(rb"%b(?:,%b)*+(?:\r?\n)?" % (_CELL, _CELL))


@dataclass(frozen=True)
class Records:
    """The records of a file below its header; they are read again when their cells are asked for.

    `digests` has that of the header and then those of the records, `offsets` where each record begins and the end.
    """

    path: Path
    width: int
    digests: bytes
    offsets: array[int]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def cells(self, numbers: Iterable[int]) -> Iterator[list[str | None] | None]:
        """The cells of the records with these numbers, from 1; None for one that two readers could take unlike."""
        with self.path.open("rb") as stream:
            for number in numbers:
                stream.seek(self.offsets[number - 1])
                yield self._parsed(stream.read(self.offsets[number] - self.offsets[number - 1]))

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


def read_records(path: Path, columns: tuple[str, ...]) -> Records | None:
    """The records of a plain CSV file; None where its lines alone do not tell them.

    That is where a line is blank, where there is one column, or where the header is not clean.
    """
    offsets, digests = array("Q", [0]), bytearray()
    with path.open("rb") as stream:
        for records in _iter_chunks(stream):
            bare = [record.removesuffix(b"\r") for record in records]
            if b"" in bare:
                return None
            if not digests:
                bare[0] = bare[0].removeprefix(UTF8_MARK)
                if len(columns) < 2 or not _CLEAN.fullmatch(bare[0]):
                    return None
            digests += b"".join([blake2b(record, digest_size=DIGEST_BYTES).digest() for record in bare])
            offsets.extend(islice(accumulate([len(record) + 1 for record in records], initial=offsets[-1]), 1, None))
    return Records(path, len(columns), bytes(digests), offsets[1:]) if digests else None


def _iter_chunks(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The records in lists, for to take them one by one takes longer than to digest them; none has its last newline."""
    opened: list[bytes] = []
    while chunk := stream.read(_CHUNK_BYTES) + stream.readline():
        lines = chunk.removesuffix(b"\n").split(b"\n")
        if opened or any(line.count(b'"') % 2 for line in lines):
            lines = list(_iter_records(lines, opened))
        yield lines
    if opened:
        yield [b"\n".join(opened)]


def _iter_records(lines: Iterable[bytes], opened: list[bytes]) -> Iterator[bytes]:
    """Lines, put together where a quote is open at the end of one; `opened` has those of a record that goes on."""
    for line in lines:
        is_odd = line.count(b'"') % 2 == 1
        if not (opened or is_odd):
            yield line
        elif opened and is_odd:
            yield b"\n".join((*opened, line))
            opened.clear()
        else:
            opened.append(line)
