"""Expanded JSON-LD as a stream: pyoxigraph's own, with classes under `@type` and each thing on a line of its own.

Only the text is changed, a piece at a time, which takes half the time of making it of terms. What is looked for has a
quotation mark and goes on after it. No IRI has one; a text has one behind a backslash or at its end, where `}` comes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from jobgraph.vocabulary import RDF

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_NEXT, _NEXT_LINE = b']},{"@id":', b']},\n{"@id":'  # a thing after another
_TYPE = f'"{RDF}type":[{{"@id":'.encode()
_AND, _END = b'},{"@id":', b"}]"  # of values
_PIECE_BYTES = 1 << 16  # more would leave the processor's cache: four times as many take a seventh longer


def write_expanded(
    statements: Iterable[Quad] | Iterable[Triple], output: BinaryIO, *, piece_bytes: int = _PIECE_BYTES
) -> None:
    """Write quads or triples, grouped by graph, subject and property, as one document; nothing is lost.

    Where the values of a property are not together, the thing comes several times.

    Parameters
    ----------
    piece_bytes : how much of the text is in memory, or twice what is said of the largest thing.
    """
    pieces = _Pieces(output, piece_bytes)
    serialize(statements, pieces, RdfFormat.JSON_LD)
    output.write(_lines(pieces.getvalue()) + b"\n")


class _Pieces(io.BytesIO):
    """Passes on what is written to it, whole things at a time; the last is kept."""

    def __init__(self, output: BinaryIO, piece_bytes: int) -> None:
        super().__init__()
        self._output, self._piece_bytes = output, piece_bytes
        self._most = piece_bytes

    def write(self, data: Buffer, /) -> int:
        """Take some bytes."""
        size = super().write(data)
        if self.tell() >= self._most:
            self._pass_on(self.getvalue())
        return size

    def _pass_on(self, text: bytes) -> None:
        end = text.rfind(_NEXT)
        if end >= 0:
            start = end + _NEXT.index(b"{")
            self._output.write(_lines(text[:start]))
            self.seek(0)
            self.truncate()
            super().write(b"\n" + text[start:])
        self._most = max(self._piece_bytes, 2 * self.tell())  # a thing may be longer than a piece


def _lines(text: bytes) -> bytes:
    """Whole things, each on a line; classes of which one is a text stay as they are."""
    first, *others = text.split(_TYPE)
    parts = [first]
    for other in others:
        values, _, rest = other.partition(_END)
        classes = values.replace(_AND, b",")
        parts += (_TYPE, other) if b"{" in classes else (b'"@type":[', classes, b"]", rest)
    return _NEXT_LINE.join(b"".join(parts).split(_NEXT))  # replace() would search twice
