"""HTTP/1.1 with bounds that the parser does not have: on the head of a request, on slow clients, on connections.

A client has some seconds for a head of at most 32 kB and 100 fields, and as many for a body, beside one for each 5 kB.
One that reads nothing of its answer for as long is cut off. Where there are too many connections, the one that has
waited longest without a request goes.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import struct
from functools import cache
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from jobgraph.server.problems import ProblemError

LINGER_S = 5.0
MAX_TARGET, MAX_HEAD, MAX_FIELDS = 60_000, 32_000, 100
MIN_RATE = 5_000  # bytes of a body a second, on average
_MAX_CONNECTIONS = 4_000
_NO_LINGERING = struct.pack("ii", 1, 0)
_OTHER_FILES = 300  # handles that are for something else than connections


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        seconds: float = 15.0,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None  # of what is being read
        self._writing: asyncio.TimerHandle | None = None
        self._since = self.loop.time()  # the head or the body is read
        self._size = 0  # bytes of it
        self._head = 0  # bytes of the fields of a head
        self._is_head = True
        self._is_begun = False  # a message that is not over
        self._unread = 0  # bytes that the client had not taken when that was looked at
        self._refusal: ProblemError | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Wait for a head; where there are too many connections, one that waits, too, makes room."""
        if len(self.connections) >= most_connections():
            waiting = [other for other in self.connections if isinstance(other, BoundedProtocol) and other.is_waiting]
            if not waiting:
                transport.abort()
            else:
                min(waiting, key=lambda other: other._since).cut_off()
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._stop()
        if self._writing:
            self._writing.cancel()
        super().connection_lost(exc)

    @property
    def is_waiting(self) -> bool:
        """Whether no request is being answered."""
        return bool(getattr(self.cycle, "response_complete", True))  # there is no cycle before the first

    def cut_off(self) -> None:
        """End the connection at once; what was sent and not read is lost, or else the system would keep it."""
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head without an end does not grow without end."""
        self._size += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_head and self._size > MAX_HEAD + MAX_TARGET:
            self._refuse(_head_too_large())
        elif self._timer is None and self.is_waiting and not self._is_begun:
            self._wait()  # for what came is no request yet, such as empty lines

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0
        self._is_begun = self._is_head = True
        self._wait()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET:
            self._raise(ProblemError(414, f"The address has more than {MAX_TARGET:,} bytes; send the query with POST."))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head; what follows a body is passed over, so that it cannot pass for one."""
        if not self._is_head:
            return
        super().on_header(name, value)
        self._head += len(name) + len(value)
        if len(self.headers) > MAX_FIELDS or self._head > MAX_HEAD:
            self._raise(_head_too_large())

    def on_headers_complete(self) -> None:
        """The head is over, and the body begins."""
        self._is_head = False
        hosts, version = sum(name == b"host" for name, _ in self.headers), self.parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            self._raise(ProblemError(400, f"HTTP/{version} is not understood; use HTTP/1.1."))
        if hosts > 1 or (hosts == 0 and version == "1.1"):
            self._raise(ProblemError(400, "A request names one host; send one Host header."))
        super().on_headers_complete()
        self._wait()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._stop()
        self._is_begun, self._is_head, self._size = False, True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The request is answered; what is left of its body is read for a moment, so that the answer arrives."""
        super().on_response_complete()
        if self._is_begun and self.is_waiting:
            self._stop()
            self._timer = self.loop.call_later(LINGER_S, self.transport.close)
        self._watch()

    def pause_writing(self) -> None:
        """The client is slower than the answer."""
        super().pause_writing()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with the bytes that came."""
        self._refuse(self._refusal or ProblemError(400, f"This is no HTTP that is understood here: {msg}"))

    def _raise(self, problem: ProblemError) -> None:
        """Stop the parser, which makes of any error one of its own."""
        self._refusal = problem
        raise problem

    def _refuse(self, problem: ProblemError) -> None:
        """Answer in the place of the application, unless it has begun to, and end the connection."""
        self._stop()
        if not self.is_waiting:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.cut_off()
                return
        body = problem.body()
        fields = {**problem.headers, "content-length": str(len(body)), "connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.transport.write(STATUS_LINE[problem.status] + head.encode("latin-1") + b"\r\n" + body)
        self.transport.close()

    def _wait(self) -> None:
        """Begin to wait for a head or a body."""
        self._stop()
        self._since, self._size = self.loop.time(), 0
        self._timer = self.loop.call_later(self._seconds, self._look)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Whether the client is too slow; not where we do not read ourselves."""
        allowed = self._seconds + (0 if self._is_head else self._size / MIN_RATE)
        left = self._since + allowed - self.loop.time()
        if self.flow.read_paused or left > 0:
            self._timer = self.loop.call_later(max(left, 1), self._look)
        elif self._is_begun:
            self._refuse(ProblemError(408, "The request did not arrive in time; send it again, and faster."))
        else:
            self.transport.close()

    def _watch(self) -> None:
        """Begin to look whether the client reads its answer."""
        if not self._writing and (size := self.transport.get_write_buffer_size()):
            self._unread = size
            self._writing = self.loop.call_later(self._seconds, self._look_again)

    def _look_again(self) -> None:
        self._writing = None
        if self.transport.get_write_buffer_size() >= self._unread:
            self.cut_off()
        else:
            self._watch()


@cache
def most_connections() -> int:
    """How many connections there may be: as many as the system lets a process have files, less some."""
    return max(1, min(_MAX_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES))


def _head_too_large() -> ProblemError:
    return ProblemError(431, f"The head of the request has more than {MAX_HEAD:,} bytes or {MAX_FIELDS} fields.")
