r"""The audit log: one line of JSON for every write, export and refusal, each chained to the one before it.

    <home>/audit/audit.jsonl             the lines since the last rotation
    <home>/audit/audit-000001.jsonl      the lines before, the oldest file with the lowest number

A line ends with the SHA-256 of all that stands before it, and starts with its number and the hash of the line before
it, also across files; before the first stands a random hash. So a byte that is changed, a line that is taken out, put
in or moved does not fit. Two things the log alone cannot tell: that lines were cut off at its end, and that somebody
who may write the file made the whole chain anew. Both show where a head hash that `jobgraph audit verify` printed is
kept on another machine: `verify(head=...)` asks whether the line with that hash is still there.

A process that dies while it writes leaves a torn line. The next one ends it with ` (torn)` and states its size and
hash in a line of its own, so that it is told from one that was tampered with. A last line without its line end is
taken as torn where it reads like the beginning of the next line.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from jobgraph.errors import StorageError, TamperedError
from jobgraph.server.access.identity import Identity
from jobgraph.store.durable import exclusive_lock, shared_lock, storage_errors, sync

MAX_FILE_BYTES = 64_000_000
MAX_TEXT = 1_000
_TORN = b" (torn)\n"
_WINDOW_BYTES = 300_000  # of the end of a file, in which its last whole line must stand
_LINE = re.compile(
    rb'(\{"line":(?P<number>[1-9][0-9]*),"previous":"(?P<previous>[0-9a-f]{64})","time":"(?P<time>[0-9TZ:.-]+)",'
    rb'(?:"torn_bytes":(?P<bytes>[0-9]+),"torn_sha256":"(?P<sha256>[0-9a-f]{64})"|"tenant":.*)'
    rb'),"hash":"(?P<hash>[0-9a-f]{64})"\}'
)
_END_OF_LINE = re.compile(rb',"hash":"[0-9a-f]{64}"\}')
_SECRETS = re.compile(
    r"(?P<jg>\bjg_[0-9A-Za-z]{1,32}_)[\w-]+"  # a token of ours
    r"|(?P<jwt>\beyJ)[\w.-]+"
    r"|(?P<scheme>\b(?:bearer|basic)[ +]+)[\w.~+/=-]+"
    r"|(?P<url>://[^\s/:@]*:)[^\s/@]+(?=@)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Event:
    """What happened: a write, an export or a refusal.

    Parameters
    ----------
    action : what was asked for, in a word: update, put, export, query, ...
    what : what it was asked of: a graph, a path, the text of a query; cut at 1,000 characters, secrets left out.
    outcome : published, sent, or why it was refused.
    identity : who asked; None where nobody knows.
    before, after : names of the tenant's generations.
    """

    action: str
    what: str
    outcome: str
    identity: Identity | None
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Chain:
    """What a log that fits holds.

    Parameters
    ----------
    lines : how many, and `torn` how many beside them were torn by a process that died.
    first, last : times of the first and last line, as they stand there; empty in an empty log.
    head : hash of the last line; empty in an empty log.
    unfinished : whether the log ends in a torn line that the next append will mark.
    """

    lines: int = 0
    torn: int = 0
    first: str = ""
    last: str = ""
    head: str = ""
    unfinished: bool = False


class _Line(NamedTuple):
    """A whole line whose hash is right, without its line end."""

    number: int
    previous: str
    time: str
    torn: tuple[int, str] | None
    hash: str


class _End(NamedTuple):
    """Where the next line goes on: the last whole line, if any, whether it lacks its line end, and what is torn."""

    line: _Line | None
    torn: bytes = b""
    open: bool = False


class AuditLog:
    """The audit log in the folder of all tenants; many processes may append to it."""

    def __init__(self, home: Path, *, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self.folder = home / "audit"
        self.path = self.folder / "audit.jsonl"
        self._max_file_bytes = max_file_bytes

    def append(self, event: Event) -> str:
        """Write a line and wait until it is on the disk; give its hash.

        Raises
        ------
        StorageError : the disk is full or cannot be written, or the last line is not as it was written, so that there
            is nothing to chain to; what must be on record should not be done then.
        """
        with storage_errors(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive_lock(self.folder, wait=True), storage_errors(self.path):
            end = self._end()
            self._rotate(end)
            text, line_hash = _continued(end, event)
            self._write(text)
            return line_hash

    def verify(self, *, head: str | None = None) -> Chain:
        """Read the whole log and give what it holds; lines that are appended meanwhile do not count.

        Parameters
        ----------
        head : hash of a line that must be there, kept elsewhere since an earlier look.

        Raises
        ------
        TamperedError : a line does not fit, or there is none with this hash; names the first.
        StorageError : the log cannot be read.
        """
        reader = _ChainReader(head)
        with self.opened() as files:
            for path, stream, size in files:
                reader.read(path, _iter_lines(stream, size), is_last=path == self.path)
        if not reader.is_head_found:
            problem = f"no line before it has the hash {head}; the end was cut off, or the log replaced."
            raise TamperedError(self.path, reader.position + 1, problem)
        return reader.chain

    @contextmanager
    def opened(self) -> Iterator[list[tuple[Path, BinaryIO, int]]]:
        """The files of the log as they are at one moment, the oldest first: path, stream, and the bytes that count.

        Raises
        ------
        StorageError : the log cannot be read, also inside the block.
        """
        with storage_errors(self.path), ExitStack() as stack:
            found: list[tuple[Path, BinaryIO, int]] = []
            if self.folder.is_dir():
                with shared_lock(self.folder):  # a file keeps its handle when it is renamed
                    streams = [(path, stack.enter_context(path.open("rb"))) for path in self._paths()]
                    found = [(path, stream, os.fstat(stream.fileno()).st_size) for path, stream in streams]
            yield found

    def _paths(self) -> list[Path]:
        """The files of the log, the oldest first."""
        rotated = sorted(self.folder.glob("audit-*.jsonl"), key=lambda path: (len(path.name), path.name))
        return [*rotated, *([self.path] if self.path.exists() else [])]

    def _end(self) -> _End:
        """The end of the log; where a process died, the last file may have no whole line, and the one before has it."""
        end = _End(None)
        for path in reversed(self._paths()):
            torn, end = end.torn, _end_of(path)
            end = end._replace(torn=torn or end.torn)
            if end.line:
                break
        return end

    def _rotate(self, end: _End) -> None:
        """Put a full file aside; not while its end is torn, for what is torn is marked where it stands."""
        if end.torn or end.open or not self.path.exists() or self.path.stat().st_size < self._max_file_bytes:
            return
        numbers = [int(path.stem.removeprefix("audit-")) for path in self._paths()[:-1]]
        self.path.rename(self.folder / f"audit-{max(numbers, default=0) + 1:06}.jsonl")

    def _write(self, text: bytes) -> None:
        is_new = not self.path.exists()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            written = os.write(handle, text)
            if written < len(text):
                os.write(handle, text[written:])  # a full disk raises here; what is on it, is a torn line
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            sync(self.folder)


class _ChainReader:
    """Goes through the lines of all files in their order, and stops at the first that does not fit."""

    def __init__(self, head: str | None) -> None:
        self.chain = Chain()
        self.is_head_found = head is None
        self.position = 0
        self._head = head
        self._previous: _Line | None = None
        self._torn: list[bytes] = []

    def read(self, path: Path, texts: Iterable[bytes], *, is_last: bool) -> None:
        """Read the lines of a file, each with its line end; only the last file may end in a torn line."""
        self.position = 0
        for self.position, text in enumerate(texts, start=1):
            problem = self._problem(text)
            if problem:
                raise TamperedError(path, self.position, problem)
        if self._torn and not is_last:
            raise TamperedError(path, self.position, "the file ends within a line.")
        self.chain = replace(self.chain, unfinished=bool(self._torn))

    def _problem(self, text: bytes) -> str:
        line = _to_line(text.removesuffix(b"\n"))
        if text.endswith(_TORN) or not text.endswith(b"\n"):
            self._torn.append(text)
            return "" if _is_torn(text, self._previous) else "it is no line of this log, nor the beginning of one."
        if line is None:
            return "its hash is not that of its content."
        before = self._previous
        if line.number != (before.number + 1 if before else 1) or (before and line.previous != before.hash):
            return "it does not follow the line before it."
        torn = b"".join(self._torn)
        if line.torn != ((len(torn), sha256(torn).hexdigest()) if torn else None):
            return "what is torn before it is not what it says."
        self._add(line)
        return ""

    def _add(self, line: _Line) -> None:
        self._previous, known = line, self.chain
        self.is_head_found |= line.hash == self._head
        torn, self._torn = known.torn + len(self._torn), []
        self.chain = Chain(known.lines + 1, torn, known.first or line.time, line.time, line.hash)


def _iter_lines(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The lines in the first `size` bytes of a file, each with its line end."""
    while size > 0 and (text := stream.readline(size)):
        size -= len(text)
        yield text


def _end_of(path: Path) -> _End:
    """The end of a file: back from its last byte, over what is torn, to the last whole line."""
    with path.open("rb") as stream:
        start = max(os.fstat(stream.fileno()).st_size - _WINDOW_BYTES, 0)
        stream.seek(start)
        texts = list(stream)[1 if start else 0 :]
    torn: list[bytes] = []
    for text in reversed(texts):
        line = _to_line(text.removesuffix(b"\n"))
        if line:
            return _End(line, b"".join(torn), open=not text.endswith(b"\n"))
        if text.endswith(b"\n") and not text.endswith(_TORN):
            break
        torn.insert(0, text)
    else:
        if start == 0:
            return _End(None, b"".join(torn))
    raise StorageError(f"{path} does not end in a line of an audit log; run jobgraph audit verify, and move it away.")


def _to_line(text: bytes) -> _Line | None:
    """A whole line whose hash is right; None for all else."""
    match = _LINE.fullmatch(text)
    if match is None or sha256(match[1]).hexdigest() != match["hash"].decode():
        return None
    torn = (int(match["bytes"]), match["sha256"].decode()) if match["bytes"] else None
    return _Line(int(match["number"]), match["previous"].decode(), match["time"].decode(), torn, match["hash"].decode())


def _is_torn(text: bytes, previous: _Line | None) -> bool:
    """Whether this can be the beginning of the line after `previous`, cut off by the end of its process or machine.

    A machine that loses power may leave zeros at the end. A line that is whole but for its end is torn, too.
    """
    begun = text.split(b" ", 1)[0].rstrip(b"\0")
    start = f'{{"line":{previous.number + 1},"previous":"{previous.hash}"' if previous else '{"line":1,"previous":"'
    begins_right = begun.startswith(start.encode()) or start.encode().startswith(begun)
    is_whole = _END_OF_LINE.search(text) is not None
    return text[:1] in (b"{", b"\0") and begins_right and (not is_whole or _to_line(text) is not None)


def _continued(end: _End, event: Event) -> tuple[bytes, str]:
    """What to write for an event, with what it takes to mend the end before it, and the hash of its line."""
    number, previous = (end.line.number, end.line.hash) if end.line else (0, secrets.token_hex(32))
    text = b"\n" if end.open else b""
    if end.torn:
        text = b"" if end.torn.endswith(b"\n") else _TORN
        torn = end.torn + text
        marks: dict[str, object] = {"torn_bytes": len(torn), "torn_sha256": sha256(torn).hexdigest()}
        number += 1
        marker, previous = _to_text(number, previous, marks)
        text += marker
    line, line_hash = _to_text(number + 1, previous, _to_fields(event))
    return text + line, line_hash


def _to_fields(event: Event) -> dict[str, object]:
    who = event.identity
    return {
        "tenant": who and _visible(who.tenant),
        "key": who and _visible(who.key),
        "role": who and _visible(who.role),
        "action": _visible(event.action),
        "what": _visible(event.what),
        "outcome": _visible(event.outcome),
        "before": event.before and _visible(event.before),
        "after": event.after and _visible(event.after),
    }


def _to_text(number: int, previous: str, fields: dict[str, object]) -> tuple[bytes, str]:
    """A line with its line end, and its hash."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    facts = {"line": number, "previous": previous, "time": time, **fields}
    body = json.dumps(facts, separators=(",", ":")).encode()[:-1]
    line_hash = sha256(body).hexdigest()
    return b'%s,"hash":"%s"}\n' % (body, line_hash.encode()), line_hash


def _visible(text: str) -> str:
    r"""The text without secrets, at most 1,000 characters of it, and what does not print written as its number.

    >>> print(_visible("Bearer abc.def\x1b[31m"))
    Bearer [secret]\x1b[31m
    """
    kept = _SECRETS.sub(lambda match: f"{match[match.lastgroup or 0]}[secret]", text)
    cut = kept if len(kept) <= MAX_TEXT else f"{kept[:MAX_TEXT]}... ({len(text)} characters)"
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in cut)
