"""The records of a CSV file as they are written: told apart and digested without parsing, and parsed one by one."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from jobgraph.sources.csv_text import MAX_ROW_BYTES, UTF8_MARK

DIGEST_BYTES = 16
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
    offsets, digests, size = array("Q"), bytearray(), 0
    with path.open("rb") as stream:
        for record in _iter_records(stream):
            bare = record.removesuffix(b"\n").removesuffix(b"\r")
            if not bare:
                return None
            if not digests:
                bare = bare.removeprefix(UTF8_MARK)
                if len(columns) < 2 or not _CLEAN.fullmatch(bare):
                    return None
            digests += blake2b(bare, digest_size=DIGEST_BYTES).digest()
            offsets.append(size)
            size += len(record)
    offsets.append(size)
    return Records(path, len(columns), bytes(digests), offsets[1:]) if digests else None


def _iter_records(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines, put together where a quote is open at the end of one."""
    opened: list[bytes] = []
    for line in lines:
        is_odd = b'"' in line and line.count(b'"') % 2 == 1
        if not (opened or is_odd):
            yield line
        elif opened and is_odd:
            yield b"".join((*opened, line))
            opened = []
        else:
            opened.append(line)
    if opened:
        yield b"".join(opened)
