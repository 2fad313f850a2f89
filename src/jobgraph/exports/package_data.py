"""The data in a package: read from its files, counted, hashed, and held to a contract."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO, cast

from backports import zstd
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

from jobgraph.errors import PackageError
from jobgraph.exports.canonical import canonical_lines
from jobgraph.exports.compression import SUFFIXES, Compression, decompressed
from jobgraph.exports.manifest import FileFacts, Manifest
from jobgraph.exports.package_files import PackageFiles
from jobgraph.shacl import Result, Shapes, validate
from jobgraph.store import GraphName
from jobgraph.vocabulary import RDF

# The formats that are read back, the quickest and those with graphs first.
READ_BACK: Mapping[str, RdfFormat] = {
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "ntriples": RdfFormat.N_TRIPLES,
    "turtle": RdfFormat.TURTLE,
    "rdfxml": RdfFormat.RDF_XML,
}
_AT_ONCE = 100_000  # quads that go to a store together; each time waits for the disk
_TYPE = f"<{RDF}type>".encode()
_DOCTYPE = b"<!DOCTYPE"


@dataclass(frozen=True)
class Census:
    """A graph, counted: its triples, the things they start at, those of each class, and the triples of each property.

    `digest` is its RDFC-1.0 hash.
    """

    digest: str
    triples: int
    subjects: int
    things: Mapping[str, int]
    properties: Mapping[str, int]


def take_census(triples: Iterable[Triple]) -> Census:
    """Count a graph, in which a triple counts once, in memory that does not grow with it.

    Raises
    ------
    InputError : it has so many blank nodes alike that naming them could take for ever.
    """
    digest = sha256()
    things: Counter[bytes] = Counter()
    properties: Counter[bytes] = Counter()
    subjects = 0
    lines = canonical_lines(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    for _, about in groupby(lines, key=lambda line: line.partition(b" ")[0]):  # canonical lines are sorted
        subjects += 1
        for line in about:
            digest.update(line)
            _, predicate, rest = line.split(b" ", 2)
            properties[predicate] += 1
            if predicate == _TYPE:
                things[rest.rpartition(b" ")[0]] += 1
    return Census(digest.hexdigest(), properties.total(), subjects, _by_iri(things), _by_iri(properties))


def broken(store: Store, shapes: Shapes) -> list[Result]:
    """What all graphs of a store, seen as one, break of some shapes.

    Raises
    ------
    InputError : a shape cannot be evaluated.
    """
    graphs: list[GraphName] = [*sorted(store.named_graphs(), key=str), DefaultGraph()]
    return validate(store, graphs, shapes).results


def fill_store(path: Path, quads: Iterable[Quad]) -> Store:
    """A new store on disk with some quads.

    Raises
    ------
    OSError : the disk is full.
    """
    store = Store(os.fspath(path))
    deque(iter_stored(quads, store), maxlen=0)  # in pieces: a million at once takes 1.2 GB
    return store


def iter_stored(quads: Iterable[Quad], store: Store) -> Iterator[Quad]:
    """The quads, which are in the store once the last was read; so that those who make them are asked once."""
    source = iter(quads)
    while batch := list(islice(source, _AT_ONCE)):
        store.bulk_extend(batch)
        yield from batch


def readable_files(manifest: Manifest) -> list[str]:
    """The names of the data files that can be read back as quads, best first."""
    order = list(READ_BACK)
    found = [name for name, file in manifest.files.items() if file.format in READ_BACK]
    return sorted(found, key=lambda name: (order.index(manifest.files[name].format), name))


def iter_quads(files: PackageFiles, name: str, file: FileFacts) -> Iterator[Quad]:
    """The quads of a data file, in its order.

    Raises
    ------
    PackageError : it cannot be unpacked, is larger than the manifest says, or does not parse.
    """
    with _unpacked(files, name, file) as stream:
        yield from parse(stream, READ_BACK[file.format])  # type: ignore[arg-type]  # it needs no more than read()


def iter_unpacked(files: PackageFiles, name: str, file: FileFacts) -> Iterator[bytes]:
    """What is in a packed file, in pieces.

    Raises
    ------
    PackageError : it cannot be unpacked, or is larger than the manifest says.
    """
    with _unpacked(files, name, file) as stream:
        while piece := stream.read(1 << 20):
            yield piece


def compression_of(name: str) -> Compression:
    """How a file is packed, by its name."""
    return next((kind for kind, suffix in SUFFIXES.items() if suffix and name.endswith(suffix)), "none")


@contextmanager
def _unpacked(files: PackageFiles, name: str, file: FileFacts) -> Iterator[_Bounded]:
    with (
        files.open(name) as packed,
        _data_errors(files.location, name),
        decompressed(cast("BinaryIO", packed), compression_of(name)) as stream,
    ):
        yield _Bounded(stream, files.location, name, (file.content or file).size)


class _Bounded:
    """A stream that ends with an error where there is more in it than there should be."""

    def __init__(self, stream: BinaryIO, location: Path, name: str, size: int) -> None:
        self._stream, self._location, self._name = stream, location, name
        self._left = size
        self._is_xml = ".rdf" in name
        self._end = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; one more than there should be are asked for, to know."""
        most = self._left + 1
        piece = self._stream.read(most if size < 0 else min(size, most))
        self._left -= len(piece)
        if self._left < 0:
            raise PackageError(self._location, f"has more in {self._name} than its manifest says")
        if self._is_xml:
            self._refuse_document_type(piece)
        return piece

    def _refuse_document_type(self, piece: bytes) -> None:
        """Entities that a document type declares can grow without end."""
        if _DOCTYPE in self._end + piece:
            raise PackageError(self._location, f"has a document type in {self._name}, which has no place there")
        self._end = piece[-len(_DOCTYPE) :]


@contextmanager
def _data_errors(location: Path, name: str) -> Iterator[None]:
    """Raise what reading and parsing say in the body as a PackageError."""
    try:
        yield
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise PackageError(location, f"has data that do not parse, in {name}{line}: {error.msg.rstrip('.')}") from error
    except (zstd.ZstdError, EOFError, OSError) as error:
        raise PackageError(location, f"cannot be unpacked, at {name}: {error}") from error


def _by_iri(counts: Mapping[bytes, int]) -> dict[str, int]:
    return {name.decode().removeprefix("<").removesuffix(">"): counts[name] for name in sorted(counts)}


def graph_iri(quad: Quad) -> str:
    """The IRI of the graph of a quad, '' for the unnamed one."""
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
