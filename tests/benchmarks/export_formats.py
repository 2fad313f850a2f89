"""One measurement of an export, as a process of its own; prints its figures as JSON.

python -m tests.benchmarks.export_formats from_store FORMAT HOME
python -m tests.benchmarks.export_formats from_memory FORMAT HOME
python -m tests.benchmarks.export_formats rdflib FORMAT HOME
python -m tests.benchmarks.export_formats stream FORMAT HOME
python -m tests.benchmarks.export_formats hash plain|blank QUADS
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from jobgraph.exports import Selection, read_profile
from jobgraph.exports.canonical import dataset_hash
from jobgraph.exports.formats import FORMATS, write_format
from jobgraph.exports.json_ld_context import read_context
from jobgraph.exports.profile import Format
from jobgraph.store import Generation, Home
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
ROUNDS, TENTH = 3, 10


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


def current(home: str) -> Generation:
    """The published generation of the one tenant."""
    found = Home(Path(home))
    generation = found.tenant(found.tenants()[0]).current()
    assert generation
    return generation


def from_store(format_: Format, home: str) -> dict[str, float]:
    """Seconds to write a store as it is, and to select all of it and write that: both read and write."""
    generation, vocabulary = current(home), Vocabulary()
    context = read_context(vocabulary, address="context.jsonld")
    with generation.open() as store:
        graphs = [None] if BARE[format_].supports_datasets else sorted(store.named_graphs(), key=str)
        bare = seconds(lambda: [store.dump(Nowhere(), BARE[format_], from_graph=graph) for graph in graphs])
        profile = read_profile("full", vocabulary=vocabulary)
        selection = Selection(store, generation, profile, vocabulary=vocabulary)
        ours = seconds(lambda: write_format(selection, format_, Nowhere(), context=context))
        return {"quads": selection.counts.triples, "bare": bare, "ours": ours}


def from_memory(format_: Format, home: str) -> dict[str, float]:
    """Seconds of pyoxigraph's serialiser and of ours for the same statements in memory, in turn, the best of each."""
    with current(home).open() as store:
        return _from_memory(format_, list(Streamed(store).quads()))


def _from_memory(format_: Format, quads: list[Quad]) -> dict[str, float]:
    kept = Kept(quads, [quad.triple for quad in quads])
    statements = quads if BARE[format_].supports_datasets else kept.kept_triples
    context = read_context(Vocabulary(), address="context.jsonld")
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(seconds(lambda: serialize(statements, Nowhere(), BARE[format_])))
        ours.append(seconds(lambda: write_format(kept, format_, Nowhere(), context=context)))
    return {"quads": len(quads), "bare": min(bare), "ours": min(ours)}


def by_rdflib(format_: Format, home: str) -> dict[str, float]:
    """Seconds of ours and of rdflib for the same tenth of the statements; rdflib's to load them, which it has to."""
    import rdflib

    with current(home).open() as store:
        every = list(Streamed(store).quads())
    tenth = every[: len(every) // TENTH]
    data = rdflib.Dataset() if FORMATS[format_].has_graphs else rdflib.Graph()
    source = RdfFormat.N_QUADS if FORMATS[format_].has_graphs else RdfFormat.N_TRIPLES
    text = serialize(tenth if source.supports_datasets else [quad.triple for quad in tenth], format=source)
    name = "nquads" if source.supports_datasets else "nt"
    load = seconds(lambda: data.parse(data=text, format=name))
    output = cast("BinaryIO", Nowhere())
    written = seconds(lambda: data.serialize(output, format=RDFLIB[format_]))
    return {**_from_memory(format_, tenth), "load": load, "rdflib": written}


def stream(format_: Format, home: str) -> dict[str, float]:
    """Seconds from the store to the end of the file; the peak memory of this process is that of a whole export."""
    context = read_context(Vocabulary(), address="context.jsonld")
    with current(home).open() as store:
        selection = Streamed(store)
        return {"ours": seconds(lambda: write_format(selection, format_, Nowhere(), context=context))}


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
        measures = {"from_store": from_store, "from_memory": from_memory, "stream": stream, "rdflib": by_rdflib}
        measure = measures[what]
        figures = measure(cast("Format", first), second)
    sys.stdout.write(json.dumps(figures))
