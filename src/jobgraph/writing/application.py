"""A change of a tenant's graph, published as its next generation or refused, as one readable function."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, Store

from jobgraph.errors import JobgraphError, ReservedGraphError, StaleGenerationError, StorageError, UsageError
from jobgraph.settings import Settings
from jobgraph.store import Draft, Generation, GraphName, GraphNames, Tenant
from jobgraph.store.oxigraph import seal
from jobgraph.writing.changes import Change
from jobgraph.writing.description import Facts, describe_draft
from jobgraph.writing.difference import GraphChange, Snapshot

if TYPE_CHECKING:
    from jobgraph.pipeline import Progress

_Changes = Mapping[GraphName, GraphChange]


@dataclass(frozen=True)
class Written:
    """What a change did.

    Parameters
    ----------
    generation_before, generation_after : the names of the generations; the same where nothing changed.
    growth : triples more, or fewer, in the graphs that writers may change.
    added, removed : triples; None where an update may have changed a graph of more than 50,000: to count takes longer
        than all the rest, and `jobgraph generations diff` does so.
    created : whether the graph that was put, posted or patched is new.
    severities : the results of the validation by severity, as the manifest has them; empty where there are none yet.
    """

    generation_before: str
    generation_after: str
    growth: int = 0
    added: int | None = 0
    removed: int | None = 0
    created: bool = False
    severities: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_changed(self) -> bool:
        """Whether there is a new generation."""
        return self.generation_before != self.generation_after


def apply_change(
    tenant: Tenant,
    change: Change,
    settings: Settings,
    *,
    expected: str | None = None,
    progress: Progress = lambda _stage, _count, _unit="": None,
) -> Written:
    """Apply a change to a copy of the current generation, infer, validate, and publish it; waits for other writers.

    Rules and shapes are asked only where the asserted graph may have changed. A change that changes nothing publishes
    nothing. Whatever ends this early, the current generation stays as it is.

    Parameters
    ----------
    expected : the name of the generation that the writer saw.

    Raises
    ------
    StaleGenerationError : another one is current.
    ReservedGraphError : the change alters a graph that is read-only.
    ShapeRefusalError : it brings a violation that was not there.
    RefusedError, UsageError, InputError : the change is none that can be applied; the sentence says why.
    StorageError : the disk is full or cannot be written.
    """
    with tenant.begin(copy=True, wait=True) as draft:
        parent = _checked_parent(tenant, draft, expected)
        with _letting_go():
            changes, manifest = _Work(change, draft, parent, settings, progress).fill()
        if changes:
            progress("publish", 0, "generations")
            draft.publish(manifest)
            progress("publish", 1, "generations")
    if not changes:
        return Written(parent.name, parent.name, severities=manifest.get("severities", {}))
    with suppress(StorageError):  # another process writes, and will prune
        tenant.prune(settings.keep_generations, days=settings.keep_days)
    return Written(
        parent.name,
        draft.name,
        growth=sum(each.growth for each in changes.values()),
        added=_total(each.added for each in changes.values()),
        removed=_total(each.removed for each in changes.values()),
        created=any(each.before is None for graph, each in changes.items() if graph == change.target),
        severities=manifest.get("severities", {}),
    )


@contextmanager
def _letting_go() -> Iterator[None]:
    """Let go of what an error holds: a store that is open while its folder is removed keeps trying for 1 s."""
    try:
        yield
    except (JobgraphError, OSError) as error:
        clear_frames(error.__traceback__)
        raise


def _checked_parent(tenant: Tenant, draft: Draft, expected: str | None) -> Generation:
    if draft.parent is None:
        raise UsageError(f"{tenant.slug} has no graph yet; create it with jobgraph tenants create {tenant.slug}.")
    if expected not in (None, draft.parent.name):
        raise StaleGenerationError(
            f"{tenant.slug} is at generation {draft.parent.name} and no longer at {expected}; read it and try again.",
            current=draft.parent.name,
        )
    return draft.parent


@dataclass(frozen=True)
class _Work:
    """One change on its way into a draft."""

    change: Change
    draft: Draft
    parent: Generation
    settings: Settings
    progress: Progress

    def fill(self) -> tuple[_Changes, dict[str, Any]]:
        """Fill the draft, whose store is closed in the end; give what changed and what the manifest says."""
        names = self.parent.names
        store = self._open()
        changes = self._apply(store, names)
        if not changes:
            return changes, self.parent.manifest
        outcome = None
        if NamedNode(names.asserted) in changes:
            from jobgraph.writing.gate import add_ontology, pass_gate  # takes 0.4 s that most changes need not wait

            if not store.contains_named_graph(NamedNode(names.ontology)):
                del store
                add_ontology(self.draft, names)
                store = self._open()
            outcome = pass_gate(store, self.draft, self.parent, threads=self.settings.threads, progress=self.progress)
        manifest = describe_draft(store, self.draft, names, Facts(self.parent, self.change.kind, changes, outcome))
        store.flush()
        del store  # or the draft cannot be sealed
        seal(self.draft.store_path, is_flushed=True)
        return changes, manifest

    def _open(self) -> Store:
        return Store(os.fspath(self.draft.store_path))

    def _apply(self, store: Store, names: GraphNames) -> _Changes:
        """Apply the change; give how the graphs changed.

        Raises
        ------
        ReservedGraphError, UsageError : one of them is not to be changed.
        """
        self.progress("change", 0, "triples")
        reserved = {NamedNode(iri) for iri in (names.inferred, names.shared, names.metadata, names.ontology)}
        target, reach = self.change.target, self.change.reach()
        _refuse_reserved(reserved, [target])
        before = Snapshot.take(store, reach)
        self.change.apply(store)
        changes = before.changes(store, reach, self.parent, exact=reserved)
        _refuse_reserved(reserved, changes)
        if target is not None and changes.keys() - {target}:
            raise UsageError(f"A patch changes one graph, {target}; leave the others out.")
        self.progress("change", sum(abs(each.growth) for each in changes.values()), "triples")
        return changes


def _refuse_reserved(reserved: Collection[GraphName], graphs: Iterable[GraphName | None]) -> None:
    for graph in graphs:
        if graph in reserved:
            raise ReservedGraphError(f"The graph {graph} is read-only, so nothing was changed; write to another one.")


def _total(counts: Iterable[int | None]) -> int | None:
    """The sum; None where one is not known."""
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
