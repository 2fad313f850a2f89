"""RDF that a request brings, loaded into one graph of a store."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from jobgraph.errors import InputError, UsageError
from jobgraph.store import GraphName

_DOCTYPE = b"<!doctype"
_PLACE = re.compile(r"^Parser error at line [^:]*: ")
_SMALL_BYTES = 1 << 20  # up to which a transaction is faster than bulk loading, which waits for the disk


def load_body(store: Store, body: bytes | IO[bytes], format_: RdfFormat, graph: GraphName, base: str | None) -> None:
    """Add the triples of `body` to `graph`; its blank nodes are new ones. Not atomic: load into a draft.

    Parameters
    ----------
    base : what relative IRIs start from; without it they are an error.

    Raises
    ------
    InputError : the body does not parse (the sentence says line and column), or asks for what lies elsewhere.
    UsageError : it names another graph.
    """
    is_small = isinstance(body, bytes) and len(body) <= _SMALL_BYTES
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    with _syntax_errors(format_):
        if format_.supports_datasets:
            quads = _iter_quads(stream, format_, graph, base)
            (store.extend if is_small else store.bulk_extend)(quads)
            return
        source = cast("IO[bytes]", _Screened(stream)) if format_ == RdfFormat.RDF_XML else stream
        (store.load if is_small else store.bulk_load)(source, format_, base_iri=base, to_graph=graph)


def _iter_quads(stream: IO[bytes], format_: RdfFormat, graph: GraphName, base: str | None) -> Iterator[Quad]:
    for quad in parse(stream, format_, base_iri=base, rename_blank_nodes=True):
        if quad.graph_name not in (DefaultGraph(), graph):
            raise UsageError(f"The body names the graph {quad.graph_name}; name none, or the one that is written to.")
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


class _Screened(io.RawIOBase):
    """A stream of XML that ends with an error where a document type begins: its entities can grow without end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._tail = stream, b""

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Raises
        ------
        InputError : they hold a document type.
        """
        chunk = self._stream.read(size)
        seen = self._tail + chunk.lower()
        if _DOCTYPE in seen:
            raise InputError("The body has a document type, which has no place in RDF/XML here; remove <!DOCTYPE.")
        self._tail = seen[1 - len(_DOCTYPE) :]
        return chunk


@contextmanager
def _syntax_errors(format_: RdfFormat) -> Iterator[None]:
    """Raise what the parser says as an InputError, with the place where the parser knows it."""
    try:
        yield
    except SyntaxError as error:
        reason = _PLACE.sub("", error.msg.rstrip("."))
        if "LoadDocumentCallback" in reason:
            raise InputError("The body has a context on the web, and nothing is fetched; write it out.") from error
        place = f" at line {error.lineno}, column {error.offset}" if error.lineno else ""
        raise InputError(f"The body is no {format_.name}{place}: {reason}.") from error
