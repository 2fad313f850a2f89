"""A wire to a server that is cut after so many bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PART = 4096


@dataclass
class Wire:
    """Hands on what clients and a server say; from `left` bytes of the clients' on, it is cut `cuts` times."""

    server: tuple[str, int]
    left: int
    cuts: int
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    def run(self) -> None:
        """Until the listening socket is closed."""
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                try:
                    there = socket.create_connection(self.server)
                except OSError:
                    client.close()
                    continue
                for a, b, is_watched in ((client, there, True), (there, client, False)):
                    threading.Thread(target=self._copy, args=(a, b), kwargs={"is_watched": is_watched}).start()

    def _copy(self, origin: socket.socket, target: socket.socket, *, is_watched: bool) -> None:
        with suppress(OSError):
            while part := origin.recv(_PART):
                if is_watched and self._is_cut(len(part)):
                    break
                target.sendall(part)
        for end in (origin, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        target.close()

    def _is_cut(self, size: int) -> bool:
        self.left -= size
        if self.left > 0 or not self.cuts:
            return False
        self.cuts -= 1
        return True


@contextmanager
def wire(address: str, *, left: int, cuts: int) -> Iterator[str]:
    """The address of a server behind a wire."""
    parts = urlsplit(address)
    made = Wire((parts.hostname or "", parts.port or 0), left, cuts)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield parts._replace(netloc=f"127.0.0.1:{made.port}").geturl()
    finally:
        made.listening.shutdown(socket.SHUT_RDWR)
        made.listening.close()
        thread.join()
