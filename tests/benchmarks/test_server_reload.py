"""100,000 reads while 50 generations are published: each answer is that of one generation, and none fails."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.server.conftest import copy_home as copy_home
from tests.server.live import JSON, NORTHWIND, Client, serving

pytestmark = pytest.mark.benchmark

READS, RELOADS, READERS, THINGS = 100_000, 50, 4, 200
GRAPH = "urn:state"
QUERY = f"SELECT ?state (COUNT(?thing) AS ?things) {{ GRAPH <{GRAPH}> {{ ?thing <urn:is> ?state }} }} GROUP BY ?state"


def write_state(client: Client, state: int) -> None:
    body = "".join(f"<urn:thing:{n}> <urn:is> {state} .\n" for n in range(THINGS))
    reply = client.graph("PUT", GRAPH, body)
    assert reply.status in {200, 201}, reply.text


def read(port: int, token: str, count: int) -> list[tuple[str, int]]:
    """The generation and the state of each answer, in order; more than `count` until the last state is seen."""
    return list(answers(port, token, count))


def answers(port: int, token: str, count: int) -> Iterator[tuple[str, int]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Accept": JSON}
    state, n = 0, 0
    while n < count or state < RELOADS:
        n += 1
        connection.request("GET", f"/sparql?query={quote(f'{QUERY} #{n % 50}')}", headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        assert reply.status == 200, body[:500]
        (row,) = json.loads(body)["results"]["bindings"]
        assert int(row["things"]["value"]) == THINGS
        state = int(row["state"]["value"])
        yield str(reply.headers["ETag"]).strip('"').partition(".")[0], state


def test_reads_during_reloads(copy_home: object, tmp_path: Path) -> None:
    assert callable(copy_home)
    with serving(copy_home(), tmp_path / "log", settings={"keep_generations": 2}) as server:
        reader, writer = server.client(NORTHWIND), server.client(NORTHWIND, "writer")
        write_state(writer, 0)
        begin = time.monotonic()
        with ProcessPoolExecutor(READERS) as processes:
            each = READS // READERS
            reads = [processes.submit(read, reader.port, reader.token, each) for _ in range(READERS)]
            for state in range(1, RELOADS + 1):
                write_state(writer, state)
                time.sleep(0.3)
            seen = [read.result() for read in reads]
        spent = time.monotonic() - begin
    pairs = {pair for answers in seen for pair in answers}
    total = sum(map(len, seen))
    print(f"\n{total:,} reads, {RELOADS} reloads, {spent:.0f} s, {len(pairs)} generations seen, none failed")
    assert total >= READS
    assert len({generation for generation, _ in pairs}) == len(pairs)  # a generation has one state
    assert all(answers == sorted(answers) for answers in seen)  # and none is older than one before it
