"""One measurement of an export, as a process of its own; prints its figures as JSON.

python -m tests.benchmarks.export_formats beside_bare FORMAT STORE
python -m tests.benchmarks.export_formats stream FORMAT STORE
python -m tests.benchmarks.export_formats rdflib FORMAT FILE.nq
python -m tests.benchmarks.export_formats hash plain|blank QUADS
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from jobgraph.exports.canonical import dataset_hash
from jobgraph.exports.formats import FORMATS, write_format
from jobgraph.exports.json_ld_context import read_context
from jobgraph.exports.profile import Format
from jobgraph.vocabulary import Vocabulary

BARE = {
    "turtle": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "jsonld-compact": RdfFormat.JSON_LD,
}
RDFLIB = {"turtle": "turtle", "nquads": "nquads", "jsonld": "json-ld", "jsonld-compact": "json-ld"}
ROUNDS = 3


class Nowhere(io.BytesIO):
    """Takes bytes and keeps none, so that the disk has no say."""

    def write(self, data: object, /) -> int:
        return memoryview(cast("bytes", data)).nbytes


@dataclass
class Kept:
    """Statements in memory, as a selection gives them."""

    kept_quads: list[Quad]
    kept_triples: list[Triple]

    def quads(self) -> Iterable[Quad]:
        return self.kept_quads

    def triples(self) -> Iterable[Triple]:
        return self.kept_triples


@dataclass
class Streamed:
    """The statements of a store, graph by graph in its order, which is by subject; nothing is kept."""

    store: Store

    def quads(self) -> Iterator[Quad]:
        for graph in sorted(self.store.named_graphs(), key=str):
            yield from self.store.quads_for_pattern(None, None, None, graph)

    def triples(self) -> Iterator[Triple]:
        return (quad.triple for quad in self.quads())


def beside_bare(format_: Format, path: str) -> dict[str, float]:
    """Seconds of pyoxigraph's serialiser and of ours for the same statements in memory, in turn, the best of each."""
    quads = list(Streamed(Store.read_only(path)).quads())
    kept = Kept(quads, [quad.triple for quad in quads])
    statements = quads if BARE[format_].supports_datasets else kept.kept_triples
    context = read_context(Vocabulary(), address="context.jsonld")
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(seconds(lambda: serialize(statements, Nowhere(), BARE[format_])))
        ours.append(seconds(lambda: write_format(kept, format_, Nowhere(), context=context)))
    return {"quads": len(quads), "bare": min(bare), "ours": min(ours)}


def stream(format_: Format, path: str) -> dict[str, float]:
    """Seconds from the store to the end of the file; the peak memory of this process is that of a whole export."""
    selection = Streamed(Store.read_only(path))
    context = read_context(Vocabulary(), address="context.jsonld")
    return {"ours": seconds(lambda: write_format(selection, format_, Nowhere(), context=context))}


def by_rdflib(format_: Format, path: str) -> dict[str, float]:
    """Seconds to load N-Quads into rdflib, and to write them from there."""
    import rdflib

    data = rdflib.Dataset() if FORMATS[format_].has_graphs else rdflib.Graph()
    source = "nquads" if FORMATS[format_].has_graphs else "nt"
    load = seconds(lambda: data.parse(path, format=source))
    output = cast("BinaryIO", Nowhere())
    return {"load": load, "rdflib": seconds(lambda: data.serialize(output, format=RDFLIB[format_]))}


def hash_quads(kind: str, count: int) -> dict[str, float]:
    """Seconds to hash quads, each third about a blank node where the kind is that."""
    return {"ours": seconds(lambda: dataset_hash(made_quads(kind, count)))}


def made_quads(kind: str, count: int) -> Iterator[Quad]:
    graph, about, link = (NamedNode(f"https://example.com/{name}") for name in ("graph", "about", "link"))
    for number in range(0, count, 3):
        thing = NamedNode(f"https://example.com/thing/{number}")
        inner = BlankNode(f"b{number}") if kind == "blank" else NamedNode(f"https://example.com/inner/{number}")
        yield Quad(thing, link, inner, graph)
        yield Quad(inner, about, Literal(f"the text of number {number}"), graph)
        yield Quad(thing, about, Literal(f"another text of number {number}"), graph)


def seconds(work: Callable[[], object]) -> float:
    """Of processor, so that what else the machine does has little say."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    what, first, second = sys.argv[1:]
    if what == "hash":
        figures = hash_quads(first, int(second))
    else:
        measure = {"beside_bare": beside_bare, "stream": stream, "rdflib": by_rdflib}[what]
        figures = measure(cast("Format", first), second)
    sys.stdout.write(json.dumps(figures))
