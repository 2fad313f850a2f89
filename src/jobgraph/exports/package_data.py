"""The data in a package: read from its files, and held to a contract."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from backports import zstd
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from jobgraph.errors import PackageError
from jobgraph.exports.compression import SUFFIXES, Compression, decompressed
from jobgraph.exports.losses import GRAPHS
from jobgraph.exports.manifest import FileFacts, Manifest
from jobgraph.exports.package_files import PackageFiles
from jobgraph.exports.sorted_data import SortedQuads
from jobgraph.shacl import Result, Shapes, validate
from jobgraph.store import GraphName

# The formats that are read back, the quickest and those with graphs first.
READ_BACK: Mapping[str, RdfFormat] = {
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "ntriples": RdfFormat.N_TRIPLES,
    "turtle": RdfFormat.TURTLE,
    "rdfxml": RdfFormat.RDF_XML,
}
WITH_GRAPHS = frozenset(name for name, format_ in READ_BACK.items() if format_.supports_datasets)
_AT_ONCE = 100_000  # quads that go to a store together; each time waits for the disk
_MOST_IN_MEMORY = 1_500_000  # quads of a store in memory; a million takes 400 MB
_DOCTYPE = b"<!DOCTYPE"


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
    store, source = Store(os.fspath(path)), iter(quads)
    while batch := list(islice(source, _AT_ONCE)):  # in pieces: a million at once takes 1.2 GB
        store.bulk_extend(batch)
    return store


def load_store(data: SortedQuads, path: Path) -> Store:
    """A store with a data set: in memory, which takes half the time, or at `path` where it is too large for that.

    Raises
    ------
    OSError : the disk is full.
    """
    is_large = sum(data.graphs.values()) > _MOST_IN_MEMORY
    store, lines = Store(os.fspath(path)) if is_large else Store(), data.lines()
    while text := b"".join(islice(lines, _AT_ONCE)):
        store.bulk_load(text, RdfFormat.N_QUADS)
    return store


def readable_files(manifest: Manifest) -> list[str]:
    """The names of the files with data that are read back as quads, best first; all the data are in each."""
    order = list(READ_BACK)
    found = [name for name, file in manifest.files.items() if file.format in READ_BACK and _has_all(manifest, file)]
    return sorted(found, key=lambda name: (order.index(manifest.files[name].format), name))


def _has_all(manifest: Manifest, file: FileFacts) -> bool:
    """Whether a file has all the data; a format without graphs has all of them as one graph."""
    return all(loss.startswith(GRAPHS) for loss in manifest.losses.get(file.format, ()))


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


def graph_iri(quad: Quad) -> str:
    """The IRI of the graph of a quad, '' for the unnamed one."""
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
