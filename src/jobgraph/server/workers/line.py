"""The server's end of the line to a worker: frames as they come, held back where nobody reads them."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import cast

from jobgraph.server.workers.jobs import HEAD

_MOST_HELD = 1 << 20  # bytes of frames that wait to be read, until the worker must wait


class LineLostError(Exception):
    """The other end is gone."""


class Line(asyncio.Protocol):
    """A connection on which frames go both ways."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._begun = bytearray()  # a frame of which the rest is still to come
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._held = 0
        self._is_held_back = self._is_lost = False
        self._reader: asyncio.Future[None] | None = None

    @classmethod
    async def over(cls, connection: socket.socket) -> Line:
        """The line over a connected socket."""
        _, line = await asyncio.get_running_loop().create_connection(cls, sock=connection)
        return line

    @property
    def is_lost(self) -> bool:
        """Whether the other end is gone."""
        return self._is_lost

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        self._transport.write(frame)

    async def receive(self) -> tuple[bytes, bytes]:
        """The kind and the content of the next frame.

        Raises
        ------
        LineLostError : the other end is gone.
        """
        while (frame := self.pop()) is None:
            if self._is_lost:
                raise LineLostError
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return frame

    def pop(self) -> tuple[bytes, bytes] | None:
        """The kind and the content of the next frame; None where it has yet to come."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        self._held -= len(frame[1])
        if self._is_held_back and self._held < _MOST_HELD // 2:
            self._is_held_back = False
            self._transport.resume_reading()
        return frame

    def close(self) -> None:
        """End it at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came, which may be a part of a frame or several."""
        self._begun += data
        at, end = 0, len(self._begun)
        while end - at >= HEAD.size:
            kind, length = HEAD.unpack_from(self._begun, at)
            if end - at < HEAD.size + length:
                break
            self._frames.append((kind, bytes(self._begun[at + HEAD.size : at + HEAD.size + length])))
            self._held += length
            at += HEAD.size + length
        del self._begun[:at]
        if self._held > _MOST_HELD and not self._is_held_back:
            self._is_held_back = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """There is no more to come."""
        self._is_lost = True
        self._wake()

    def _wake(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)
