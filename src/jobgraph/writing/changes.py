"""What can be asked of a tenant's graph: an update, or one of its graphs replaced, grown, patched or removed.

`None` stands for the unnamed graph. A pattern of an update that names no graph sees the unnamed graph alone, as in the
SPARQL standard: what an operation reads and what it writes is one graph. A query sees more than that.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import IO, ClassVar, Protocol

from pyoxigraph import DefaultGraph, RdfFormat, Store

from jobgraph.errors import UnknownGraphError, UsageError
from jobgraph.store import PREFIXES, GraphName, screen_query
from jobgraph.store.query import query_errors
from jobgraph.writing.bodies import load_body
from jobgraph.writing.clearing import clear_graph
from jobgraph.writing.operations import node, with_dataset, within_graph
from jobgraph.writing.reach import OneGraph, Reach, TextReach


class Change(Protocol):
    """A change that can be applied to a store."""

    kind: ClassVar[str]

    @property
    def target(self) -> GraphName | None:
        """The one graph that it may alter; None where it may alter all that are not read-only."""

    def reach(self) -> Reach:
        """The graphs that it could alter.

        Raises
        ------
        RefusedError, UsageError : it is none that can be applied.
        """

    def apply(self, store: Store) -> None:
        """Apply it. Not atomic: to a draft.

        Raises
        ------
        UsageError, InputError : it is not well formed, or does not fit what there is.
        """


@dataclass(frozen=True)
class SparqlUpdate:
    """A SPARQL 1.1 update; our prefixes need no declaration.

    Parameters
    ----------
    using_graphs, using_named_graphs : the graphs that its patterns see, as the parameters of the SPARQL protocol.
    base : what relative IRIs start from.
    """

    text: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
    base: str | None = None
    kind: ClassVar[str] = "update"

    @property
    def target(self) -> GraphName | None:
        """None: it may alter all graphs that are not read-only."""
        return None

    def reach(self) -> Reach:
        """The graphs that its text could alter."""
        screen_query(self.text)
        return TextReach(self.text)

    def apply(self, store: Store) -> None:
        """Run it, at once or not at all."""
        _update(store, with_dataset(self.text, self.using_graphs, self.using_named_graphs), self.text, self.base)


@dataclass(frozen=True)
class _GraphChange:
    """A change of one graph."""

    graph: str | None

    @property
    def target(self) -> GraphName | None:
        """The graph."""
        return to_name(self.graph)

    def reach(self) -> Reach:
        """The graph."""
        return OneGraph(to_name(self.graph))


@dataclass(frozen=True)
class PatchGraph(_GraphChange):
    """A SPARQL update of one graph, which it names nowhere."""

    text: str
    base: str | None = None
    kind: ClassVar[str] = "patch"

    def reach(self) -> Reach:
        """The graphs that its text could alter."""
        screen_query(self.text)
        return TextReach(within_graph(self.text, self.graph))

    def apply(self, store: Store) -> None:
        """Run it, at once or not at all."""
        _update(store, within_graph(self.text, self.graph), self.text, self.base or self.graph)


@dataclass(frozen=True)
class PostGraph(_GraphChange):
    """Triples for a graph, which is made where there is none; blank nodes are new ones.

    Parameters
    ----------
    base : what relative IRIs start from, where that is not the graph itself.
    """

    body: bytes | IO[bytes]
    format: RdfFormat
    base: str | None = None
    kind: ClassVar[str] = "post"

    def apply(self, store: Store) -> None:
        """Add the triples."""
        graph = to_name(self.graph)
        if not isinstance(graph, DefaultGraph):
            store.add_graph(graph)
        load_body(store, self.body, self.format, graph, self.base or self.graph)


class PutGraph(PostGraph):
    """The triples that a graph has from now on."""

    kind: ClassVar[str] = "put"

    def apply(self, store: Store) -> None:
        """Replace what the graph holds."""
        clear_graph(store, to_name(self.graph))
        super().apply(store)


@dataclass(frozen=True)
class DeleteGraph(_GraphChange):
    """The removal of a graph; the unnamed one is emptied."""

    kind: ClassVar[str] = "delete"

    def apply(self, store: Store) -> None:
        """Remove it.

        Raises
        ------
        UnknownGraphError : there is none of this name.
        """
        graph = to_name(self.graph)
        if not isinstance(graph, DefaultGraph) and not store.contains_named_graph(graph):
            raise UnknownGraphError(f"There is no graph {graph}; nothing was removed.")
        clear_graph(store, graph)
        store.remove_graph(graph)


def to_name(graph: str | None) -> GraphName:
    """The graph with this IRI; None is the unnamed one.

    Raises
    ------
    UsageError : it is no absolute IRI.
    """
    return DefaultGraph() if graph is None else node(graph)


def _update(store: Store, text: str, given: str, base: str | None) -> None:
    """Run an update that was made of the one given, whose lines and columns errors speak of."""
    if base is not None:
        node(base)
    try:
        store.update(text, base_iri=base, prefixes=dict(PREFIXES))
    except SyntaxError:
        with query_errors(given), suppress(RuntimeError):
            Store().update(given, base_iri=base, prefixes=dict(PREFIXES))
        with query_errors(text):
            raise
    except RuntimeError as error:
        if str(error).startswith("Corruption"):
            raise
        raise UsageError(f"The update cannot be carried out: {str(error).rstrip('.')}. Nothing was changed.") from error
