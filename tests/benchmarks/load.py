"""Load for a server on this machine: clients that each ask again as soon as they are answered.

The clients run in processes of their own, so that one of them does not bound what is measured; an answer counts by its
status and its whole length, read by its Content-Length or its chunks.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import uvloop

HOST = "127.0.0.1"
RESULTS = "application/sparql-results+json"
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True)
class Ask:
    """A query with places like `{{job}}` for random values, and how often it comes beside the others.

    `{{number}}` is any number, so that hardly two requests are alike.
    """

    name: str
    text: str
    weight: int = 1
    status: int = 200  # that the answer must have

    def filled(self, values: dict[str, Sequence[str]], chance: random.Random) -> str:
        def value(place: re.Match[str]) -> str:
            return str(chance.randrange(10**9)) if place[1] == "number" else chance.choice(values[place[1]])

        return _PLACE.sub(value, self.text)

    def request(self, load: Load, chance: random.Random) -> bytes:
        """The bytes of a request."""
        return request_bytes(load.port, load.path, self.filled(load.values, chance), load.token)


@dataclass(frozen=True)
class Visit(Ask):
    """The same, where the text is what GET asks for: a path, with its fields."""

    accept: str = "application/json"
    token: str = ""  # '' for that of the load

    def request(self, load: Load, chance: random.Random) -> bytes:
        """The bytes of a request."""
        path, token = self.filled(load.values, chance), self.token or load.token
        return (
            f"GET {path} HTTP/1.1\r\nHost: {HOST}:{load.port}\r\n"
            f"Accept: {self.accept}\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()


@dataclass(frozen=True)
class Load:
    """Who asks what of whom; `kept` is the number of requests of which each is drawn, 0 for a new one every time.

    It ends after `seconds`, or as soon as there were `requests` if that is not 0.
    """

    port: int
    path: str
    asks: Sequence[Ask]
    values: dict[str, Sequence[str]]
    clients: int = 50
    seconds: float = 20.0
    warm_s: float = 2.0
    timeout_s: float = 60.0
    kept: int = 0
    processes: int = 2
    token: str = ""
    requests: int = 0

    def request(self, chance: random.Random) -> tuple[Ask, bytes]:
        """What is asked, and the bytes of the request."""
        ask = chance.choices(self.asks, [ask.weight for ask in self.asks])[0]
        return ask, ask.request(self, chance)


def request_bytes(port: int, path: str, query: str, token: str = "") -> bytes:
    """A query as the request that all servers take."""
    body = query.encode()
    access = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept: {RESULTS}\r\n{access}"
        f"Content-Type: application/sparql-query\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


@dataclass(frozen=True)
class Figures:
    """What came of a load: milliseconds by the name of the query, the answers that were none, and the seconds."""

    times: dict[str, list[float]]
    errors: dict[str, int]
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return sum(map(len, self.times.values())) / self.seconds

    def percentile(self, share: float) -> float:
        """The milliseconds within which this share of all answers came."""
        ordered = sorted(time_ for times in self.times.values() for time_ in times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")

    def __str__(self) -> str:
        p50, p99 = self.percentile(0.5), self.percentile(0.99)
        return f"{self.per_second:9.1f}/s  p50 {p50:8.1f} ms  p99 {p99:8.1f} ms  errors {self.errors or 0}"


def run_load(load: Load) -> Figures:
    """Ask for as long as the load says, and count what came after its warm-up."""
    start = time.monotonic() + 0.5  # all processes are there by then
    shares = [load.clients // load.processes + (i < load.clients % load.processes) for i in range(load.processes)]
    with ProcessPoolExecutor(load.processes, mp_context=get_context("spawn")) as pool:
        parts = list(pool.map(_run_clients, [load] * len(shares), shares, range(len(shares)), [start] * len(shares)))
    times: dict[str, list[float]] = {}
    errors: Counter[str] = Counter()
    for part_times, part_errors in parts:
        for name, found in part_times.items():
            times.setdefault(name, []).extend(found)
        errors.update(part_errors)
    return Figures(times, dict(errors), load.seconds)


def _run_clients(load: Load, count: int, seed: int, start: float) -> tuple[dict[str, list[float]], Counter[str]]:
    async def clients() -> None:
        await asyncio.gather(*(client.run() for client in made))

    chance = random.Random(f"{seed} {time.time()}")
    kept = [load.request(random.Random(number)) for number in range(load.kept)]
    left = iter(range(load.requests // load.processes)) if load.requests else iter(int, 1)
    made = [_Client(load, kept, chance, start, left) for _ in range(count)]
    uvloop.run(clients())
    times: dict[str, list[float]] = {}
    errors: Counter[str] = Counter()
    for client in made:
        errors.update(client.errors)
        for name, milliseconds in client.times:
            times.setdefault(name, []).append(milliseconds)
    return times, errors


class _Client(asyncio.Protocol):
    """One client: a connection that stays, and one request on it at a time."""

    def __init__(
        self, load: Load, kept: list[tuple[Ask, bytes]], chance: random.Random, start: float, left: Iterator[int]
    ) -> None:
        self._load, self._kept, self._chance, self._left = load, kept, chance, left
        self._begin = start + load.warm_s
        self._end = self._begin + load.seconds
        self._buffer = bytearray()
        self._waiting: asyncio.Future[bytes] | None = None
        self.times: list[tuple[str, float]] = []
        self.errors: Counter[str] = Counter()

    async def run(self) -> None:
        """Ask until the time is over or nothing is left; a broken connection is made anew."""
        loop = asyncio.get_running_loop()
        transport: asyncio.BaseTransport | None = None
        while (sent := time.monotonic()) < self._end and next(self._left, None) is not None:
            ask, request = self._chance.choice(self._kept) if self._kept else self._load.request(self._chance)
            try:
                if transport is None or transport.is_closing():
                    transport, _ = await loop.create_connection(lambda: self, HOST, self._load.port)
                problem = await self._ask(transport, request, ask.status)
            except (OSError, TimeoutError) as error:
                problem = type(error).__name__
                if transport:
                    transport.close()
                transport = None
                await asyncio.sleep(0.01)
            self._note(ask.name, sent, f"{ask.name}: {problem}" if problem else "")
        if transport:
            transport.close()

    async def _ask(self, transport: asyncio.BaseTransport, request: bytes, expected: int) -> str:
        """What is wrong with the answer, '' for nothing."""
        loop = asyncio.get_running_loop()
        self._waiting, self._buffer = loop.create_future(), bytearray()
        watch = loop.call_later(self._load.timeout_s, self._fail, TimeoutError())
        transport.write(request)  # type: ignore[attr-defined]  # that of a stream
        try:
            status = await self._waiting
        finally:
            watch.cancel()
        return "" if int(status) == expected else f"HTTP {status.decode()}"

    def _note(self, name: str, sent: float, problem: str) -> None:
        if sent < self._begin:
            return
        if problem:
            self.errors[problem] += 1
        else:
            self.times.append((name, 1000 * (time.monotonic() - sent)))

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._buffer += data
        if self._waiting and not self._waiting.done() and is_whole(self._buffer):
            self._waiting.set_result(bytes(self._buffer[9:12]))

    def connection_lost(self, _error: Exception | None) -> None:
        """An answer that was on its way is lost."""
        self._fail(ConnectionError())

    def _fail(self, error: Exception) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(error)


def is_whole(answer: bytearray) -> bool:
    """Whether the bytes of an answer have come to its end."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    if length := _LENGTH.search(answer, 0, head):
        return len(answer) >= head + 4 + int(length[1])
    return bool(_CHUNKED.search(answer, 0, head)) and _ends_in_last_chunk(answer, head + 4)


def _ends_in_last_chunk(answer: bytearray, at: int) -> bool:
    while (end := answer.find(b"\r\n", at)) >= 0:
        size = int(answer[at:end].split(b";")[0], 16)
        at = end + 2 + size + 2
        if size == 0:
            return len(answer) >= at
    return False
