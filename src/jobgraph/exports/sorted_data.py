"""A data set in its canonical form on disk: what formats are written from and checks read, as often as they like.

The lines are sorted, so the statements of a thing stand together, and those that differ only in their graph, too.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import islice
from pathlib import Path

from pyoxigraph import Quad, Triple

from jobgraph.exports.canonical import canonical_lines
from jobgraph.exports.sorted_quads import iter_quads
from jobgraph.vocabulary import JG, RDF

_TYPE = f"<{RDF}type>".encode()
_TERM = f"<{JG}".encode()
_END, _BLANK, _IRI = b" .\n", b"_:", b"<"
_BATCH = 20_000


@dataclass(frozen=True)
class Census:
    """A graph, counted: its triples, the things they start at, those of each class, and the triples of each property.

    `digest` is its RDFC-1.0 hash, `terms` are the values that are terms or codes of the ontology.
    """

    digest: str
    triples: int
    subjects: int
    things: Mapping[str, int]
    properties: Mapping[str, int]
    terms: frozenset[str]


@dataclass(frozen=True)
class SortedQuads:
    """A data set in its canonical form, sorted lines in a file; the hash of the file is that of the data set."""

    path: Path
    sha256: str

    @classmethod
    def write(cls, quads: Iterable[Quad], path: Path) -> SortedQuads:
        """The quads in a new file.

        Raises
        ------
        InputError : they have so many blank nodes alike that naming them could take for ever.
        """
        return cls.write_lines(canonical_lines(quads), path)

    @classmethod
    def write_lines(cls, lines: Iterable[bytes], path: Path) -> SortedQuads:
        """Sorted lines in a new file."""
        digest, source = sha256(), iter(lines)
        with path.open("wb") as output:
            while text := b"".join(islice(source, _BATCH)):
                digest.update(text)
                output.write(text)
        return cls(path, digest.hexdigest())

    def lines(self) -> Iterator[bytes]:
        """The lines, from the first on."""
        with self.path.open("rb") as stream:
            yield from stream

    def quads(self) -> Iterator[Quad]:
        """The quads graph by graph, those of a thing together; the file is read once for each graph."""
        for graph in self.graphs:
            end = b" " + graph + _END if graph else _END  # tells most lines of other graphs, and quickly
            yield from iter_quads(line for line in self.lines() if line.endswith(end) and split_line(line)[3] == graph)

    def triples(self) -> Iterator[Triple]:
        """The triples of all graphs as one, each once, those of a thing together."""
        return (quad.triple for quad in iter_quads(_merged(self.lines())))

    def graph_lines(self) -> Iterator[bytes]:
        """The canonical N-Triples of all graphs as one, sorted.

        Raises
        ------
        InputError : there are so many blank nodes alike that naming them could take for ever.
        """
        possible = (line for line in self.lines() if _BLANK in line)
        blank = [line for line in _merged(possible) if _has_blank(line)]  # in one graph, they may get other names
        if not blank:
            return _merged(self.lines())
        named = (line for line in _merged(self.lines()) if not (_BLANK in line and _has_blank(line)))
        return heapq.merge(named, canonical_lines(iter_quads(blank)))

    @cached_property
    def graphs(self) -> Mapping[bytes, int]:
        """The quads of each graph by its name in N-Quads, which is empty for the unnamed one."""
        return dict(sorted(Counter(split_line(line)[3] for line in self.lines()).items()))

    @cached_property
    def census(self) -> Census:
        """All graphs as one, counted."""
        return take_census(self.graph_lines())


def _merged(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted lines without their graphs, each once."""
    last = None
    for line in lines:
        graph = split_line(line)[3]
        triple = line[: -len(graph) - len(_END) - 1] + _END if graph else line
        if triple != last:
            last = triple
            yield triple


def split_line(line: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    r"""The subject, property, value and graph of a line, as they stand there; the graph is empty for the unnamed one.

    >>> split_line(b'<urn:s> <urn:p> "a <b> ."@en <urn:g> .\n')
    (b'<urn:s>', b'<urn:p>', b'"a <b> ."@en', b'<urn:g>')
    >>> split_line(b'_:c14n0 <urn:p> <urn:o> .\n')
    (b'_:c14n0', b'<urn:p>', b'<urn:o>', b'')
    """
    subject, predicate, rest = line[: -len(_END)].split(b" ", 2)
    value, _, graph = rest.rpartition(b" ")
    # No IRI and no label has a quotation mark, and the last word of a literal has one.
    is_graph = value and graph.startswith((_IRI, _BLANK)) and b'"' not in graph
    return (subject, predicate, value, graph) if is_graph else (subject, predicate, rest, b"")


def take_census(lines: Iterable[bytes]) -> Census:
    """Count a graph by its canonical lines, in memory that does not grow with it."""
    digest = sha256()
    things: Counter[bytes] = Counter()
    properties: Counter[bytes] = Counter()
    terms: set[bytes] = set()
    subjects, last, source = 0, b"", iter(lines)
    while batch := list(islice(source, _BATCH)):
        digest.update(b"".join(batch))
        for line in batch:
            subject, predicate, rest = line.split(b" ", 2)
            properties[predicate] += 1
            if subject != last:
                subjects, last = subjects + 1, subject
            if predicate == _TYPE:
                things[rest[: -len(_END)]] += 1
            if rest.startswith(_TERM):
                terms.add(rest[: -len(_END)])
    counts = properties.total(), subjects, _by_iri(things), _by_iri(properties)
    return Census(digest.hexdigest(), *counts, frozenset(map(plain_iri, terms)))


def _has_blank(line: bytes) -> bool:
    subject, _, rest = line.split(b" ", 2)
    return subject.startswith(_BLANK) or rest.startswith(_BLANK)


def plain_iri(name: bytes) -> str:
    """The IRI that stands in a line; a blank node keeps its label."""
    return name.decode().removeprefix("<").removesuffix(">")


def _by_iri(counts: Mapping[bytes, int]) -> dict[str, int]:
    return {plain_iri(name): counts[name] for name in sorted(counts)}
