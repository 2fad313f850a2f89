"""The RDF formats of exports: what each is called, how it is written as a stream, and what it cannot say.

What a format cannot say is left out, counted and named, so that a reader learns of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Triple, serialize

from jobgraph.errors import UsageError
from jobgraph.exports.jelly import write_jelly
from jobgraph.exports.json_ld_compact import PREFIXED
from jobgraph.exports.json_ld_context import Context
from jobgraph.exports.json_ld_expanded import write_expanded
from jobgraph.exports.json_ld_frame import read_frame
from jobgraph.exports.json_ld_framed import UNFRAMED, write_framed
from jobgraph.exports.json_ld_writing import write_compact
from jobgraph.exports.losses import GRAPHS, Loss, Losses
from jobgraph.exports.profile import Format
from jobgraph.exports.rdf_xml import iter_fit_for_xml
from jobgraph.store import PREFIXES
from jobgraph.store.rdf_xml import CLASS, PROPERTY, TEXT

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Write: TypeAlias = "Callable[[Statements, BinaryIO, Wishes], list[Loss]]"


class Statements(Protocol):
    """What is written: a selection, or what can be read as one."""

    def quads(self) -> Iterable[Quad]:
        """The statements with their graphs, grouped by graph, then by subject, then by property."""

    def triples(self) -> Iterable[Triple]:
        """The statements of all graphs, each once, grouped by subject, then by property."""


@dataclass(frozen=True)
class Wishes:
    """What only some formats need: the JSON-LD context, and the frame of a profile that has one."""

    context: Context
    frame: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class FormatWriter:
    """A format.

    Parameters
    ----------
    suffix : of its files, with the dot.
    write : writes statements and returns what was left out.
    losses : all that it cannot say, in words.
    """

    name: Format
    suffix: str
    media_type: str
    write: Write
    losses: tuple[str, ...] = ()

    @property
    def has_graphs(self) -> bool:
        """Whether it says in which graph a statement stands."""
        return GRAPHS not in self.losses


def write_format(
    selection: Statements,
    format_: Format,
    output: BinaryIO,
    *,
    context: Context,
    frame: Mapping[str, Any] | None = None,
) -> list[Loss]:
    """Write a selection in a format, as a stream; what the format could not say and is left out, with counts.

    Parameters
    ----------
    context : for compact and framed JSON-LD; its `address` is what the file calls it, as it is seen from there.
    frame : for framed JSON-LD; None gives each thing with what it links to by name.

    Raises
    ------
    UsageError : the format is not one of RDF, its library is not installed, or the frame cannot be used.
    """
    try:
        writer = FORMATS[format_]
    except KeyError as error:
        raise UsageError(f"{format_!r} is no RDF format; choose one of {', '.join(FORMATS)}.") from error
    return writer.write(selection, output, Wishes(context, frame))


def find_losses(
    selection: Statements, format_: Format, *, context: Context, frame: Mapping[str, Any] | None = None
) -> list[Loss]:
    """What a format cannot say of a selection, with counts: all that `write_format` would leave out.

    Raises
    ------
    UsageError : as `write_format` raises it.
    """
    return write_format(selection, format_, _Nowhere(), context=context, frame=frame)


class _Nowhere(io.BytesIO):
    """Where what is written only to count is put."""

    def write(self, data: Buffer, /) -> int:
        return memoryview(data).nbytes


def _with_graphs(format_: RdfFormat) -> Write:
    def write(selection: Statements, output: BinaryIO, _: Wishes) -> list[Loss]:
        serialize(selection.quads(), output, format_, prefixes=dict(PREFIXES))
        return []

    return write


def _without_graphs(format_: RdfFormat) -> Write:
    def write(selection: Statements, output: BinaryIO, _: Wishes) -> list[Loss]:
        losses = Losses()
        triples = _merged(selection, losses)
        if format_ == RdfFormat.RDF_XML:
            triples = iter_fit_for_xml(triples, losses)
        serialize(triples, output, format_, prefixes=dict(PREFIXES))
        return losses.found()

    return write


def _merged(selection: Statements, losses: Losses) -> Iterator[Triple]:
    """The triples of all graphs; each counts as a loss where graphs have names."""
    has_names = any(not isinstance(quad.graph_name, DefaultGraph) for quad in selection.quads())
    count = 0
    for triple in selection.triples():
        count += 1
        yield triple
    losses.add_many(GRAPHS, count if has_names else 0)


def _expanded(selection: Statements, output: BinaryIO, _: Wishes) -> list[Loss]:
    write_expanded(selection.quads(), output)
    return []


def _compact(selection: Statements, output: BinaryIO, wishes: Wishes) -> list[Loss]:
    losses = Losses()
    write_compact(selection.quads(), wishes.context, output, losses)
    return losses.found()


def _framed(selection: Statements, output: BinaryIO, wishes: Wishes) -> list[Loss]:
    asked, context, losses = wishes.frame, wishes.context, Losses()
    frame = None if asked is None else read_frame(asked, context)
    write_framed(_merged(selection, losses), frame, context, output, losses)
    return losses.found()


def _jelly(selection: Statements, output: BinaryIO, _: Wishes) -> list[Loss]:
    write_jelly(selection.quads(), output)
    return []


_JSON_LD = RdfFormat.JSON_LD.media_type
_FORM = f'{_JSON_LD};profile="http://www.w3.org/ns/json-ld#{{}}"'
FORMATS: Mapping[Format, FormatWriter] = {
    format_.name: format_
    for format_ in (
        FormatWriter("turtle", ".ttl", "text/turtle", _without_graphs(RdfFormat.TURTLE), (GRAPHS,)),
        FormatWriter("trig", ".trig", "application/trig", _with_graphs(RdfFormat.TRIG)),
        FormatWriter("ntriples", ".nt", "application/n-triples", _without_graphs(RdfFormat.N_TRIPLES), (GRAPHS,)),
        FormatWriter("nquads", ".nq", "application/n-quads", _with_graphs(RdfFormat.N_QUADS)),
        FormatWriter(
            "rdfxml",
            ".rdf",
            "application/rdf+xml",
            _without_graphs(RdfFormat.RDF_XML),
            (GRAPHS, CLASS, PROPERTY, TEXT),
        ),
        FormatWriter("jsonld", ".jsonld", _FORM.format("expanded"), _expanded),
        FormatWriter("jsonld-compact", ".compact.jsonld", _FORM.format("compacted"), _compact, (PREFIXED,)),
        FormatWriter("jsonld-framed", ".framed.jsonld", _FORM.format("framed"), _framed, (GRAPHS, PREFIXED, UNFRAMED)),
        FormatWriter("jelly", ".jelly", "application/x-jelly-rdf", _jelly),
    )
}
