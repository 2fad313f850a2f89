"""A SPARQL endpoint of one process that fails when it is told to, and remembers what its readers could have seen."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, QueryResultsFormat, QueryTriples, RdfFormat, Store

_MOVE = re.compile(r"MOVE GRAPH (<[^>]+>) TO GRAPH (<[^>]+>)")
# What happens to a request: "not done" comes before the work, the others after it.
NOT_DONE = ("500", "503", "hang", "cut")
DONE = ("lost", "late", "half", "drip")


@dataclass
class Plan:
    """What goes wrong: `fault` from the request `first` on, once or for ever."""

    fault: str = ""
    first: int = 0
    is_lasting: bool = False

    def at(self, number: int) -> str:
        is_hit = number >= self.first if self.is_lasting else number == self.first
        return self.fault if is_hit else ""


@dataclass
class FakeEndpoint:
    """The endpoint; `target` is the graph whose contents are kept after each request.

    `is_lenient` : to move a graph that is not there empties the target, as Virtuoso does, instead of failing.
    `most_rows` : rows and triples that it answers with, without a word on what is left out; 0 for all.
    `confession` : a header with which it says of a query that it is not answered in full.
    """

    target: NamedNode
    is_lenient: bool = False
    password: str = ""
    leads_to: str = ""
    slow_s: float = 0.0
    retry_after: str = "0"
    most_rows: int = 0
    confession: str = ""
    plan: Plan = field(default_factory=Plan)
    store: Store = field(default_factory=Store)
    requests: list[str] = field(default_factory=list)
    seen: set[frozenset[str]] = field(default_factory=set)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/store"

    def content(self, graph: NamedNode) -> frozenset[str]:
        return frozenset(str(quad.triple) for quad in self.store.quads_for_pattern(None, None, None, graph))

    def begin(self, plan: Plan) -> None:
        """Count the requests from now on, and forget what was seen."""
        self.plan = plan
        self.requests.clear()
        self.seen = {self.content(self.target)}

    def work(self, path: str, fields: dict[str, list[str]], method: str, body: bytes) -> bytes:
        """Do what a request asks for, and remember what a reader of the target would see after it."""
        if path == "/page":
            return b"<!DOCTYPE html>"
        with self.lock:
            if path == "/query":
                return self._answer(fields["query"][0], fields.get("default-graph-uri", []))
            if path == "/update":
                self._update(fields["update"][0])
            else:
                graph = NamedNode(fields["graph"][0])
                if method == "GET":
                    return self._cut(self.store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b"")
                if method == "PUT":
                    self.store.clear_graph(graph)
                self.store.load(body, RdfFormat.TURTLE, to_graph=graph)
            self.seen.add(self.content(self.target))
            return b""

    def _answer(self, query: str, graphs: Sequence[str]) -> bytes:
        default: list[NamedNode | BlankNode | DefaultGraph] = [NamedNode(graph) for graph in graphs]
        if self.most_rows and query.rstrip().endswith("}"):
            query += f" LIMIT {self.most_rows}"
        answer = self.store.query(query, default_graph=default or None)
        if isinstance(answer, QueryTriples):
            return self._cut(answer.serialize(format=RdfFormat.N_TRIPLES) or b"")
        return answer.serialize(format=QueryResultsFormat.JSON) or b""

    def _cut(self, lines: bytes) -> bytes:
        return b"".join(lines.splitlines(keepends=True)[: self.most_rows or None])

    def _update(self, update: str) -> None:
        move = _MOVE.search(update)
        if self.is_lenient and move and not self.store.contains_named_graph(NamedNode(move[1][1:-1])):
            self.store.update(f"DROP SILENT GRAPH {move[2]}")
            return
        self.store.update(update)


@contextmanager
def fake_endpoint(target: NamedNode, **options: Any) -> Iterator[FakeEndpoint]:
    """An endpoint that runs inside the block."""
    endpoint = FakeEndpoint(target, **options)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Bound", (_Handler,), {"endpoint": endpoint}))
    server.daemon_threads = True
    endpoint.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece, which spares 40 ms an answer
    disable_nagle_algorithm = True
    endpoint: FakeEndpoint

    def do_POST(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        endpoint = self.endpoint
        endpoint.requests.append(self.path)
        fault = endpoint.plan.at(len(endpoint.requests))
        length = int(self.headers["Content-Length"] or 0)
        if fault == "cut":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if endpoint.slow_s:
            time.sleep(endpoint.slow_s)
        if endpoint.leads_to:
            self._send(307, b"", {"Location": endpoint.leads_to})
        elif endpoint.password and not self._is_let_in():
            self._send(401, b"", {"WWW-Authenticate": 'Basic realm="all"'})
        elif fault in {"500", "503"}:
            more = {"Retry-After": endpoint.retry_after}
            self._send(int(fault), f"no luck, {self.headers.get('Authorization')} {endpoint.password}".encode(), more)
        elif fault == "hang":
            endpoint.released.wait(60)
            self.close_connection = True
        else:
            self._work(fault, body)

    def _work(self, fault: str, body: bytes) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/nothing":
            self._send(404, b"\x1b[31m there is nothing here.\nAnd more.")
            return
        form = body.decode() if parts.path != "/store" else parts.query
        try:
            answer = self.endpoint.work(parts.path, parse_qs(form), self.command, body)
        except (OSError, RuntimeError, SyntaxError) as error:
            self._send(500, str(error).encode())
            return
        if fault == "late":
            self.endpoint.released.wait(60)
        if fault in {"late", "lost"}:
            self.close_connection = True
        elif fault == "drip":
            self._drip()
        else:
            confession = {self.endpoint.confession: "1"} if self.endpoint.confession and parts.path == "/query" else {}
            self._send(200, answer, confession, missing=7 if fault == "half" else 0)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None, *, missing: int = 0) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(missing)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        while not self.endpoint.released.wait(0.05):
            try:
                self.wfile.write(b"1\r\n \r\n")
                self.wfile.flush()
            except OSError:
                return

    def _is_let_in(self) -> bool:
        expected = base64.b64encode(f"partner:{self.endpoint.password}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"
