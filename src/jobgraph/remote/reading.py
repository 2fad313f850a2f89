"""The graphs of a generation read from an endpoint, and refused where they are not what was sent.

An endpoint may leave out triples and say nothing: Virtuoso cuts what its graph store answers at ResultSetMaxRows. Then
the graph is read in pages of that size, of which the digest shows whether they are all of it.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from jobgraph.errors import JobgraphError, RefusedError, SourceGoneError, StorageError
from jobgraph.remote.graph_set import Digest, Part

if TYPE_CHECKING:
    from jobgraph.exports.endpoint import Endpoint

_SMALLEST_PAGE = 100  # triples; an endpoint that hands out fewer is of no use


def read_part(endpoint: Endpoint, part: Part) -> Iterator[Triple]:
    """The triples of a graph in no order, from a file while they are read.

    Raises
    ------
    RefusedError : at the end, where they are not what was sent.
    SourceGoneError, UsageError : the endpoint fails, or refuses.
    StorageError : the disk for temporary files is full.
    """
    digest = Digest()
    for triple in _iter_triples(endpoint, part):
        digest.add(triple)
        yield triple
    found = digest.part(part.graph)
    if found.triples != part.triples:
        raise RefusedError(
            f"The endpoint hands out {found.triples:,} of the {part.triples:,} triples of {part.graph}: it was removed "
            "meanwhile, or the endpoint limits what it answers (ResultSetMaxRows of Virtuoso). Run again."
        )
    if found != part:
        raise RefusedError(
            f"The endpoint hands out other triples of {part.graph} than it was sent: it rewrites values, such as "
            "decimals of more than 15 digits or language tags with capitals (Virtuoso), or somebody wrote to it."
        )


def _iter_triples(endpoint: Endpoint, part: Part) -> Iterator[Triple]:
    if not part.triples:
        return
    with _temporary_file() as content:
        endpoint.copy_graph(NamedNode(part.graph), content)
        count = _line_count(content)
        if count >= part.triples or count < _SMALLEST_PAGE:
            yield from _parsed(endpoint, content)
            return
        for offset in range(0, part.triples, count):
            # In the order of its index: an ORDER BY over more than 10,000 rows is refused by Virtuoso.
            every = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{part.graph}> {{ ?s ?p ?o }} }}"
            endpoint.copy_triples(f"{every} LIMIT {count} OFFSET {offset}", content)
            yield from _parsed(endpoint, content)


@contextmanager
def _temporary_file() -> Iterator[IO[bytes]]:
    try:
        with tempfile.TemporaryFile() as content:
            yield content
    except OSError as error:
        if isinstance(error, JobgraphError) or error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise StorageError(
            f"{tempfile.gettempdir()} is full; free some space, or set TMPDIR to another folder. Nothing was changed."
        ) from error


def _line_count(content: IO[bytes]) -> int:
    content.seek(0)
    return sum(line.startswith(b"<") for line in content)


def _parsed(endpoint: Endpoint, content: IO[bytes]) -> Iterator[Triple]:
    content.seek(0)
    try:
        for quad in parse(content, RdfFormat.N_TRIPLES):
            yield Triple(quad.subject, quad.predicate, quad.object)
    except SyntaxError as error:
        address = endpoint.addresses.graphs
        raise SourceGoneError(
            f"{address} answers with no N-Triples ({error.msg}); check that it is a graph store."
        ) from None
