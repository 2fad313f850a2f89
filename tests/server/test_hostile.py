"""Requests of attackers: each is refused or harmless; the other tenant, the server and the world stay as they were."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from tests.server.attacks import GROUPS, MARKER, SECRET, Arena, Do
from tests.server.conftest import CopyHome
from tests.server.live import ALPINE, NORTHWIND, TURTLE, Client, LiveServer, read_reply, serving

ATTACKS = [
    pytest.param(*attack, id=f"{group}-{name}") for group, attacks in GROUPS.items() for name, attack in attacks.items()
]


@pytest.fixture(scope="module")
def attacked(copy_home: CopyHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of its own: attackers leave names of the other tenant in graphs of theirs."""
    with serving(copy_home(), tmp_path_factory.mktemp("log") / "attacked.log") as server:
        yield server


@pytest.fixture(scope="module")
def arena(attacked: LiveServer) -> Iterator[Arena]:
    calls: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_HEAD = do_GET  # noqa: N815 the names are those of http.server

    with ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        arena = Arena(attacked, f"http://127.0.0.1:{server.server_address[1]}/", calls)
        before = graphs(arena.writer)
        reply = arena.victim.update(f"INSERT DATA {{ GRAPH <{SECRET}> {{ <urn:plan> <urn:says> '{MARKER}' }} }}")
        assert reply.status == 200, reply.text
        yield arena
        for graph in graphs(arena.writer) - before:
            arena.writer.graph("DELETE", graph)
        arena.victim.graph("DELETE", SECRET)
        server.shutdown()


def graphs(client: Client) -> set[str]:
    return {row["g"] for row in client.query("SELECT DISTINCT ?g { GRAPH ?g { } }").rows}


@pytest.mark.parametrize(("status", "attack"), ATTACKS)
def test_attack_is_refused_or_harmless(arena: Arena, status: int, attack: Do) -> None:
    before = arena.state()
    reply = attack(arena)
    assert reply.status == status, reply.text[:500]
    assert MARKER.encode() not in reply.body
    assert "set-cookie" not in reply.headers
    assert arena.state() == before
    assert arena.calls == []
    assert_healthy(arena)


def assert_healthy(arena: Arena) -> None:
    begin = time.monotonic()
    assert Client(arena.live.port).ask("GET", "/health").status == 200
    assert time.monotonic() - begin < 1
    assert arena.reader.query("ASK {}").is_true


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 120


def test_nothing_of_the_other_tenant_was_copied(arena: Arena) -> None:
    found = f"ASK {{ GRAPH ?g {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{MARKER[:8]}' )) }} }}"
    assert [client.query(found).is_true for client in (arena.victim, arena.reader)] == [True, False]


SECRET_ROWS = f"SELECT ?o {{ GRAPH <{SECRET}> {{ <urn:plan> <urn:says> ?o }} }}"


def test_answer_that_is_kept_stays_with_its_tenant(arena: Arena) -> None:
    first, again = arena.victim.query(SECRET_ROWS), arena.victim.query(SECRET_ROWS)
    assert MARKER in first.text
    assert first.body == again.body
    assert MARKER not in arena.reader.query(SECRET_ROWS).text
    assert "Authorization" in first.headers["vary"]
    assert "private" in first.headers["cache-control"]


@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
def test_tag_of_the_other_tenant_says_nothing(arena: Arena, header: str) -> None:
    tag = arena.victim.query(SECRET_ROWS).headers["etag"]
    reply = arena.reader.query(SECRET_ROWS, headers={header: tag})
    assert (reply.status, reply.headers["etag"] != tag, MARKER in reply.text) == (200, True, False)


def test_any_tag_finds_no_graph(arena: Arena) -> None:
    statuses = [
        arena.reader.graph("GET", graph, **{"If-None-Match": "*"}).status for graph in ("urn:none", f"{SECRET}/plans")
    ]
    assert statuses == [404, 404]


SAME = {
    "graph": lambda slug: f"/graphs?graph=https%3A%2F%2Fexample.org%2F{slug}%2Fasserted",
    "folder": lambda slug: f"/tenants/{slug}",
    "thing": lambda slug: f"/data/{slug}/job/1",
    "page": lambda slug: f"/page/{slug}/job/1",
    "generation": lambda slug: f"/generations/{slug}",
}


@pytest.mark.parametrize("what", SAME)
@pytest.mark.parametrize("has_token", [True, False], ids=["reader", "nobody"])
def test_other_tenant_is_answered_like_one_that_is_not(arena: Arena, what: str, *, has_token: bool) -> None:
    unknown = ALPINE[::-1]
    client = arena.reader if has_token else Client(arena.live.port)
    there, nowhere = (client.ask("GET", SAME[what](slug)) for slug in (ALPINE, unknown))
    assert there.status in {401, 404}
    assert (there.status, there.text.replace(ALPINE, unknown)) == (nowhere.status, nowhere.text)
    kept = ("content-type", "content-length", "cache-control", "vary", "www-authenticate")
    assert [there.headers.get(name) for name in kept] == [nowhere.headers.get(name) for name in kept]


def test_other_tenant_takes_as_long_as_one_that_is_not(arena: Arena) -> None:
    spent: dict[str, list[float]] = {ALPINE: [], ALPINE[::-1]: []}
    for _ in range(30):
        for slug, times in spent.items():
            begin = time.perf_counter()
            arena.reader.ask("GET", SAME["graph"](slug))
            times.append(time.perf_counter() - begin)
    there, nowhere = (statistics.median(times) for times in spent.values())
    assert 1 / 3 < there / nowhere < 3


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda _: "jg_0000000000_" + "a" * 43, id="unknown"),
        pytest.param(lambda good: good[:-1] + ("a" if good[-1] != "a" else "b"), id="almost"),
        pytest.param(lambda _: "nonsense", id="malformed"),
    ],
)
def test_bad_tokens_are_answered_alike(arena: Arena, token: object) -> None:
    assert callable(token)
    replies = [Client(arena.live.port, given).ask("GET", "/sparql") for given in (token(arena.victim.token), "x")]
    assert (replies[0].status, replies[0].body) == (401, replies[1].body)


def test_requests_in_a_row_are_answered_in_order(live: LiveServer) -> None:
    client = live.client(NORTHWIND)
    texts = ("SELECT (1 AS ?x) {}", "SELECT (2 AS ?x) {}", "SELECT (3 AS ?x) {}")
    head = f"POST /sparql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {client.token}\r\nAccept: text/csv\r\n"
    row = "".join(
        f"{head}Content-Type: application/sparql-query\r\nContent-Length: {len(text)}\r\n\r\n{text}" for text in texts
    )
    with client.connection() as connection:
        connection.sendall(row.encode())
        stream = connection.makefile("rb")
        bodies = [_next(stream) for _ in texts]
    assert bodies == [b"x\r\n1\r\n", b"x\r\n2\r\n", b"x\r\n3\r\n"]


def _next(stream: object) -> bytes:
    assert hasattr(stream, "readline")
    length = 0
    while (line := stream.readline().strip().lower()) != b"":
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return bytes(stream.read(length))  # type: ignore[attr-defined]


def test_hidden_request_is_not_answered(live: LiveServer) -> None:
    """What follows a request with two lengths must not be taken for another."""
    client = live.client(NORTHWIND, "writer")
    hidden = f"PUT /graphs?graph=urn:smuggled HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {client.token}\r\n"
    body = f"{hidden}Content-Type: {TURTLE}\r\nContent-Length: 0\r\n\r\n"
    request = (
        "POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
        f"Content-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{body}"
    )
    with client.connection() as connection:
        connection.sendall(request.encode())
        reply = read_reply(connection)
        assert (reply.status, connection.recv(1)) == (400, b"")
    assert client.graph("HEAD", "urn:smuggled").status == 404
