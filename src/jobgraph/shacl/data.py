"""Data files of a user as a store in memory, with every literal as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from jobgraph.errors import InputError
from jobgraph.shacl.literals import REWRITTEN, to_stored


def read_data(paths: Iterable[FilePath]) -> Store:
    """The triples of files, of all their graphs, in the unnamed graph of a store in memory.

    Where a literal is one that the store would rewrite, the store has a second graph with all data as it rewrites it:
    queries of shapes compute with numbers and dates.

    Raises
    ------
    InputError : a file cannot be read or does not parse, or its suffix is unknown.
    """
    quads = [quad for path in paths for quad in _iter_quads(path)]
    store = Store()
    written = [Quad(quad.subject, quad.predicate, to_stored(quad.object), DefaultGraph()) for quad in quads]
    store.bulk_extend(written)
    if any(quad.object != kept.object for quad, kept in zip(quads, written, strict=True)):
        store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object, REWRITTEN) for quad in quads)
    return store


def _iter_quads(path: FilePath) -> Iterator[Quad]:
    format_ = RdfFormat.from_extension(path.suffix.removeprefix("."))
    if format_ is None:
        raise InputError(f"{path}: {path.suffix or 'no suffix'} is no RDF format; name the file .ttl, .nt or another.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if format_ == RdfFormat.RDF_XML and b"<!DOCTYPE" in data:
        raise InputError(f"{path}: a document type has no place in RDF/XML here; remove <!DOCTYPE.")
    try:
        yield from parse(data, format_, base_iri=path.absolute().as_uri(), rename_blank_nodes=True)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise InputError(f"{path}{line}: {error.msg.rstrip('.')}. Correct the file and run again.") from error
