"""One request and its answer, over ASGI: what is read is bounded, what is sent is whole or visibly broken off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from jobgraph.server.access import Identity
from jobgraph.server.limits import Room
from jobgraph.server.problems import ProblemError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TENANT = "{tenant}"  # in the public address of a server: the tenant whose name the client calls
_MAX_FIELDS = 200  # of a form or a query string
_QUICK_S = 0.3  # whether the client goes away is of no interest before
_UPGRADE = {"Upgrade": "HTTP/1.1", "Connection": "Upgrade, close"}
_LISTS = {"link", "vary"}
_ROOTED = {"location": re.compile("^()/(?!/)"), "link": re.compile("(<)/(?!/)")}
_SAFETY = (b"x-content-type-options", b"nosniff")  # for what is quoted from a request must not become a page
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")


class GoneError(Exception):
    """The client went away, so that nobody reads the answer."""


class Exchange:
    """A request with its parts decoded, and the ways to answer it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, room: Room | None = None, *, root: str = "") -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self._room, self._held = room, 0
        self.root = root  # the path of the server on its host, as clients see it
        self.headers: dict[str, list[str]] = {}  # the values of each by its name in lower case
        for name, value in scope["headers"]:
            self.headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.status = 0  # once the answer has begun
        self._is_over = False  # all of the answer is sent
        self.sent = 0  # bytes of the answer's body
        self.facts: dict[str, str] = {}  # for the log: tenant, generation and so on
        self.called = ""  # the tenant whose name the client called, where each has a name of its own
        self.identity: Identity | None = None  # once it is known who asks
        self.more_headers: list[tuple[str, str]] = []  # of the answer, whatever it will be

    def header(self, name: str) -> str | None:
        """The value of a header, several joined by commas."""
        values = self.headers.get(name)
        return ", ".join(values) if values else None

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of the query string.

        Raises
        ------
        ProblemError : they are not UTF-8, or too many.
        """
        return parse_fields(self.scope["query_string"])

    @cached_property
    def raw_path(self) -> str:
        """The path as it came, percent-encoded."""
        raw: bytes = self.scope.get("raw_path") or self.path.encode()
        return raw.partition(b"?")[0].decode("latin-1")

    @property
    def content_type(self) -> tuple[str, dict[str, str]]:
        """The media type of the body in lower case, '' for none, and its parameters."""
        kind, *parameters = (self.header("content-type") or "").split(";")
        pairs = (parameter.partition("=") for parameter in parameters)
        return kind.strip().lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}

    def url(self, public: str = "") -> str:
        """The address that the client called, without its query string.

        Raises
        ------
        ProblemError : the Host header or the path cannot be part of an IRI.
        """
        if not _PATH.fullmatch(self.raw_path):
            raise ProblemError(400, "The path has characters that no address has; percent-encode them.")
        if public:
            return public.rstrip("/").replace(TENANT, self.called) + self.raw_path
        host = self.header("host") or "localhost"
        if not _HOST.fullmatch(host):
            raise ProblemError(400, "The Host header is no name or address of a host.")
        return f"{self.scope['scheme']}://{host}{self.raw_path}"

    async def body(self, limit: int) -> bytes:
        """The body of the request.

        Raises
        ------
        ProblemError : it is larger than `limit` bytes, or compressed.
        GoneError : the client went away.
        """
        if self.header("content-encoding") not in {None, "identity"}:
            raise ProblemError(415, "Compressed bodies are not read; send the body as it is.")
        length = self.header("content-length")
        if length and length.isdecimal() and int(length) > limit:
            raise _too_large(limit)
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise GoneError
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
            self._take(len(parts[-1]))
            if not message.get("more_body"):
                return b"".join(parts)

    async def parts(self) -> AsyncIterator[bytes]:
        """The body of the request as it comes, of any size; it is not kept.

        Raises
        ------
        GoneError : the client went away.
        """
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise GoneError
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    def _take(self, size: int) -> None:
        if self._room:
            self._room.take(size)
            self._held += size

    def release(self) -> None:
        """Give back the room that the body took."""
        if self._room:
            self._room.give(self._held)
            self._held = 0

    async def respond(self, status: int, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> None:
        """Send a whole answer; that to HEAD has no body."""
        length = [] if status == HTTPStatus.NOT_MODIFIED else [("content-length", str(len(body)))]
        await self._start(status, [*headers, *length])
        content = b"" if self.method == "HEAD" else body
        self.sent += len(content)
        self._is_over = True
        await self._send({"type": "http.response.body", "body": content})

    async def stream(self, status: int, headers: Iterable[tuple[str, str]], parts: AsyncIterator[bytes]) -> None:
        """Send an answer as it comes; where `parts` raises, the connection is broken off, so that it never looks whole.

        That to HEAD has no body, and the length that it would have is not told.

        Raises
        ------
        ProblemError : HTTP/1.0 has no way to tell that an answer without a length was broken off.
        GoneError : the client went away.
        """
        if self.method == "HEAD":
            await self._start(status, headers)
            await self._send({"type": "http.response.body", "body": b""})
            return
        headers = list(headers)
        if self.scope["http_version"] == "1.0" and not any(name == "content-length" for name, _ in headers):
            raise ProblemError(426, "A long answer needs HTTP/1.1, which shows its end.", headers=_UPGRADE)
        await self._start(status, headers)
        async for part in parts:
            self.sent += len(part)
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
        self._is_over = True
        await self._send({"type": "http.response.body", "body": b""})

    async def problem(self, problem: ProblemError) -> None:
        """Answer with what is wrong."""
        headers = {"cache-control": "no-store", **problem.headers}
        await self.respond(problem.status, headers.items(), problem.body())

    async def gone(self) -> None:
        """Come back when the client goes away; the body of the request is read."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def unless_gone(self, work: Awaitable[None]) -> None:
        """Do something that is broken off when the client goes away.

        Raises
        ------
        GoneError : it went away.
        """
        loop = asyncio.get_running_loop()
        watches: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(None) as limit:
                timer = loop.call_later(_QUICK_S, lambda: watches.append(loop.create_task(self._watch(limit))))
                try:
                    await work
                finally:
                    timer.cancel()
                    for watch in watches:
                        watch.cancel()
        except TimeoutError:
            if limit.expired():
                raise GoneError from None
            raise

    async def _watch(self, limit: asyncio.Timeout) -> None:
        """Let the time of what is done be over when the client goes away before it is answered."""
        await self.gone()
        if not self._is_over:
            limit.reschedule(asyncio.get_running_loop().time())

    async def _start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        self.status = status
        named = headers
        if self.more_headers or self.root:
            named = _in_one_line(_from_root([*headers, *self.more_headers], self.root))
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in named]
        fields.append(_SAFETY)
        await self._send({"type": "http.response.start", "status": status, "headers": fields})


def _from_root(headers: Iterable[tuple[str, str]], root: str) -> Iterable[tuple[str, str]]:
    """Headers, whose addresses that begin with a slash are those of this server."""
    if not root:
        return headers
    return [(name, _ROOTED[name].sub(rf"\1{root}/", value) if name in _ROOTED else value) for name, value in headers]


def _in_one_line(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Headers, those that list things once each."""
    lists: dict[str, list[str]] = {}
    for name, value in headers:
        if name in _LISTS:
            lists.setdefault(name, []).append(value)
        else:
            yield name, value
    yield from ((name, ", ".join(values)) for name, values in lists.items())


def parse_fields(encoded: bytes) -> list[tuple[str, str]]:
    """The fields of a query string or a form.

    Raises
    ------
    ProblemError : they are not UTF-8, or too many.
    """
    if not encoded:
        return []
    try:
        return parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError:
        raise ProblemError(400, "A field of the request is not UTF-8; percent-encode it as UTF-8.") from None
    except ValueError:
        raise ProblemError(400, f"The request has more than {_MAX_FIELDS} fields; send fewer.") from None


def decode_text(data: bytes) -> str:
    """UTF-8 text.

    Raises
    ------
    ProblemError : it is something else.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError(400, "The body is not UTF-8; send it as UTF-8.") from None


def decode_path(step: str) -> str:
    """A percent-encoded part of a path.

    Raises
    ------
    ProblemError : it is not UTF-8.
    """
    try:
        return unquote(step, errors="strict")
    except UnicodeDecodeError:
        raise ProblemError(400, "The path is not UTF-8; percent-encode it as UTF-8.") from None


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, f"The body has more than {limit:,} bytes; send less at once.")
