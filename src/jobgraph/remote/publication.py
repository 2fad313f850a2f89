"""A generation of this machine published at an endpoint: sent graph by graph, read back, then switched to."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, Triple, serialize

from jobgraph.errors import JobgraphError, RefusedError
from jobgraph.pipeline import Progress
from jobgraph.remote.files import file_triples
from jobgraph.remote.graph_set import GraphSet, Part, part_of
from jobgraph.remote.names import RemoteNames
from jobgraph.remote.pointer import Pointer
from jobgraph.remote.reading import read_part
from jobgraph.store import Generation
from jobgraph.store.sums import SUMS

if TYPE_CHECKING:
    from jobgraph.exports.endpoint import Endpoint

PIECE = 20_000  # triples in one request, about 4 MB


@dataclass(frozen=True)
class Sent:
    """A generation that is whole at the endpoint and not published, and the one that is."""

    new: GraphSet
    old: GraphSet | None


def publish(endpoint: Endpoint, names: RemoteNames, generation: Generation, progress: Progress) -> GraphSet:
    """Send a generation and switch to it.

    Raises
    ------
    SourceGoneError, UsageError : the endpoint fails or refuses; what it published before stays.
    RefusedError : it does not give back what it was sent, or another writer was faster; the same.
    """
    with sent(endpoint, names, generation, progress) as ready:
        Pointer(endpoint, names).switch(ready.new, ready.old)
    return ready.new


@contextmanager
def sent(endpoint: Endpoint, names: RemoteNames, generation: Generation, progress: Progress) -> Iterator[Sent]:
    """Send a generation, to switch to in the block; where that fails, it is removed again, if the endpoint lets us.

    Raises
    ------
    SourceGoneError, UsageError, RefusedError : as for `publish`.
    """
    pointer = Pointer(endpoint, names)
    old = pointer.current()
    number = max((each.number for each in pointer.generations()), default=0) + 1
    with generation.open() as store:
        new = _described(store, generation, names, number, old)
        pointer.announce(new)
        try:
            progress("send", 0, "triples")
            for local, part in new.graphs.items():
                _send(endpoint, part, _triples(store, local, names), progress)
            _send(endpoint, new.files, file_triples(new.files.graph, _files(generation)), progress)
            pointer.confirm(new)
            yield Sent(new, old)
        except JobgraphError:
            with suppress(JobgraphError):
                _remove_unless_published(pointer, new)
            raise


def _remove_unless_published(pointer: Pointer, new: GraphSet) -> None:
    """Remove what failed, unless its switch took place although it seemed to fail."""
    current = pointer.current()
    if current is None or current.iri != new.iri:
        pointer.remove(new)


def _described(store: Store, generation: Generation, names: RemoteNames, number: int, old: GraphSet | None) -> GraphSet:
    """What is going to be sent; reads the store once."""
    name = f"{number:06}"
    iri = names.generation(name, secrets.token_hex(4))
    locals_ = ["", *sorted(graph.value for graph in store.named_graphs())]
    parts = ((local, part_of(names.graph(iri, local), _triples(store, local, names))) for local in locals_)
    graphs = {local: part for local, part in parts if part.triples}
    files = names.files(iri)
    manifest = {**generation.manifest, "generation": name, "parent": old.name if old else None}
    return GraphSet(iri, manifest, graphs, part_of(files, file_triples(files, _files(generation))))


def _files(generation: Generation) -> list[Path]:
    """What the maker of a generation put beside its store; the hashes of files on this disk are of no use elsewhere."""
    left_out = {"manifest.json", SUMS}
    return sorted(path for path in generation.path.iterdir() if path.is_file() and path.name not in left_out)


def _triples(store: Store, local: str, names: RemoteNames) -> Iterator[Triple]:
    graph = NamedNode(local) if local else DefaultGraph()
    return (names.to_remote(quad.triple) for quad in store.quads_for_pattern(None, None, None, graph))


def _send(endpoint: Endpoint, part: Part, triples: Iterable[Triple], progress: Progress) -> None:
    """Send a graph in pieces, and see whether the endpoint has exactly that."""
    rest = iter(triples)
    while piece := list(islice(rest, PIECE)):
        content = serialize(piece, format=RdfFormat.N_TRIPLES) or b""  # which is Turtle, too
        endpoint.add_triples(NamedNode(part.graph), content, repeats=True)
        progress("send", len(piece), "triples")
    found = endpoint.count(NamedNode(part.graph))
    if found != part.triples:
        raise RefusedError(
            f"The endpoint made {found:,} triples of the {part.triples:,} that were sent for {part.graph}; nothing was "
            "switched. See whether it merges values."
        )
    deque(read_part(endpoint, part), maxlen=0)
