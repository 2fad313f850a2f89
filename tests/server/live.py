"""The real server as a process of its own, and a client that sends whatever bytes a test wants."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.commands import start

from jobgraph.server.access import Role
from jobgraph.server.access.tokens import TokenFile

NORTHWIND, ALPINE = "northwind-bio", "alpine-therapeutics"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
FORM, TURTLE, JSON = "application/x-www-form-urlencoded", "text/turtle", "application/sparql-results+json"


@dataclass(frozen=True)
class Reply:
    """What came back; `is_whole` tells whether the answer ended as it said it would, status 0 that there is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def is_true(self) -> bool:
        """What ASK answers."""
        assert self.status == 200, (self.status, self.text[:300])
        return bool(self.json["boolean"])

    @property
    def rows(self) -> list[dict[str, str]]:
        """What SELECT answers: the values by variable."""
        assert self.status == 200, (self.status, self.text[:300])
        return [{key: term["value"] for key, term in row.items()} for row in self.json["results"]["bindings"]]


@dataclass(frozen=True)
class Client:
    """Asks a server, with a token or none."""

    port: int
    token: str = ""
    timeout_s: float = 60

    def ask(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        version: str = "1.1",
    ) -> Reply:
        """One request on a connection of its own; a header that is given replaces the usual one, '' leaves it out."""
        content = body.encode() if isinstance(body, str) else body
        usual = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"}
        if self.token:
            usual["Authorization"] = f"Bearer {self.token}"
        if content is not None:
            usual["Content-Length"] = str(len(content))
        fields = {key: value for key, value in {**usual, **(headers or {})}.items() if value}
        head = [f"{method} {target} HTTP/{version}", *(f"{key}: {value}" for key, value in fields.items())]
        return self.send("\r\n".join([*head, "", ""]).encode("latin-1") + (content or b""), method=method)

    def send(self, request: bytes, *, method: str = "GET") -> Reply:
        """Any bytes, and the first answer to them."""
        with self.connection() as connection:
            with suppress(ConnectionError):  # it may answer before all is sent
                connection.sendall(request)
            return read_reply(connection, method)

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout_s) as connection:
            yield connection

    def query(
        self,
        text: str,
        *,
        accept: str = JSON,
        headers: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Reply:
        target = f"/sparql?{urlencode({'query': text, **(fields or {})}, quote_via=quote)}"
        return self.ask("GET", target, headers={"Accept": accept, **(headers or {})})

    def post(self, text: str | bytes, *, kind: str = QUERY, fields: str = "", **headers: str) -> Reply:
        return self.ask("POST", f"/sparql?{fields}", headers={"Content-Type": kind, **headers}, body=text)

    def update(self, text: str, *, fields: str = "") -> Reply:
        return self.ask("POST", f"/update?{fields}", headers={"Content-Type": UPDATE}, body=text)

    def graph(self, method: str, iri: str, body: str | bytes | None = None, **headers: str) -> Reply:
        target = f"/graphs?graph={quote(iri, safe='')}"
        return self.ask(method, target, headers={"Content-Type": TURTLE, **headers}, body=body)


@dataclass(frozen=True)
class LiveServer:
    """A server that runs, and who may ask it."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    tokens: Mapping[tuple[str, str], str]

    def client(self, tenant: str = "", role: str = "reader", *, timeout_s: float = 60) -> Client:
        return Client(self.port, self.tokens[tenant, role] if tenant else "", timeout_s)

    def children(self) -> set[int]:
        """The processes that it started, with those that they started."""
        found, new = set[int](), {self.process.pid}
        while new:
            new = {child for parent in new for child in _children(parent)} - found
            found |= new
        return found


def read_reply(connection: socket.socket, method: str = "GET") -> Reply:
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
    except (http.client.HTTPException, OSError):
        return Reply(0, {}, b"", is_whole=False)
    headers = {key.lower(): value for key, value in response.getheaders()}
    try:
        return Reply(response.status, headers, response.read(), is_whole=True)
    except http.client.IncompleteRead as error:
        return Reply(response.status, headers, error.partial, is_whole=False)
    except OSError:
        return Reply(response.status, headers, b"", is_whole=False)
    finally:
        response.close()


@contextmanager
def serving(
    home: Path, log: Path, *options: object, settings: Mapping[str, object] | None = None
) -> Iterator[LiveServer]:
    """A server of all tenants of a home; it is told to end after the block, and must do so."""
    tokens = {
        (tenant, role.value): TokenFile(home).create(tenant, role, lasts=None)
        for tenant in (NORTHWIND, ALPINE)
        for role in Role
        if home.joinpath("tenants", tenant).is_dir()
    }
    port = free_port()
    environment = {f"JOBGRAPH_{name.upper()}": str(value) for name, value in (settings or {}).items()}
    with log.open("wb") as stream:
        process = start(
            "serve", "--home", home, "--port", port, *options, env=environment, stderr=stream, stdout=stream
        )
    server = LiveServer(home, port, process, log, tokens)
    try:
        wait_until(lambda: process.poll() is not None or is_alive(port), "the server starts")
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def is_alive(port: int, *, within_s: float = 5) -> bool:
    try:
        return Client(port, timeout_s=within_s).ask("GET", "/health").status == 200
    except OSError:
        return False


def wait_until(holds: Any, what: str, *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"still waiting until {what}"
        time.sleep(0.02)


def _children(pid: int) -> set[int]:
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):  # each thread has its own
        with suppress(OSError):
            found |= {int(child) for child in path.read_text(encoding="ascii").split()}
    return found
