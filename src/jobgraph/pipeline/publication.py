"""One tenant's next generation: its rows loaded, what follows inferred, described, and published."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pyoxigraph import NamedNode, Store

from jobgraph.contract.quarantine import write_parquet
from jobgraph.errors import StorageError
from jobgraph.inference import infer
from jobgraph.mapping import SHARED
from jobgraph.pipeline.mapped import Mapped
from jobgraph.pipeline.plan import Progress
from jobgraph.pipeline.report import QUARANTINE, TenantReport
from jobgraph.provenance import Origin, metadata_quads
from jobgraph.settings import Settings
from jobgraph.store import GraphNames, Home, Tenant, bulk_load, count_by_graph
from jobgraph.store.oxigraph import copy_store, seal
from jobgraph.validation import write_report
from jobgraph.vocabulary import Vocabulary

REPORT = "report.ttl"


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


def publish(mapped: Mapped, key: str, template: Path, settings: Settings, progress: Progress) -> TenantReport:
    """Make and publish the next generation of the tenant with this key; waits for another writer.

    `template` is the store that its own starts from.

    Raises
    ------
    StorageError : the disk is full or cannot be written; the tenant's old generation stays.
    """
    slug = mapped.tenants[key]
    tenant = Home(settings.home).tenant(slug, missing_ok=True)
    with tenant.begin(wait=True) as draft:
        copy_store(template, draft.store_path)
        _load_rows([mapped.files[slug], mapped.files[SHARED]], draft.store_path, settings.threads, progress)
        findings = write_report(mapped.admitted, mapped.vocabulary, draft.path / REPORT, tenant=key, base=settings.base)
        quarantined = write_parquet(mapped.admitted.connection, draft.path / QUARANTINE, tenant=key)
        now = datetime.now(UTC)
        location, release = mapped.source.location, version("jobgraph")
        origin = Origin(settings.base, slug, location, release, now, {}, quarantined, findings)
        inferred, counts = _infer(draft.store_path, mapped.vocabulary, origin, progress)
        progress("publish", 0, "tenants")
        generation = draft.publish(
            {
                "base": settings.base,
                "counts": counts,
                "findings": findings,
                "inferred": inferred,
                "quarantined": quarantined,
                "rows": mapped.coverage.stated_by_tenant[slug],
                "source": location,
                "version": release,
            }
        )
        progress("publish", 1, "tenants")
    _prune(tenant, settings.keep_generations)
    names = GraphNames(settings.base, slug)
    stated = counts.get(names.asserted, 0) + counts.get(names.shared, 0)
    return TenantReport(slug, generation.name, stated, sum(inferred.values()), quarantined, findings)


def _load_rows(files: list[Path], store_path: Path, threads: int, progress: Progress) -> None:
    progress("load", 0, "kB")
    bulk_load(store_path, [(path, None) for path in files], threads=threads, lenient=True)
    progress("load", sum(path.stat().st_size for path in files) // 1000, "kB")


def _infer(
    store_path: Path, vocabulary: Vocabulary, origin: Origin, progress: Progress
) -> tuple[dict[str, int], dict[str, int]]:
    """Add the inferred and the metadata graph to a store; give the new triples by rule and the triples by graph."""
    names = GraphNames(origin.base, origin.slug)
    progress("infer", 0, "triples")
    store = Store(os.fspath(store_path))
    reads = [NamedNode(iri) for iri in (names.asserted, names.shared, names.ontology)]
    inferred = infer(store, rules=vocabulary.rule_files(), reads=reads, writes=NamedNode(names.inferred))
    counts = count_by_graph(store)
    store.extend(metadata_quads(replace(origin, counts=counts), names.metadata))
    progress("infer", sum(inferred.values()), "triples")
    return inferred, counts


def _prune(tenant: Tenant, keep: int) -> None:
    with suppress(StorageError):  # the next writer has the tenant already, and prunes when it is done
        tenant.prune(keep)
