"""A proxy that takes the start of each path away, as the proxies before servers do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OF_CONNECTION = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@contextmanager
def stripping_proxy(port: int, prefix: str, upstream: int) -> Iterator[list[str]]:
    """Passes what is asked below `prefix` on to the server behind; gives the paths that are asked outside of it."""
    outside: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                outside.append(self.path)
                self.send_error(404)
                return
            length = int(self.headers.get("content-length") or 0)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_CONNECTION}
            with closing(http.client.HTTPConnection("127.0.0.1", upstream, timeout=60)) as connection:
                connection.request(self.command, self.path.removeprefix(prefix), self.rfile.read(length), headers)
                self._pass_on(connection.getresponse())

        def do_POST(self) -> None:
            self.do_GET()

        def _pass_on(self, reply: http.client.HTTPResponse) -> None:
            body = reply.read()
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in _OF_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            # A browser that goes to the next page cuts off what it still asked for.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
