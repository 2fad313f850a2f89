"""Oxigraph stores on disk, their folders and their content: seal, copy, count, describe."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from jobgraph.errors import UsageError
from jobgraph.store.durable import storage_errors
from jobgraph.store.graphs import GraphName, GraphNames

_FEW = 5_000  # quads up to which a transaction is faster than bulk loading, which waits for the disk
_LOCK = "LOCK"  # is there from the first time that a store is opened for writing
_NO_DATA = re.compile(rf"{_LOCK}|LOG(\.old.*)?")
_FLUSHED = re.compile(rf"{_NO_DATA.pattern}|\d+\.log")  # of a store that was flushed, no log of writes has data either


@dataclass(frozen=True)
class Description:
    """What is said about one thing: the triples that start at it, and those that lead to it."""

    outgoing: list[Triple]
    incoming: list[Triple]


def seal(store_path: Path, *, is_flushed: bool = False) -> None:
    """Write what the store still has in its log to its data files, and leave nothing but data in its folder.

    No variable may hold the store open any more. Where there is no store, an empty one is made. One that was sealed
    and not opened since stays as it is.

    Parameters
    ----------
    is_flushed : nothing was written after `Store.flush`, so the store need not be opened to be sealed.

    Raises
    ------
    StorageError : the store is still open, or the disk is full.
    """
    with storage_errors(store_path):
        if store_path.exists() and not (store_path / _LOCK).exists():
            return
        if not is_flushed:
            Store(os.fspath(store_path)).flush()
        for path in store_path.iterdir():
            if (_FLUSHED if is_flushed else _NO_DATA).fullmatch(path.name):
                path.unlink()


def copy_store(source: Path, target: Path) -> None:
    """Copy a sealed store by hard links to its data files, which never change, and copies of its small files."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix != ".sst" or not _is_linked(path, target / path.name):
            shutil.copyfile(path, target / path.name)


def extend(store: Store, quads: Collection[Quad]) -> None:
    """Add quads in the way that is faster for their number; not atomic."""
    (store.bulk_extend if len(quads) > _FEW else store.extend)(quads)


def count_by_graph(store: Store) -> dict[str, int]:
    """The number of triples in each named graph, by IRI in alphabetical order; reads all of them."""
    return {graph.value: count_triples(store, graph) for graph in sorted(store.named_graphs(), key=str)}


def count_triples(store: Store, graph: GraphName) -> int:
    """The number of triples in one graph; reads none of their texts."""
    query = "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }"
    solutions = cast("QuerySolutions", store.query(query, default_graph=graph, named_graphs=[]))
    return int(cast("Literal", next(solutions)["count"]).value)


def describe(store: Store, iri: str, names: GraphNames, *, limit: int | None = None) -> Description:
    """What the merged graphs say about `iri`; both lists are empty where they do not know it.

    Parameters
    ----------
    limit : the most triples in each list; a class can have millions that lead to it.

    Raises
    ------
    UsageError : `iri` is no absolute IRI.
    """
    try:
        node = NamedNode(iri)
    except ValueError as error:
        raise UsageError(f"{iri!r} is no IRI: {error}. Write it in full, as {names.base}job/1 is.") from error
    graphs = names.present(store)
    outgoing = (quad.triple for graph in graphs for quad in store.quads_for_pattern(node, None, None, graph))
    incoming = (quad.triple for graph in graphs for quad in store.quads_for_pattern(None, None, node, graph))
    return Description(list(islice(outgoing, limit)), list(islice(incoming, limit)))


def _is_linked(path: Path, copy: Path) -> bool:
    """Whether a hard link was made; not every file system has them."""
    try:
        copy.hardlink_to(path)
    except OSError:
        return False
    return True
