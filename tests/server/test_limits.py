"""What one may have at most: time, memory, rows, bytes, turns, requests; and nothing is left of what was taken away."""

from __future__ import annotations

import os
import re
import select
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from tests.server.conftest import CopyHome
from tests.server.live import ALPINE, NORTHWIND, TURTLE, Client, LiveServer, Reply, read_reply, serving, wait_until

CROSSED = " ".join(f"VALUES ?x{n} {{ {'1 ' * 200} }}" for n in range(8))  # takes for ever, and little memory
FOR_EVER = f"SELECT (COUNT(*) AS ?n) {{ {CROSSED} }}"
ALL = "SELECT * { ?s ?p ?o }"
Settings = Mapping[str, object]


@pytest.fixture(scope="module")
def home(copy_home: CopyHome) -> Path:
    return copy_home()


@pytest.fixture(scope="module")
def tight(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with little of everything."""
    settings = {
        "query_seconds": 2,
        "memory_mb": 400,
        "workers": 2,
        "waiting": 3,
        "answer_rows": 3_000,
        "answer_mb": 1,
        "request_mb": 1,
        "client_seconds": 1,
        "cache_mb": 1,
    }
    with serving(home, tmp_path_factory.mktemp("log") / "tight.log", settings=settings) as server:
        yield server


def timed(client: Client, text: str, **fields: str) -> tuple[float, Reply]:
    begin = time.monotonic()
    reply = client.query(text, fields=fields)
    return time.monotonic() - begin, reply


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        pytest.param({}, 2, id="of_the_server"),
        pytest.param({"timeout": "0.5"}, 0.5, id="lowered"),
        pytest.param({"timeout": "600"}, 2, id="not_raised"),
    ],
)
def test_query_that_takes_too_long_ends(tight: LiveServer, fields: dict[str, str], seconds: float) -> None:
    spent, reply = timed(tight.client(NORTHWIND), FOR_EVER, **fields)
    assert (reply.status, f"{seconds:g} seconds" in reply.text) == (504, True)
    assert seconds <= spent < seconds + 2


def test_update_that_takes_too_long_changes_nothing(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND, "writer")
    before = client.query("ASK {}").headers["etag"]
    text = f"INSERT {{ GRAPH <urn:x> {{ ?s0 <urn:p> ?x7 }} }} WHERE {{ {CROSSED} BIND(?x0 AS ?s0) }}"
    assert client.update(text, fields="timeout=1").status == 504
    assert client.query("ASK {}").headers["etag"] == before
    assert client.update("INSERT DATA { GRAPH <urn:after> { <urn:a> <urn:b> 1 } }").status == 200


def test_query_that_takes_too_much_memory_ends(tight: LiveServer) -> None:
    doubled = " ".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(40))
    reply = tight.client(NORTHWIND).query(f"SELECT (STRLEN(?a40) AS ?n) {{ BIND('aaaaaaaa' AS ?a0) {doubled} }}")
    assert (reply.status, "memory" in reply.text) == (422, True)
    assert tight.client(NORTHWIND).query("ASK {}").is_true


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv"])
def test_answer_with_too_many_rows_never_looks_whole(tight: LiveServer, accept: str) -> None:
    reply = tight.client(NORTHWIND).query(ALL, accept=accept)
    assert (reply.status, reply.is_whole) in {(200, False), (413, True)}
    assert tight.client(NORTHWIND).query(f"{ALL} LIMIT 2000", accept=accept).is_whole


def test_answer_that_had_begun_is_broken_off(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path / "rows.log", settings={"answer_rows": 6_000}) as server:
        client = server.client(NORTHWIND)
        reply = client.query(ALL)
        assert (reply.status, reply.is_whole, len(reply.body) > 100_000) == (200, False, True)
        assert "content-length" not in reply.headers
        assert client.query("ASK {}").is_true
        log = server.log.read_text()
    assert "Traceback" not in log
    assert all(line.startswith("{") for line in log.splitlines()[1:])


def test_answer_with_too_many_bytes_never_looks_whole(tight: LiveServer) -> None:
    text = "SELECT ?s ?long { ?s ?p ?o BIND('" + "x" * 2_000 + "' AS ?long) } LIMIT 2000"
    reply = tight.client(NORTHWIND).query(text)
    assert (reply.status, reply.is_whole) in {(200, False), (413, True)}


def test_turns_run_out(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND)
    with ThreadPoolExecutor(9) as threads:
        replies = list(threads.map(lambda n: client.query(f"{FOR_EVER} # {n}"), range(9)))
    assert sum("wait already" in reply.text for reply in replies) == 4
    assert {reply.status for reply in replies} == {503, 504}
    assert {reply.headers["retry-after"] for reply in replies if reply.status == 503} == {"1"}


def test_others_are_answered_while_one_burns(tight: LiveServer) -> None:
    burning, other, nobody = tight.client(NORTHWIND), tight.client(ALPINE), tight.client()
    spent: list[float] = []
    with ThreadPoolExecutor(5) as threads:
        burned = [threads.submit(burning.query, f"{FOR_EVER} # {n}") for n in range(5)]
        while not all(each.done() for each in burned):
            seconds, reply = timed(other, f"ASK {{ ?s ?p {len(spent)} }}")
            assert reply.status == 200
            assert nobody.ask("GET", "/health").status == 200
            spent.append(seconds)
    assert {each.result().status for each in burned} == {503, 504}  # who waits has waited too long
    assert len(spent) > 10
    assert max(spent[3:]) < 1.5


def test_nothing_is_left_of_what_was_killed(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: client.query(f"{FOR_EVER} # {n}", fields={"timeout": "0.3"}), range(8)))
    wait_until(lambda: not burning(tight), "no process burns")
    assert client.query("ASK {}").is_true
    wait_until(lambda: len(zombies(tight)) <= 1, "the dead are buried")


def burning(server: LiveServer) -> list[int]:
    """Processes that run, two looks in a row."""
    before = {pid: _ticks(pid) for pid in server.children()}
    time.sleep(0.3)
    return [pid for pid, ticks in before.items() if _ticks(pid) - ticks > 2]


def zombies(server: LiveServer) -> list[int]:
    return [pid for pid in server.children() if _stat(pid)[0] == "Z"]


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if len(fields) > 12 else 0


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return [""]


def test_client_that_goes_away_takes_its_query_along(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND)
    with client.connection() as connection:
        request = f"GET /sparql?query={FOR_EVER.replace(' ', '%20')} HTTP/1.1\r\nHost: a\r\n"
        connection.sendall(f"{request}Authorization: Bearer {client.token}\r\n\r\n".encode())
        wait_until(lambda: burning(tight), "it burns")
    wait_until(lambda: not burning(tight), "it burns no more", seconds=1.9)


def test_handles_do_not_grow(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND)

    def ask(n: int) -> None:
        client.query(f"SELECT * {{ ?s ?p ?o }} LIMIT {n % 7}")
        client.query("ASK {")
        client.ask("GET", "/nothing")
        client.send(b"nonsense\r\n\r\n")

    ask(0)
    before = handles(tight)
    for n in range(50):
        ask(n)
    wait_until(lambda: handles(tight) <= before + 3, "its handles are closed", seconds=10)


def handles(server: LiveServer) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))  # noqa: PTH208 names are all that is asked for


def test_requests_run_out(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path / "rate.log", settings={"requests_per_second": 5}) as server:
        client = server.client(NORTHWIND)
        replies = [client.query("ASK {}") for _ in range(12)]
        refused = [reply for reply in replies if reply.status == 429]
        assert len(refused) >= 3
        assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
        assert server.client(ALPINE).query("ASK {}").status == 200
        time.sleep(int(refused[-1].headers["retry-after"]))
        assert client.query("ASK {}").status == 200


@pytest.mark.parametrize("kind", [TURTLE, "application/sparql-update"])
def test_body_is_too_large(tight: LiveServer, kind: str) -> None:
    body = "#" * 1_200_000
    target = "/graphs?graph=urn:x" if kind == TURTLE else "/update"
    reply = tight.client(NORTHWIND, "writer").ask("POST", target, headers={"Content-Type": kind}, body=body)
    assert reply.status == 413


def test_many_large_bodies_at_once_do_not_fit(tight: LiveServer) -> None:
    """Each is within its bound, all of them are not."""
    client = tight.client(NORTHWIND, "writer")
    head = (
        f"PUT /graphs?graph=urn:x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {client.token}\r\n"
        "Content-Type: text/turtle\r\nContent-Length: 1000000\r\n\r\n"
    )
    with_room: list[socket.socket] = []
    for _ in range(7):
        connection = socket.create_connection(("127.0.0.1", client.port), timeout=20)
        connection.sendall(head.encode() + b" " * 900_000)
        with_room.append(connection)
    statuses = []
    for connection in with_room:
        with connection:
            connection.settimeout(0.5)
            with suppress(OSError):
                connection.sendall(b"\n" * 100_000)
            connection.settimeout(20)
            statuses.append(read_reply(connection, "PUT").status)
    assert statuses.count(503) == 3
    assert set(statuses) <= {503, 200, 201}
    assert client.graph("PUT", "urn:room", "#" * 900_000).status in {200, 201}


SLOW = {
    "nothing": (0, b""),
    "empty_lines": (0, b"\r\n"),
    "half_a_head": (408, b"GET /health HTTP/1.1\r\nHost: a\r\nX-"),
    "half_a_line": (408, b"GET /hea"),
    "no_body": (408, b"POST /sparql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nContent-Type: "
    b"application/sparql-query\r\nContent-Length: 99\r\n\r\n"),
    "half_a_body": (408, b"POST /sparql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nContent-Type: "
    b"application/sparql-query\r\nContent-Length: 99\r\n\r\nASK"),
    "half_a_chunk": (408, b"POST /sparql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nContent-Type: "
    b"application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n99\r\nASK"),
}  # fmt: skip


@pytest.mark.parametrize("case", SLOW)
@pytest.mark.parametrize("drips", [True, False], ids=["drips", "stops"])
def test_slow_client_is_told_so(tight: LiveServer, case: str, *, drips: bool) -> None:
    status, request = SLOW[case]
    client = tight.client(NORTHWIND)
    begin = time.monotonic()
    with client.connection() as connection:
        connection.sendall(request.replace(b"TOKEN", client.token.encode()))
        if drips and request:
            drip(connection, b"\r\n" if case == "empty_lines" else b"a")
        assert read_reply(connection).status == status
    assert time.monotonic() - begin < 4


def drip(connection: socket.socket, piece: bytes) -> None:
    """Send on, a little each time, until the server has enough of it."""
    connection.settimeout(0.1)
    for _ in range(25):
        try:
            connection.recv(1, socket.MSG_PEEK)
            break
        except TimeoutError:
            pass
        except OSError:
            break
        try:
            connection.sendall(piece)
        except OSError:
            break
    connection.settimeout(10)


def test_client_that_reads_nothing_is_cut_off(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND)
    text = "SELECT ?long { ?s ?p ?o BIND('" + "x" * 300 + "' AS ?long) } LIMIT 2500"
    request = f"GET /sparql?query={text.replace(' ', '%20')} HTTP/1.1\r\nHost: a\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_000)
        connection.connect(("127.0.0.1", client.port))
        connection.sendall(f"{request}Authorization: Bearer {client.token}\r\n\r\n".encode() * 20)
        cut = select.poll()
        cut.register(connection, 0)  # being cut off is told without being asked for
        assert cut.poll(500) == []
        assert cut.poll(20_000) != []


def test_many_idle_connections_do_not_keep_others_out(tight: LiveServer) -> None:
    idle = [socket.create_connection(("127.0.0.1", tight.port)) for _ in range(600)]
    assert tight.client(NORTHWIND).query("ASK {}").is_true
    wait_until(lambda: handles(tight) < 300, "they are gone", seconds=10)
    for connection in idle:
        connection.close()


def test_log_holds_no_secret(tight: LiveServer) -> None:
    client = tight.client(NORTHWIND)
    client.ask("GET", f"/sparql?query=ASK%20%7B%7D&access_token={client.token}")
    Client(tight.port).ask("GET", "/sparql", headers={"Authorization": f"Bearer {client.token}x"})
    time.sleep(0.5)
    secret = client.token[14:]
    texts = [tight.log.read_text(), *(path.read_text() for path in (tight.home / "audit").glob("*.jsonl"))]
    assert not any(re.search(secret, text) for text in texts)
