"""What a changed generation says of itself: its manifest, its metadata graph, and what it keeps of its parent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from jobgraph.provenance import DCTERMS, VOID, Origin, metadata_quads
from jobgraph.store import Draft, Generation, GraphName, GraphNames, count_by_graph
from jobgraph.store.generations import CHECKS, WORK
from jobgraph.store.oxigraph import count_triples
from jobgraph.store.sums import SUMS
from jobgraph.vocabulary import RDF, XSD
from jobgraph.writing.difference import GraphChange

VALIDATED = "validated_as_graph"  # in the manifest: the report is of the store itself, and not of a source
_OWN = {"manifest.json", SUMS, CHECKS}  # what each generation writes anew, or has not
_OF_PARENT = {"created", "generation", "parent"}  # what each generation says anew
_SOURCE = "writes"  # of a tenant that was never built
_MODIFIED = NamedNode(f"{DCTERMS}modified")
# What a change makes untrue in the metadata graph; the rest speaks of the build.
_MOVING = {_MODIFIED, *(NamedNode(iri) for iri in (f"{VOID}triples", f"{VOID}subset", f"{RDF}type"))}


class Outcome(Protocol):
    """What came of inference and validation."""

    @property
    def inferred(self) -> Mapping[str, int]:
        """The new triples by rule."""

    @property
    def severities(self) -> Mapping[str, int]:
        """The results by severity."""


@dataclass(frozen=True)
class Facts:
    """What is known of a change: where it began, its kind, what it did to graphs, what came of the gate if asked."""

    parent: Generation
    kind: str
    changes: Mapping[GraphName, GraphChange]
    outcome: Outcome | None


def describe_draft(store: Store, draft: Draft, names: GraphNames, facts: Facts) -> dict[str, object]:
    """Bring the metadata graph and the files of a draft up to date; give its manifest.

    Raises
    ------
    StorageError : the disk is full.
    """
    _keep_files(facts.parent.path, draft.path, untrue={WORK} if DefaultGraph() in facts.changes else set())
    old: dict[str, Any] = facts.parent.manifest
    counts = _counts(store, names, old, facts)
    manifest = {name: value for name, value in old.items() if name not in _OF_PARENT}
    manifest |= {"change": facts.kind, "counts": counts, "version": version("jobgraph")}
    if DefaultGraph() in facts.changes:
        manifest["unnamed"] = facts.changes[DefaultGraph()].after
    if facts.outcome:
        severities = dict(facts.outcome.severities)
        manifest |= {"inferred": dict(facts.outcome.inferred), "severities": severities, VALIDATED: True}
        manifest["findings"] = sum(severities.values())
    if facts.outcome or store.contains_named_graph(NamedNode(names.metadata)):
        _renew_metadata(store, names, manifest)
    return manifest


def _keep_files(source: Path, target: Path, untrue: Set[str]) -> None:
    """Copy what the parent's maker put beside its store, and the draft has not; a file never changes, so by link.

    The names of files that the change makes untrue are `untrue`.
    """
    for path in source.iterdir():
        copy = target / path.name
        if path.is_file() and path.name not in {*_OWN, *untrue} and not copy.exists():
            try:
                copy.hardlink_to(path)
            except OSError:  # not every file system has links
                shutil.copyfile(path, copy)


def _counts(store: Store, names: GraphNames, old: Mapping[str, Any], facts: Facts) -> dict[str, int]:
    """The triples of each named graph but the metadata graph."""
    if "counts" not in old:
        return {iri: count for iri, count in count_by_graph(store).items() if iri != names.metadata}
    counts: dict[str, int] = dict(old["counts"])
    for graph, change in facts.changes.items():
        if not isinstance(graph, DefaultGraph):
            counts.pop(graph.value, None)
            counts |= {} if change.after is None else {graph.value: change.after}
    if facts.outcome:
        present = [iri for iri in (names.inferred, names.ontology) if store.contains_named_graph(NamedNode(iri))]
        counts |= {iri: count_triples(store, NamedNode(iri)) for iri in present}
    return dict(sorted(counts.items()))


def _renew_metadata(store: Store, names: GraphNames, manifest: Mapping[str, Any]) -> None:
    """Let the metadata graph say what is there now; what it says of a build stays."""
    graph = NamedNode(names.metadata)
    now = datetime.now(UTC)
    origin = Origin(
        base=names.base,
        slug=names.slug,
        source=manifest.get("source", _SOURCE),
        version=manifest["version"],
        built=now,
        counts=manifest["counts"],
        quarantined=manifest.get("quarantined", 0),
        findings=manifest.get("findings", 0),
    )
    is_new = not store.contains_named_graph(graph)
    new = [quad for quad in metadata_quads(origin, names.metadata) if is_new or quad.predicate in _MOVING]
    for quad in _iter_moving(store, graph):
        store.remove(quad)
    dataset = new[0].subject
    moment = Literal(now.isoformat(timespec="seconds"), datatype=NamedNode(f"{XSD}dateTime"))
    store.extend([*new, Quad(dataset, _MODIFIED, moment, graph)])


def _iter_moving(store: Store, graph: NamedNode) -> Iterator[Quad]:
    quads = list(store.quads_for_pattern(None, None, None, graph))
    return (quad for quad in quads if quad.predicate in _MOVING)
