"""The bytes of an answer on their way to the server: in frames, counted, and cut where there are too many."""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

from jobgraph.server.workers.jobs import DATA, END, FRAME_BYTES, HEADER, AnswerError, encode_header, frame

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

# What each row adds to an answer of a type and no text inside it can hold. Rows of JSON without any value are not
# counted; the bytes are.
_ROW_MARKS = {
    "application/sparql-results+json": b'},{"',
    "application/sparql-results+xml": b"<result>",
    "text/csv": b"\n",
    "text/tab-separated-values": b"\n",
}


class FrameWriter(io.RawIOBase):
    """Sends what is written to it as frames, a `Header` before the first; too much of it is an `AnswerError`.

    As long as nothing was sent, a failure leaves the answer an error and not a broken stream.
    """

    def __init__(self, connection: socket.socket, media_type: str, *, max_rows: int = 0, max_bytes: int = 0) -> None:
        super().__init__()
        self._connection, self._media_type = connection, media_type
        self.link = ""  # of the header; counts until the first frame is sent
        self._max_rows, self._max_bytes = max_rows, max_bytes
        self._mark = _ROW_MARKS.get(media_type, b"")
        self._rows, self._bytes = 0, 0
        self._tail = b""
        self._buffer = bytearray()
        self._is_begun = False

    def write(self, data: Buffer) -> int:
        """Take some bytes; they go out in frames of one size."""
        before = len(self._buffer)
        self._buffer += data
        added = len(self._buffer) - before
        if len(self._buffer) >= FRAME_BYTES:
            self._send()
        return added

    def finish(self) -> None:
        """Send what is left, and that it is the end; a small answer goes out at once."""
        self._send(frame(END))

    def _send(self, after: bytes = b"") -> None:
        content = bytes(self._buffer)
        self._buffer.clear()
        self._count(content)
        before = b"" if self._is_begun else frame(HEADER, encode_header(self._media_type, self.link))
        self._is_begun = True
        self._connection.sendall(b"".join((before, frame(DATA, content) if content else b"", after)))

    def _count(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._max_bytes and self._bytes > self._max_bytes:
            raise AnswerError("too-large", f"The answer has more than {self._max_bytes:,} bytes; ask for less.")
        if self._max_rows and self._mark:
            joined = self._tail + data
            self._rows += joined.count(self._mark)
            self._tail = joined[len(joined) - len(self._mark) + 1 :] if len(self._mark) > 1 else b""
            if self._rows > self._max_rows + 1:  # one for a header line
                raise AnswerError("too-large", f"The answer has more than {self._max_rows:,} rows; ask for less.")
