"""A partner's package as a tenant of its own: verified, then published as a generation that nobody may change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from jobgraph.errors import PackageError, RefusedError
from jobgraph.exports.manifest import Manifest
from jobgraph.exports.package_data import fill_store
from jobgraph.exports.package_files import PackageFiles, open_package
from jobgraph.exports.sorted_data import SortedQuads, plain_iri
from jobgraph.exports.sorted_quads import iter_quads
from jobgraph.exports.verification import CONTRACT, Expectations, Verified, verify_package
from jobgraph.provenance import Origin, metadata_quads
from jobgraph.store import Draft, Generation, GraphNames, Tenant
from jobgraph.store.generations import REPORT
from jobgraph.store.oxigraph import count_by_graph
from jobgraph.validation import write_report


@dataclass(frozen=True)
class Loaded:
    """What was loaded: the generation that was published, and what was checked of the package."""

    generation: Generation
    verified: Verified


def load_package(path: Path, tenant: Tenant, expected: Expectations) -> Loaded:
    """Publish the data of a package as the graph of a tenant: a new one, or one made by an earlier package.

    Its graphs get the names that the graphs of the tenant have.

    Parameters
    ----------
    expected : what is known of the package.

    Raises
    ------
    PackageError : something of the package does not hold, or it has no data that can be read back.
    RefusedError : there is a tenant of this name that no package made.
    InputError : the package cannot be read.
    StorageError : the disk is full, or another process writes; what was published stays.
    """
    _refuse_own(tenant)
    with TemporaryDirectory(prefix="jobgraph-package-") as folder, open_package(path) as files:
        verified = verify_package(files, expected, Path(folder))
        if verified.data is None:
            raise PackageError(path, "has no data in a format that can be loaded, such as N-Quads")
        with tenant.begin(from_package=True) as draft:
            _refuse_own(tenant)
            fill_store(draft.store_path, _local_quads(verified.data, verified.manifest, files, tenant.slug))
            return Loaded(_published(draft, verified, tenant.slug), verified)


def _local_quads(data: SortedQuads, manifest: Manifest, files: PackageFiles, slug: str) -> Iterator[Quad]:
    """The data and the terms of a package, in the graphs of a tenant."""
    local = {graph: NamedNode(_local_graph(manifest, plain_iri(graph), slug)) for graph in data.graphs}
    for quad in iter_quads(data.lines()):
        graph = b"" if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name).encode()
        yield Quad(quad.subject, quad.predicate, quad.object, local[graph])
    terms = NamedNode(GraphNames(manifest.base, slug).ontology)
    for quad in parse(files.read(CONTRACT), RdfFormat.TURTLE):
        yield Quad(quad.subject, quad.predicate, quad.object, terms)


def _published(draft: Draft, verified: Verified, slug: str) -> Generation:
    """Publish a draft that has the data of a package, with all that a generation of our own has."""
    manifest = verified.manifest
    names = GraphNames(manifest.base, slug)
    store = Store(os.fspath(draft.store_path))
    counts, severities = count_by_graph(store), dict(manifest.findings.package)
    source = f"{manifest.iri}, {manifest.hashes.dataset}"
    created = datetime.fromisoformat(manifest.created)
    findings = sum(severities.values())
    origin = Origin(manifest.base, slug, source, version("jobgraph"), created, counts, 0, findings)
    store.extend(metadata_quads(origin, names.metadata))
    del store  # or the draft cannot be published
    write_report(verified.results, draft.path / REPORT)
    facts = {
        "base": manifest.base,
        "counts": counts,
        "findings": findings,
        "package": {
            "dataset": manifest.hashes.dataset,
            "generation": manifest.generation,
            "iri": manifest.iri,
            "profile": manifest.profile.iri,
            "signedBy": manifest.signed_by,
            "tenant": manifest.tenant,
        },
        "quarantined": 0,
        "readOnly": True,
        "severities": severities,
        "source": source,
        "version": version("jobgraph"),
    }
    return draft.publish(facts)


def _local_graph(manifest: Manifest, graph: str, slug: str) -> str:
    """The graph of the tenant that takes what is in a graph of the package; what has no graph was asserted."""
    names = GraphNames(manifest.base, slug)
    local = {"asserted": names.asserted, "inferred": names.inferred, "reference": names.shared}
    kinds = {iri: kind for kind, iri in manifest.graphs.items()}
    return local.get(kinds.get(graph, "asserted"), names.ontology)


def _refuse_own(tenant: Tenant) -> None:
    current = tenant.current()
    if current and not current.is_read_only:
        raise RefusedError(f"There is a tenant {tenant.slug} with data of its own; name another for the package.")
