"""Jelly, a binary format of RDF, https://w3id.org/jelly/; its library is an extra."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any, BinaryIO

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from jobgraph.errors import UsageError
from jobgraph.vocabulary import RDF, XSD

_PLAIN = {XSD + "string", RDF + "langString"}
_FRAME_SIZE = 1_000  # statements in one piece
_MOST_KEPT = 100_000  # names that are kept ready


def has_library() -> bool:
    """Whether Jelly can be written here."""
    return find_spec("pyjelly") is not None


def write_jelly(quads: Iterable[Quad], output: BinaryIO) -> None:
    """Write quads as a stream of pieces.

    Raises
    ------
    UsageError : the library is not installed.
    """
    if not has_library():
        raise UsageError("Jelly needs the package pyjelly; install it with: pip install 'jobgraph[jelly]'.")
    from pyjelly import jelly
    from pyjelly.integrations.generic.serialize import GenericSinkTermEncoder, quads_stream_frames
    from pyjelly.options import StreamParameters
    from pyjelly.serialize.ioutils import write_delimited
    from pyjelly.serialize.streams import QuadStream, SerializerOptions

    options = SerializerOptions(
        frame_size=_FRAME_SIZE,
        logical_type=jelly.LOGICAL_STREAM_TYPE_FLAT_QUADS,
        params=StreamParameters(),
    )
    encoder = GenericSinkTermEncoder(lookup_preset=options.lookup_preset)
    stream = QuadStream(encoder=encoder, options=options)
    for frame in quads_stream_frames(stream, _statements(quads)):
        write_delimited(frame, output)


def _statements(quads: Iterable[Quad]) -> Iterator[Any]:
    from pyjelly.integrations.generic import generic_sink as sink

    kept: dict[str, Any] = {}

    def named(iri: str) -> Any:  # noqa: ANN401  # the library has no types
        if len(kept) > _MOST_KEPT:
            kept.clear()
        return kept.get(iri) or kept.setdefault(iri, sink.IRI(iri))

    def said(term: object) -> Any:  # noqa: ANN401
        if isinstance(term, NamedNode):
            return named(term.value)
        if isinstance(term, BlankNode):
            return sink.BlankNode(term.value)
        if isinstance(term, Literal):
            datatype = term.datatype.value
            return sink.Literal(term.value, term.language, None if datatype in _PLAIN else datatype)
        return sink.DefaultGraph

    for quad in quads:
        yield sink.Quad(*(said(term) for term in quad))
