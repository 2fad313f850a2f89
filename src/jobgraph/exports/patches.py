"""RDF Patch, as a stream: what makes one data set of another, and the names of both.

    H id <urn:sha256:...> .            the data set that it leads to, by its canonical hash (RDFC-1.0, SHA-256)
    H prev <urn:sha256:...> .          the data set that it starts from
    H profile "partner" .              more facts, each a word and a text
    TX .
    D <s> <p> "old" <g> .
    A <s> <p> "new" <g> .
    TC .

This is the text form of Apache Jena (https://jena.apache.org/documentation/rdf-patch/), of which one transaction is
used, so strictly that a patch that was cut off or joined with another is never taken for whole. The labels of blank
nodes are those of the canonical form: in what is deleted that of the first data set, in what is added that of the
second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple, cast

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from jobgraph.errors import InputError
from jobgraph.exports.sorted_quads import Kind

MEDIA_TYPE = "application/rdf-patch"
MAX_LINE = 16 << 20  # bytes; a longer one is refused before it fills the memory
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME_OF_HASH = re.compile(r"<urn:sha256:([0-9a-f]{64})>")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LINE = re.compile(rb"(?P<kind>H|TX|TC|TA|PA|PD|A|D)(?:[ \t]+(?P<rest>.*?))?[ \t]*\.[ \t]*\r?\n?", re.DOTALL)
_BATCH = 10_000
_SUBJECT = NamedNode("urn:patch:header")
_NAMES = {"id": "id", "prev": "previous"}


class Change(NamedTuple):
    """One quad that is added (`A`) or deleted (`D`)."""

    kind: Kind
    quad: Quad


@dataclass(frozen=True)
class PatchHeader:
    """Which data set a patch starts from and which it leads to, by their canonical hashes in hexadecimal.

    Parameters
    ----------
    facts : more of the header, a text by its word.
    """

    id: str
    previous: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (_HASH.fullmatch(self.id) and _HASH.fullmatch(self.previous)):
            raise InputError("A patch names two data sets by hashes of 64 hexadecimal digits; one of them is not.")
        if wrong := [word for word in self.facts if not _WORD.fullmatch(word) or word in _NAMES]:
            raise InputError(f"{wrong[0]!r} cannot be a word of a header of a patch; use letters and digits.")


@dataclass(frozen=True)
class Patch:
    """A patch that is being read: its header, and its changes, which come once."""

    header: PatchHeader
    changes: Iterator[Change]


def write_patch(header: PatchHeader, lines: Iterable[tuple[Kind, bytes]], output: BinaryIO) -> dict[Kind, int]:
    """Write a patch; give how many statements are added and deleted.

    Parameters
    ----------
    lines : the changes, each a statement as a line of N-Quads.
    """
    counts: dict[Kind, int] = {"A": 0, "D": 0}
    output.write(f"H id <urn:sha256:{header.id}> .\nH prev <urn:sha256:{header.previous}> .\n".encode())
    for word, text in sorted(header.facts.items()):
        output.write(f"H {word} {Literal(text)} .\n".encode())
    output.write(b"TX .\n")
    for kind, line in lines:
        output.write(b"%s %s" % (kind.encode(), line))
        counts[kind] += 1
    output.write(b"TC .\n")
    return counts


def read_patch(stream: BinaryIO) -> Patch:
    """The patch of a stream; its header is read at once, its changes when they are asked for.

    Raises
    ------
    InputError : a line is none of a patch, stands where it must not, or is missing; names the line. Where it is one of
        the changes, that shows when it is reached.
    """
    lines = _iter_lines(stream)
    header = _read_header(lines)
    return Patch(header, _iter_changes(lines))


class _Line(NamedTuple):
    number: int
    kind: str
    rest: bytes


def _iter_lines(stream: BinaryIO) -> Iterator[_Line]:
    """The lines that say something; empty ones, comments and prefixes, which change no statement, are passed over."""
    number = 0
    while text := stream.readline(MAX_LINE):
        number += 1
        if not text.endswith(b"\n") and len(text) == MAX_LINE:
            raise _wrong(number, f"is longer than {MAX_LINE >> 20} MB")
        if not (bare := text.strip()) or bare.startswith(b"#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise _wrong(number, f"is none of a patch: {_shown(bare)}")
        if match["kind"] not in {b"PA", b"PD"}:
            yield _Line(number, match["kind"].decode(), match["rest"] or b"")


def _read_header(lines: Iterator[_Line]) -> PatchHeader:
    facts: dict[str, str] = {}
    names: dict[str, str] = {}
    for number, kind, rest in lines:
        if kind == "TX" and not rest:
            if missing := _NAMES.keys() - names.keys():
                raise InputError(f"The patch has no line 'H {min(missing)}', so it fits to no data set; make it again.")
            return PatchHeader(names["id"], names["prev"], facts)
        if kind != "H":
            raise _wrong(number, f"is {kind}, where the header or TX must stand")
        word, text = _header_line(number, rest)
        if word in names or word in facts:
            raise _wrong(number, f"says {word} a second time")
        (names if word in _NAMES else facts)[word] = text
    raise InputError("The patch has no line TX; it may be cut off. Ask for it again.")


def _header_line(number: int, rest: bytes) -> tuple[str, str]:
    word, _, value = rest.decode("utf-8", "replace").partition(" ")
    if not _WORD.fullmatch(word):
        raise _wrong(number, f"has no word of a header: {_shown(rest)}")
    value = value.strip()
    if word in _NAMES:
        match = _NAME_OF_HASH.fullmatch(value)
        if match is None:
            raise _wrong(number, f"names no data set: {word} must be <urn:sha256:...> with 64 hexadecimal digits")
        return word, match[1]
    try:
        (triple,) = parse(f"{_SUBJECT} {_SUBJECT} {value} .", RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError):
        raise _wrong(number, f"has no IRI or text: {_shown(rest)}") from None
    return word, cast("NamedNode | Literal", triple.object).value


def _iter_changes(lines: Iterator[_Line]) -> Iterator[Change]:
    """The changes up to the end of the transaction, which must be the end of the patch."""
    changes = _iter_until_end(lines)
    while batch := list(islice(changes, _BATCH)):
        yield from _parsed(batch)


def _iter_until_end(lines: Iterator[_Line]) -> Iterator[_Line]:
    for line in lines:
        if line.kind == "TC" and not line.rest:
            break
        if line.kind not in {"A", "D"}:
            raise _wrong(line.number, f"is {line.kind}, where only A, D or TC may stand")
        yield line
    else:
        raise InputError("The patch has no end, a line TC; it may be cut off. Ask for it again.")
    for line in lines:
        raise _wrong(line.number, "stands after TC, where the patch must end")


def _parsed(batch: list[_Line]) -> Iterator[Change]:
    """The changes of lines, parsed together, which is faster than one by one."""
    try:
        quads = list(parse(b"".join(line.rest + b" .\n" for line in batch), RdfFormat.N_QUADS))
    except SyntaxError:
        quads = []
    if len(quads) != len(batch):
        quads = [_quad(line) for line in batch]
    for line, quad in zip(batch, quads, strict=True):
        if isinstance(quad.object, Triple):
            raise _wrong(line.number, "has a quoted triple, which packages do not have")
        yield Change(cast("Kind", line.kind), quad)


def _quad(line: _Line) -> Quad:
    try:
        quads: list[Quad] = list(parse(line.rest + b" .\n", RdfFormat.N_QUADS))
        (quad,) = quads
    except SyntaxError as error:
        raise _wrong(line.number, f"has no valid statement: {error.msg}") from None
    except ValueError:
        raise _wrong(line.number, "has none or more than one statement") from None
    return quad


def _wrong(number: int, problem: str) -> InputError:
    return InputError(f"Line {number} of the patch {problem}. Ask for the patch again.")


def _shown(text: bytes) -> str:
    return repr(text[:60].decode("utf-8", "replace"))
