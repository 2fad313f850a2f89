"""One tenant's next generation: its rows loaded, what follows inferred, all validated, described and published."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, Store

from jobgraph.contract.quarantine import write_parquet
from jobgraph.errors import StorageError
from jobgraph.inference import infer
from jobgraph.mapping import SHARED
from jobgraph.pipeline.mapped import Mapped
from jobgraph.pipeline.plan import Progress
from jobgraph.pipeline.report import TenantReport
from jobgraph.pipeline.review import entities_of, keep_work_list
from jobgraph.provenance import Origin, metadata_quads
from jobgraph.resources import terms_hash
from jobgraph.settings import Settings
from jobgraph.shacl.model import Shapes
from jobgraph.store import Draft, GraphNames, Home, bulk_load, count_by_graph
from jobgraph.store.generations import FINDINGS, QUARANTINE, REPORT
from jobgraph.store.oxigraph import copy_store, seal
from jobgraph.validation import Gathering, Guide, door_results, validate_graph, write_report, write_rows
from jobgraph.vocabulary import Vocabulary


@dataclass(frozen=True)
class Build:
    """What the tenants of a build have in common.

    `template` is the store that each tenant's own starts from; `shapes` are those that the graphs as a whole must fit;
    `guide` leads to all shapes.
    """

    mapped: Mapped
    template: Path
    shapes: Shapes
    guide: Guide
    settings: Settings
    progress: Progress


@dataclass(frozen=True)
class Prepared:
    """A tenant's generation that is whole but not published: what its manifest and the report of the build say."""

    draft: Draft
    manifest: dict[str, object]
    report: TenantReport


def make_template(vocabulary: Vocabulary, base: str, folder: Path, progress: Progress) -> Path:
    """A store with the ontology alone in the new folder `folder`; each tenant starts from a copy, which is faster.

    Raises
    ------
    InputError : a file of the ontology does not parse.
    StorageError : the disk is full.
    """
    progress("ontology", 0, "files")
    graph = GraphNames(base, "any").ontology
    files = vocabulary.ontology_files()
    bulk_load(folder, [(path, graph) for path in files])
    seal(folder)
    progress("ontology", len(files), "files")
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
    with Home(settings.home).tenant(slug, missing_ok=True).begin(wait=True) as draft:
        copy_store(build.template, draft.store_path)
        _load_rows([mapped.files[slug], mapped.files[SHARED]], draft.store_path, settings.threads, build.progress)
        quarantined = write_parquet(mapped.admitted.connection, draft.path / QUARANTINE, tenant=key)
        store = Store(os.fspath(draft.store_path))
        inferred = _infer(store, names, mapped.vocabulary, build.progress)
        with ThreadPoolExecutor(1) as pool:  # counting reads the whole store, and so has the time of the validation
            counted = pool.submit(count_by_graph, store)
            severities = _validate(build, key, store, draft.path)
            counts = counted.result()
        source, release, findings = mapped.source.location, version("jobgraph"), sum(severities.values())
        origin = Origin(settings.base, slug, source, release, datetime.now(UTC), counts, quarantined, findings)
        store.extend(metadata_quads(origin, names.metadata))
        del store  # or the draft cannot be published
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


def publish(prepared: Prepared, progress: Progress) -> TenantReport:
    """Publish a generation that was prepared, inside the block that did so.

    Raises
    ------
    StorageError : the disk is full or cannot be written; the tenant's old generation stays.
    """
    progress("publish", 0, "tenants")
    prepared.draft.publish(prepared.manifest)
    progress("publish", 1, "tenants")
    return prepared.report


def prune(slug: str, settings: Settings) -> None:
    """Remove the generations of a tenant that are too many, unless another process writes: that one prunes then."""
    with suppress(StorageError):
        Home(settings.home).tenant(slug).prune(settings.keep_generations, days=settings.keep_days)


def _load_rows(files: list[Path], store_path: Path, threads: int, progress: Progress) -> None:
    progress("load", 0, "kB")
    bulk_load(store_path, [(path, None) for path in files], threads=threads, lenient=True)
    progress("load", sum(path.stat().st_size for path in files) // 1000, "kB")


def _infer(store: Store, names: GraphNames, vocabulary: Vocabulary, progress: Progress) -> dict[str, int]:
    """Add the inferred graph to a store; give the new triples by rule."""
    progress("infer", 0, "triples")
    reads = [NamedNode(iri) for iri in (names.asserted, names.shared, names.ontology)]
    inferred = infer(store, rules=vocabulary.rule_files(), reads=reads, writes=NamedNode(names.inferred))
    progress("infer", sum(inferred.values()), "triples")
    return inferred


def _validate(build: Build, key: str, store: Store, folder: Path) -> dict[str, int]:
    """Write what the door and the graph as a whole show, for machines and for people; give the results by severity."""
    mapped, names = build.mapped, GraphNames(build.settings.base, build.mapped.tenants[key])
    build.progress("validate", 0, "results")
    at_the_door = door_results(mapped.admitted, mapped.vocabulary, tenant=key, base=names.base)
    in_the_graph = validate_graph(store, names, build.shapes, threads=build.settings.threads)
    gathering = Gathering()
    severities = write_report(gathering.noting(chain(at_the_door, in_the_graph.results)), folder / REPORT)
    write_rows(mapped.admitted, folder / FINDINGS, tenant=key)
    entities = entities_of(store, names, mapped.vocabulary, folder)
    keep_work_list(gathering.work_list(entities, build.guide), folder)
    build.progress("validate", sum(severities.values()), "results")
    return severities
