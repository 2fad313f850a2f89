"""New generations while requests run, the end of a server, and starts that fail."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.commands import finish, one_line, start
from tests.mounts import mounted
from tests.server.conftest import CopyHome
from tests.server.live import ALPINE, NORTHWIND, Client, LiveServer, free_port, read_reply, serving, wait_until

from jobgraph.store import Home

STATE = "urn:state"
READ = f"SELECT ?state (COUNT(?thing) AS ?things) {{ GRAPH <{STATE}> {{ ?thing <urn:is> ?state }} }} GROUP BY ?state"
THINGS = 40
LONG = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?x{n} {{ {'1 ' * 110} }}" for n in range(3)) + " }"


def write_state(client: Client, state: int) -> None:
    """A graph whose every thing is in one state."""
    body = "".join(f"<urn:thing:{n}> <urn:is> {state} .\n" for n in range(THINGS))
    reply = client.graph("PUT", STATE, body)
    assert reply.status in {200, 201}, reply.text


def read_states(client: Client, last: int) -> list[int]:
    """Read until the last state is there; each answer is one state, whole, and none older than one seen before."""
    seen = [0]
    while seen[-1] < last:
        (row,) = client.query(f"{READ} # {len(seen) % 5}").rows
        assert int(row["things"]) == THINGS
        assert int(row["state"]) >= seen[-1]
        seen.append(int(row["state"]))
    return seen


def test_every_answer_is_that_of_one_generation(copy_home: CopyHome, tmp_path: Path) -> None:
    with serving(copy_home(), tmp_path / "log", settings={"keep_generations": 2}) as server:
        reader, writer = server.client(NORTHWIND), server.client(NORTHWIND, "writer")
        write_state(writer, 0)
        with ThreadPoolExecutor(4) as threads:
            reads = [threads.submit(read_states, reader, 12) for _ in range(4)]
            for state in range(1, 13):
                write_state(writer, state)
            seen = [each.result() for each in reads]
    assert all(len(set(each)) > 3 for each in seen)


def test_generation_of_another_process_is_seen_at_once(copy_home: CopyHome, tmp_path: Path) -> None:
    home = copy_home()
    with serving(home, tmp_path / "log") as server:
        reader, writer = server.client(NORTHWIND), server.client(NORTHWIND, "writer")
        before = reader.query("ASK {}").headers["etag"]
        write_state(writer, 1)
        after = reader.query("ASK {}").headers["etag"]
        Home(home).tenant(NORTHWIND).rollback(1)
        assert reader.query("ASK {}").headers["etag"] == before != after
        assert reader.query(READ).rows == []


def test_generation_that_is_pruned_is_read_to_its_end(copy_home: CopyHome, tmp_path: Path) -> None:
    home = copy_home()
    with serving(home, tmp_path / "log", settings={"keep_generations": 1}) as server:
        reader, writer = server.client(NORTHWIND), server.client(NORTHWIND, "writer")
        expected = len(reader.query("SELECT * { ?s ?p ?o }").body)
        text = "SELECT * { ?s ?p ?o } #".replace(" ", "%20").replace("#", "%23")
        request = f"GET /sparql?query={text} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000)
            connection.connect(("127.0.0.1", reader.port))
            accept = "Accept: application/sparql-results+json\r\n"
            connection.sendall(f"{request}{accept}Authorization: Bearer {reader.token}\r\n\r\n".encode())
            connection.recv(1, socket.MSG_PEEK)
            for state in range(3):
                write_state(writer, state)
            reply = read_reply(connection)
        assert (reply.status, reply.is_whole, len(reply.body)) == (200, True, expected)
        assert reader.query(READ).rows[0]["state"] == "2"


def test_generation_that_is_gone_is_said_to_be(copy_home: CopyHome, tmp_path: Path) -> None:
    home = copy_home()
    with serving(home, tmp_path / "log") as server:
        tenant = Home(home).tenant(ALPINE)
        (tenant.path / "CURRENT").write_text("000099\n", encoding="utf-8")
        reply = server.client(ALPINE).query("ASK {}")
        assert (reply.status, reply.kind) == (507, "application/problem+json")
        assert server.client(NORTHWIND).query("ASK {}").is_true
        (tenant.path / "CURRENT").write_text("000001\n", encoding="utf-8")
        assert server.client(ALPINE).query("ASK {}").is_true


def test_full_disk_leaves_what_was_served(copy_home: CopyHome, tmp_path: Path) -> None:
    home, disk = copy_home(), tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "size=60m"):
        shutil.copytree(home, disk / "home")
        with serving(disk / "home", tmp_path / "log") as server:
            writer = server.client(NORTHWIND, "writer")
            write_state(writer, 1)
            left = os.statvfs(disk)
            (disk / "filler").write_bytes(b"x" * max(0, left.f_bavail * left.f_frsize - 200_000))
            reply = writer.graph(
                "PUT", "urn:large", "".join(f"<urn:{n}> <urn:p> '{'x' * 90}' .\n" for n in range(20_000))
            )
            assert reply.status == 507, reply.text
            assert reply.kind == "application/problem+json"
            assert writer.query(READ).rows[0]["state"] == "1"
            (disk / "filler").unlink()
            write_state(writer, 2)
            assert writer.query(READ).rows[0]["state"] == "2"


def test_end_waits_for_what_runs_and_takes_no_more(copy_home: CopyHome, tmp_path: Path) -> None:
    with serving(copy_home(), tmp_path / "log") as server:
        reader = server.client(NORTHWIND)
        assert reader.query("ASK {}").is_true
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(reader.query, f"SELECT ?n {{ {{ {LONG} }} }}")
            time.sleep(0.4)
            children = server.children()
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not is_listening(server), "it takes no more", seconds=5)
            assert running.result().rows == [{"n": str(110**3)}]
        assert server.process.wait(timeout=20) in {0, -signal.SIGTERM}
        wait_until(lambda: not any(is_there(pid) for pid in children), "its processes are gone", seconds=10)


def test_processes_end_with_a_server_that_is_killed(copy_home: CopyHome, tmp_path: Path) -> None:
    with serving(copy_home(), tmp_path / "log") as server:
        burning = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?x{n} {{ {'1 ' * 200} }}" for n in range(8)) + " }"
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(server.client(NORTHWIND).query, burning)
            time.sleep(1)
            children = server.children()
            server.process.kill()
            assert running.result().status == 0
        assert children
        wait_until(lambda: not any(is_there(pid) for pid in children), "its processes are gone", seconds=10)


def is_listening(server: LiveServer) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=1):
            return True
    except OSError:
        return False


def is_there(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_port_in_use_is_one_line(sample_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = finish(start("serve", "--quiet", "--home", sample_home, "--port", taken.getsockname()[1]))
    assert (outcome.code, "port" in one_line(outcome)) == (74, True)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        pytest.param(["--home", "nowhere"], 2, "holds no tenants", id="no_home"),
        pytest.param(["--home", "/etc"], 2, "holds no tenants", id="other_folder"),
        pytest.param(["--host", "192.0.2.1"], 74, "Cannot listen", id="foreign_address"),
        pytest.param(["--host", "no such host"], 74, "Cannot listen", id="no_address"),
        pytest.param(["--open", "--tenant", "nobody"], 2, "nobody", id="no_tenant"),
        pytest.param(["--open"], 2, "--tenant", id="open_without_tenant"),
        pytest.param(["--open", "--tenant", NORTHWIND, "--host", "0.0.0.0"], 2, "open", id="open_to_all"),
    ],
)
def test_start_that_fails_is_one_line(sample_home: Path, options: list[str], code: int, words: str) -> None:
    home = [] if "--home" in options else ["--home", sample_home]
    outcome = finish(start("serve", "--quiet", "--port", free_port(), *home, *options))
    assert (outcome.code, words in one_line(outcome)) == (code, True), outcome.err


def test_tokens_that_others_may_read_are_refused(copy_home: CopyHome) -> None:
    home = copy_home()
    folder = home / "access"
    folder.mkdir()
    (folder / "tokens.json").write_text('{"tokens": []}', encoding="utf-8")
    (folder / "tokens.json").chmod(0o644)
    outcome = finish(start("serve", "--quiet", "--home", home, "--port", free_port()))
    assert (outcome.code, "chmod 600" in one_line(outcome)) == (1, True), outcome.err
