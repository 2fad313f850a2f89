"""One tenant's next generation: its rows loaded, what follows inferred, all validated, described and published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import cast

from pyoxigraph import NamedNode, Quad, Store

from jobgraph.contract.quarantine import write_parquet
from jobgraph.definitions import Logic
from jobgraph.errors import StorageError
from jobgraph.inference import infer
from jobgraph.mapping import SHARED
from jobgraph.pipeline.last_build import forget_record
from jobgraph.pipeline.mapped import Mapped
from jobgraph.pipeline.plan import Progress
from jobgraph.pipeline.report import TenantReport
from jobgraph.pipeline.review import entities_of, keep_work_list
from jobgraph.provenance import Origin, metadata_quads
from jobgraph.reinference import infer_changes
from jobgraph.resources import terms_hash
from jobgraph.settings import Settings
from jobgraph.shacl.kept import Ahead, Past, keep_found
from jobgraph.store import Draft, GraphNames, Home, bulk_load, count_by_graph
from jobgraph.store.following import Delta
from jobgraph.store.generations import CHECKS, FINDINGS, QUARANTINE, REPORT
from jobgraph.store.oxigraph import copy_store, seal
from jobgraph.validation import (
    Gathering,
    ask_graph_ahead,
    door_results,
    validate_graph,
    validate_graph_changes,
    write_report,
    write_rows,
)
from jobgraph.vocabulary import Vocabulary

# Makes the store of a draft and leaves it open; gives what it changed in a copy, too.
Fill = Callable[["Build", str, Draft], tuple[Store, Delta | None]]


@dataclass(frozen=True)
class Build:
    """What the tenants of a build have in common.

    `fill` makes the store of a draft with what the tenant's rows state, `logic` is what the graphs are inferred by and
    checked for.
    """

    mapped: Mapped
    fill: Fill
    logic: Logic
    settings: Settings
    progress: Progress

    @property
    def is_change(self) -> bool:
        """Whether a draft starts from the tenant's current generation."""
        return self.mapped.is_change


@dataclass(frozen=True)
class Prepared:
    """A tenant's generation that is whole but not published: what its manifest and the report of the build say."""

    draft: Draft
    manifest: dict[str, object]
    report: TenantReport


def make_template(vocabulary: Vocabulary, base: str, folder: Path) -> Path:
    """A store with the ontology alone in the new folder `folder`; each tenant starts from a copy, which is faster.

    Raises
    ------
    InputError : a file of the ontology does not parse.
    StorageError : the disk is full.
    """
    graph = GraphNames(base, "any").ontology
    bulk_load(folder, [(path, graph) for path in vocabulary.ontology_files()])
    seal(folder)
    return folder


@contextmanager
def prepare(build: Build, key: str) -> Iterator[Prepared]:
    """Make the next generation of the tenant with this key, to publish inside the block; waits for another writer.

    Raises
    ------
    StorageError : the disk is full or cannot be written; the tenant's old generation stays.
    """
    mapped, settings, slug = build.mapped, build.settings, build.mapped.tenants[key]
    names = GraphNames(settings.base, slug)
    with Home(settings.home).tenant(slug, missing_ok=True).begin(wait=True, copy=build.is_change) as draft:
        store, delta = build.fill(build, key, draft)
        quarantined = write_parquet(mapped.admitted.connection, draft.path / QUARANTINE, tenant=key)
        store.remove_graph(NamedNode(names.metadata))
        with ThreadPoolExecutor(1) as aside:
            past = Past(draft.parent.path / CHECKS, delta) if delta is not None and draft.parent else None
            ahead = ask_graph_ahead(store, names, build.logic.shapes, past=past, aside=aside) if past else None
            inferred = _infer(build, store, draft, names, delta)
            merged = aside.submit(_merge, store, delta)  # it has the time of what only reads
            gathering, severities = _validate(build, key, store, draft, past, ahead)
            counts, findings = _counts(store, draft, delta), sum(severities.values())
            source, release = mapped.location, version("jobgraph")
            origin = Origin(settings.base, slug, source, release, datetime.now(UTC), counts, quarantined, findings)
            finished = aside.submit(
                _finish, store, metadata_quads(origin, names.metadata), merged
            )  # waits for the disk
            _review(build, key, store, draft, gathering)
            finished.result()
        del store  # or the draft cannot be sealed
        seal(draft.store_path, is_flushed=True)
        manifest: dict[str, object] = {
            "base": settings.base,
            "counts": counts,
            "findings": findings,
            "inferred": inferred,
            "quarantined": quarantined,
            "rows": mapped.coverage.stated_by_tenant[slug],
            "severities": severities,
            "source": source,
            "terms": terms_hash(),
            "version": release,
        }
        stated = counts.get(names.asserted, 0) + counts.get(names.shared, 0)
        report = TenantReport(slug, draft.name, stated, sum(inferred.values()), quarantined, findings, severities)
        yield Prepared(draft, manifest, report)


def publish(prepared: Prepared, build: Build) -> TenantReport:
    """Publish a generation that was prepared, inside the block that did so; from then on, the last record is untrue.

    Raises
    ------
    StorageError : the disk is full or cannot be written; the tenant's old generation stays.
    """
    build.progress("publish", 0, "tenants")
    forget_record(build.settings.home)
    prepared.draft.publish(prepared.manifest)
    build.progress("publish", 1, "tenants")
    return prepared.report


def prune(slug: str, settings: Settings) -> None:
    """Remove the generations of a tenant that are too many, unless another process writes: that one prunes then."""
    with suppress(StorageError):
        Home(settings.home).tenant(slug).prune(settings.keep_generations, days=settings.keep_days)


def load_rows(template: Path, build: Build, key: str, draft: Draft) -> tuple[Store, None]:
    """Make the store of a draft from a copy of `template` and all rows of a tenant.

    Raises
    ------
    StorageError : the disk is full.
    """
    files = [build.mapped.files[slug] for slug in (build.mapped.tenants[key], SHARED)]
    copy_store(template, draft.store_path)
    build.progress("load", 0, "kB")
    named = [(path, None) for path in files]
    store = bulk_load(draft.store_path, named, threads=build.settings.threads, lenient=True)
    build.progress("load", sum(path.stat().st_size for path in files) // 1000, "kB")
    return store, None


def _infer(build: Build, store: Store, draft: Draft, names: GraphNames, delta: Delta | None) -> dict[str, int]:
    """Add the inferred graph to a store, or bring that of a copy up to date; give its triples by rule."""
    build.progress("infer", 0, "triples")
    writes = NamedNode(names.inferred)
    reads = [NamedNode(iri) for iri in (names.asserted, names.shared, names.ontology)]
    if delta is None or draft.parent is None:
        inferred = infer(store, rules=build.mapped.vocabulary.rule_files(), reads=reads, writes=writes)
    else:
        before = cast("Mapping[str, int]", draft.parent.manifest["inferred"])
        inferred = infer_changes(store, rules=build.logic.rules, reads=reads, writes=writes, delta=delta, before=before)
    _remove_empty_graphs(store)
    build.progress("infer", sum(inferred.values()), "triples")
    return inferred


def _merge(store: Store, delta: Delta | None) -> None:
    """Merge the files of a new store: else the engine would do so as soon as a copy of it is changed."""
    if delta is None:
        store.optimize()


def _finish(store: Store, metadata: Iterable[Quad], merged: Future[None]) -> None:
    """Add the last quads to a store that was merged, and have all of them in its data files."""
    merged.result()
    store.extend(metadata)
    store.flush()


def _counts(store: Store, draft: Draft, delta: Delta | None) -> dict[str, int]:
    """The triples of each graph but that of metadata; of a copy, those of its parent and what came and went."""
    if delta is None or draft.parent is None:
        return count_by_graph(store)
    counts = Counter(cast("Mapping[str, int]", draft.parent.manifest["counts"]))
    counts.update(delta.growth)
    return {graph: count for graph, count in sorted(counts.items()) if count}


def _remove_empty_graphs(store: Store) -> None:
    """A graph whose last triple went is no graph of a generation that never had one in it."""
    for graph in list(store.named_graphs()):
        if next(store.quads_for_pattern(None, None, None, graph), None) is None:
            store.remove_graph(graph)


def _validate(
    build: Build, key: str, store: Store, draft: Draft, past: Past | None, ahead: Ahead | None
) -> tuple[Gathering, dict[str, int]]:
    """Write what the door and the graph as a whole show, for machines; give it for people, and by severity."""
    mapped, names, folder = build.mapped, GraphNames(build.settings.base, build.mapped.tenants[key]), draft.path
    build.progress("validate", 0, "results")
    at_the_door = door_results(mapped.admitted, mapped.vocabulary, tenant=key, base=names.base)
    threads = build.settings.threads
    if past:
        in_the_graph = validate_graph_changes(store, names, build.logic.shapes, past=past, ahead=ahead, threads=threads)
    else:
        in_the_graph = validate_graph(store, names, build.logic.shapes, threads=threads)
    keep_found(folder / CHECKS, in_the_graph.checks, in_the_graph.found, in_the_graph.sizes)
    gathering = Gathering()
    severities = write_report(gathering.noting(chain(at_the_door, in_the_graph.results)), folder / REPORT)
    build.progress("validate", sum(severities.values()), "results")
    return gathering, severities


def _review(build: Build, key: str, store: Store, draft: Draft, gathering: Gathering) -> None:
    """Write what validation showed, for people."""
    mapped, names = build.mapped, GraphNames(build.settings.base, build.mapped.tenants[key])
    write_rows(mapped.admitted, draft.path / FINDINGS, tenant=key)
    entities = entities_of(store, names, mapped.vocabulary, draft.path, connection=mapped.admitted.connection)
    keep_work_list(gathering.work_list(entities, build.logic.guide), draft.path)
