"""A selection pushed to a SPARQL endpoint, graph by graph: whoever reads a graph there sees the old one or the new one.

The triples go into a new temporary graph, in pieces. Once all of them are counted there, one update puts it in the
place of the target. The temporary graph names, in a triple of its own, the graph that it is to replace: by that the
next push finds what one that died left behind. Readers of a union of all graphs see the temporary one, too.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from jobgraph.errors import EndpointFailedError, JobgraphError, RefusedError, SourceGoneError, UsageError
from jobgraph.exports.endpoint import Endpoint
from jobgraph.exports.gate import ExportRefusedError, check_gate
from jobgraph.exports.profile import Profile
from jobgraph.exports.selection import Selection
from jobgraph.store import PREFIXES, Generation
from jobgraph.vocabulary import JG, Vocabulary

PIECE = 20_000  # triples in one request, about 4 MB
_REPLACES = NamedNode(f"{PREFIXES['dcterms']}replaces")
_IS_REPLACED_BY = NamedNode(f"{PREFIXES['dcterms']}isReplacedBy")
_CLEARING_S = 10.0  # for the last wish of a push that failed
_SWITCHED_IN_S = 1_000  # triples that even a slow endpoint moves in a second
_LOOK_AGAIN_S = 1.0


class Pushable(Protocol):
    """What can be pushed: quads grouped by graph, or all of them merged, each once."""

    def quads(self) -> Iterable[Quad]:
        """All quads, those of a graph one after the other."""

    def triples(self) -> Iterable[Triple]:
        """The triples of all graphs, each once."""


@dataclass(frozen=True)
class Pushed:
    """A graph that was replaced: its triples before and now, and the leftovers of older pushes that were removed."""

    graph: str
    before: int
    triples: int
    removed: int


def push_profile(
    endpoint: Endpoint,
    generation: Generation,
    profile: Profile,
    *,
    vocabulary: Vocabulary,
    key: bytes | None = None,
    graph: str = "",
) -> Iterator[Pushed]:
    """Push what a profile lets out of a generation; `key` is the secret behind pseudonyms, `graph` as below.

    Raises
    ------
    ExportRefusedError : the profile forbids it, for this generation or today.
    SourceGoneError, UsageError, RefusedError : as for `push_selection`.
    """
    with generation.open() as store:
        reasons = check_gate(generation, profile, store=store, now=datetime.now(UTC).date())
        if reasons:
            raise ExportRefusedError(f"{profile.name} forbids this push: {' '.join(reasons)}")
        selection = Selection(store, generation, profile, vocabulary=vocabulary, key=key)
        yield from push_selection(endpoint, selection, graph=graph)


def push_selection(endpoint: Endpoint, selection: Pushable, *, graph: str = "", piece: int = PIECE) -> Iterator[Pushed]:
    """Push each graph of a selection to the graph of the same name, or all of them merged to one.

    Each graph is replaced for itself: where a later one fails, those before it are new.

    Parameters
    ----------
    graph : the IRI of the one graph that gets all triples; each its own if it is empty.
    piece : the triples of one request.

    Raises
    ------
    SourceGoneError : the endpoint failed, or does not answer.
    UsageError : it refuses, or nothing is selected.
    RefusedError : another push, or somebody else, writes to the same graph.
    """
    count = 0
    if graph:
        graphs: Iterable[tuple[NamedNode, Iterable[Triple]]] = [(_target(graph), selection.triples())]
    else:
        grouped = groupby(selection.quads(), key=lambda quad: quad.graph_name)
        graphs = (
            (_target(str(getattr(name, "value", ""))), (quad.triple for quad in quads)) for name, quads in grouped
        )
    for target, triples in graphs:
        yield push_graph(endpoint, target, triples, piece=piece)
        count += 1
    if not count:
        raise UsageError("The profile selects nothing, so nothing was pushed; see jobgraph profile check.")


def push_graph(endpoint: Endpoint, target: NamedNode, triples: Iterable[Triple], *, piece: int = PIECE) -> Pushed:
    """Make these triples, each given once, all that a graph of an endpoint holds.

    Raises
    ------
    SourceGoneError, UsageError, RefusedError : as for `push_selection`.
    """
    removed = _remove_leftovers(endpoint, target)
    before = endpoint.count(target)
    with _temporary_graph(endpoint, target) as temporary:
        load = _Load(endpoint, temporary, piece)
        load.send(triples)
        if not load.count:
            raise UsageError(f"Nothing is selected for {target.value}; it is unchanged.")
        _claim(endpoint, temporary, target, load.count)
        _switch(endpoint, temporary, target, load.count)
    found = endpoint.count(target)
    if found != load.count:
        raise RefusedError(
            f"{target.value} holds {found:,} triples after the push of {load.count:,}: "
            "somebody else writes to it. Push again when they are done."
        )
    return Pushed(target.value, before, load.count, removed)


@dataclass
class _Load:
    """A temporary graph that is filled; `count` triples are in it, besides its own."""

    endpoint: Endpoint
    graph: NamedNode
    piece: int
    count: int = 0
    _waiting: list[Triple] = field(default_factory=list)

    def send(self, triples: Iterable[Triple]) -> None:
        """Send the triples in pieces, those with blank nodes at last and together: in another piece they are others."""
        blank: list[Triple] = []
        for triple in triples:
            self.count += 1
            is_blank = isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
            (blank if is_blank else self._waiting).append(triple)
            if len(self._waiting) >= self.piece:
                self._send_piece(self._waiting, repeats=True)
                self._waiting = []
        if self._waiting:
            self._send_piece(self._waiting, repeats=True)
        if blank:
            self._send_piece(blank, repeats=False)

    def _send_piece(self, triples: Iterable[Triple], *, repeats: bool) -> None:
        # N-Triples is Turtle, which every endpoint reads.
        self.endpoint.add_triples(self.graph, serialize(triples, format=RdfFormat.N_TRIPLES) or b"", repeats=repeats)


@contextmanager
def _temporary_graph(endpoint: Endpoint, target: NamedNode) -> Iterator[NamedNode]:
    """A new graph that names its target; gone at the end of the block, if the endpoint lets us."""
    temporary = NamedNode(f"{_names_start(target)}{secrets.token_hex(8)}")
    try:
        endpoint.put_graph(temporary, f"{_loading(temporary, target)} .\n".encode())
        yield temporary
    finally:
        timeout_s = min(_CLEARING_S, endpoint.patience.timeout_s)
        with suppress(JobgraphError):
            endpoint.update(f"DROP SILENT GRAPH {temporary}", repeats=False, timeout_s=timeout_s)


def _remove_leftovers(endpoint: Endpoint, target: NamedNode) -> int:
    """Remove the temporary graphs of other pushes to the same graph; the number of them.

    A push that lives and loses its graph finds out when it claims it. One that has claimed it is about to switch: it
    is given the time of an answer.
    """
    marks = f"{{ ?graph {_REPLACES} {target} }} UNION {{ {target} {_IS_REPLACED_BY} ?graph }}"
    rows = endpoint.select(f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ {marks} }} }}")
    # The triple alone is no proof: others may say of a graph of theirs that it replaces this one.
    found = [row["graph"] for row in rows]
    ours = [graph for graph in found if isinstance(graph, NamedNode) and graph.value.startswith(_names_start(target))]
    for graph in ours:
        endpoint.update(f"DELETE DATA {{ GRAPH {graph} {{ {_loading(graph, target)} }} }}", repeats=True)
        end = time.monotonic() + endpoint.patience.timeout_s
        while _is_claimed(endpoint, graph, target) and time.monotonic() < end:
            time.sleep(min(_LOOK_AGAIN_S, endpoint.patience.timeout_s))
        endpoint.update(f"DROP SILENT GRAPH {graph}", repeats=True)
    return len(ours)


def _claim(endpoint: Endpoint, temporary: NamedNode, target: NamedNode, count: int) -> None:
    """Say in the temporary graph that it is whole, unless another push said that it is to go: in one step, so not both.

    Raises
    ------
    RefusedError : it is to go, or not whole.
    """
    loading, claimed = _loading(temporary, target), _claimed(temporary, target)
    endpoint.update(
        f"DELETE {{ GRAPH {temporary} {{ {loading} }} }} INSERT {{ GRAPH {temporary} {{ {claimed} }} }} "
        f"WHERE {{ GRAPH {temporary} {{ {loading} }} }}",
        repeats=True,
    )
    if not _is_claimed(endpoint, temporary, target):
        raise RefusedError(f"Another push to {target.value} has begun; this one changed nothing.")
    found = endpoint.count(temporary) - 1  # without the triple that names the target
    if found != count:
        raise RefusedError(
            f"The endpoint made {found:,} triples of the {count:,} that were sent for {target.value}, which is "
            "unchanged; see whether it merges values."
        )


def _is_claimed(endpoint: Endpoint, temporary: NamedNode, target: NamedNode) -> bool:
    return bool(endpoint.select(f"SELECT * WHERE {{ GRAPH {temporary} {{ {target} {_IS_REPLACED_BY} ?graph }} }}"))


def _switch(endpoint: Endpoint, temporary: NamedNode, target: NamedNode, count: int) -> None:
    """Put the temporary graph in the place of the target, in one request.

    It is sent again only after an answer that it failed: to move a graph that is gone would empty the target, where
    the endpoint does not mind.
    """
    claimed = _claimed(temporary, target)
    update = f"DELETE DATA {{ GRAPH {temporary} {{ {claimed} }} }} ; MOVE GRAPH {temporary} TO GRAPH {target}"
    timeout_s = endpoint.patience.timeout_s + count / _SWITCHED_IN_S
    for wait_s in endpoint.patience.waits():
        try:
            endpoint.update(update, repeats=False, timeout_s=timeout_s)
        except (SourceGoneError, UsageError) as error:
            if _is_switched(endpoint, temporary, target, count, error):
                return
            if wait_s is None or not isinstance(error, EndpointFailedError):
                raise type(error)(f"{error} {target.value} is unchanged.") from None
            time.sleep(wait_s)
        else:
            return


def _is_switched(endpoint: Endpoint, temporary: NamedNode, target: NamedNode, count: int, error: JobgraphError) -> bool:
    """Whether a switch that ended in an error was done all the same, as far as the graphs tell.

    Raises
    ------
    SourceGoneError : they do not tell.
    """
    with suppress(SourceGoneError, UsageError):
        left, found = endpoint.count(temporary), endpoint.count(target)
        if left > count:
            return False
        if not left and found == count:
            return True
    raise SourceGoneError(f"{error} Whether {target.value} is old or new is not known: push again.") from None


def _loading(temporary: NamedNode, target: NamedNode) -> str:
    """The triple of a temporary graph that is being filled."""
    return f"{temporary} {_REPLACES} {target}"


def _claimed(temporary: NamedNode, target: NamedNode) -> str:
    """The triple of a temporary graph that is whole and about to be put in place."""
    return f"{target} {_IS_REPLACED_BY} {temporary}"


def _names_start(target: NamedNode) -> str:
    """The start of the names of all temporary graphs for a target."""
    return f"{JG}push/{hashlib.sha256(target.value.encode()).hexdigest()[:16]}/"


def _target(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:
        raise UsageError(f"{iri!r} names no graph; write --graph with an IRI such as https://example.org/g.") from None
