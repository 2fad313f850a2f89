"""Local copies of generations at an endpoint: whole, verified triple by triple, and read like any other generation.

They are in a home of their own, `<home>/remote/<key of the endpoint>/`. Nothing can be written to them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from jobgraph.errors import StorageError, UsageError
from jobgraph.pipeline import Progress
from jobgraph.remote.files import write_files
from jobgraph.remote.graph_set import GraphSet
from jobgraph.remote.names import RemoteNames
from jobgraph.remote.place import Place
from jobgraph.remote.pointer import Pointer
from jobgraph.remote.reading import read_part
from jobgraph.store import Generation, Tenant
from jobgraph.store.oxigraph import seal

if TYPE_CHECKING:
    from jobgraph.exports.endpoint import Endpoint

_KEPT = 2  # copies of a tenant; others can be fetched again


def copy_tenant(place: Place, slug: str, progress: Progress = lambda _stage, _count, _unit="": None) -> Tenant:
    """The tenant whose current generation is a copy of the one that is published at the endpoint.

    Raises
    ------
    UsageError, RefusedError, SourceGoneError, StorageError : as for `fetch`.
    """
    return fetch(place, slug, progress=progress)[0]


def fetch(
    place: Place, slug: str, which: str | None = None, *, progress: Progress = lambda _stage, _count, _unit="": None
) -> tuple[Tenant, Generation]:
    """A local copy of a generation that is at the endpoint, of the published one unless `which` names another.

    The pointer is read once. What was copied before is not copied again.

    Raises
    ------
    UsageError : there is no such tenant or generation, or the endpoint refuses.
    RefusedError : the endpoint does not hand out exactly what it was sent.
    SourceGoneError : it cannot be reached, or fails.
    StorageError : the disk is full.
    """
    names = place.names(slug)
    with place.open(slug) as endpoint:
        pointer = Pointer(endpoint, names)
        wanted = pointer.generation(which) if which else pointer.current()
        if wanted is None:
            raise UsageError(
                f"There is no tenant {slug} at {place.addresses.graphs} with IRIs that start with {names.base}; "
                "build it, or set JOBGRAPH_BASE."
            )
        tenant = place.home.tenant(slug, missing_ok=True)
        copy = _known_copy(tenant, wanted) or _copied(endpoint, names, tenant, wanted, progress)
    if not which and tenant.current() != copy:
        tenant.rollback(copy.name, wait=True)
        with suppress(StorageError):
            tenant.prune(_KEPT)
    return tenant, copy


def _known_copy(tenant: Tenant, wanted: GraphSet) -> Generation | None:
    """The copy that was made before.

    Raises
    ------
    StorageError : there is one of another generation of this number.
    """
    known = next((each for each in tenant.generations() if each.name == wanted.name), None)
    if known and known.manifest.get("remote") != wanted.iri:
        raise StorageError(f"{known.path} is a copy of another generation of this number; remove {tenant.path}.")
    return known


def _copied(endpoint: Endpoint, names: RemoteNames, tenant: Tenant, wanted: GraphSet, progress: Progress) -> Generation:
    progress("copy", 0, "triples")
    with tenant.begin(wait=True, from_package=True, number=wanted.number) as draft:
        if known := _known_copy(tenant, wanted):  # another process made it meanwhile
            return known
        store = Store(os.fspath(draft.store_path))
        store.bulk_extend(_quads(endpoint, names, wanted, progress))
        store.flush()
        del store  # or it cannot be sealed
        seal(draft.store_path, is_flushed=True)
        write_files(wanted.files.graph, read_part(endpoint, wanted.files), Path(draft.path))
        return draft.add({**wanted.manifest, "remote": wanted.iri, "readOnly": True})


def _quads(endpoint: Endpoint, names: RemoteNames, wanted: GraphSet, progress: Progress) -> Iterator[Quad]:
    for local, part in wanted.graphs.items():
        graph = NamedNode(local) if local else DefaultGraph()
        for triple in read_part(endpoint, part):
            found = names.from_remote(triple)
            yield Quad(found.subject, found.predicate, found.object, graph)
        progress("copy", part.triples, "triples")
