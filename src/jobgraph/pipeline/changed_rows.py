"""The rows that a change affects, brought into a copy of a tenant's store: what the old ones stated goes first."""

from __future__ import annotations

import os
from collections.abc import Set as AbstractSet

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from jobgraph.mapping import SHARED
from jobgraph.mapping.stated import Stated
from jobgraph.pipeline.last_build import LastBuild, check_current
from jobgraph.pipeline.publication import Build
from jobgraph.store import Draft, GraphNames
from jobgraph.store.following import Delta
from jobgraph.store.oxigraph import extend

# The old rows that stated something and are not carried over, of a tenant or of all. A link that a kept row states,
# too, stays.
_RETIRED = """
    SELECT table_, key_, subject, object, tenant_ = '' AS is_shared FROM retired r
    WHERE state = 'live' AND tenant_ IN (?, '') AND (subject IS NULL OR NOT EXISTS (
        FROM kept k
        WHERE k.state = 'live' AND k.table_ = r.table_ AND k.subject = r.subject AND k.object = r.object))"""


def apply_rows(last: LastBuild, build: Build, key: str, draft: Draft) -> tuple[Store, Delta]:
    """Change what the copied store of a draft states to what the tenant's rows state now; give it and the difference.

    Raises
    ------
    StaleGenerationError : the copy is not of the generation that the last build published.
    StorageError : the disk is full.
    """
    slug = build.mapped.tenants[key]
    names = GraphNames(build.settings.base, slug)
    check_current(build.settings, slug, last.generations.get(slug, ""))
    build.progress("load", 0, "triples")
    store = Store(os.fspath(draft.store_path))
    new = _stated_now(build, slug)
    standing, removed = _compare_retired(store, build, key, names, new)
    for quad in removed:
        store.remove(quad)
    added = {quad for quad in new - standing if quad not in store}  # a row that is kept may state it, too
    extend(store, added)
    build.progress("load", len(removed) + len(added), "triples")
    return store, Delta(added=added, removed=removed)


def _compare_retired(
    store: Store, build: Build, key: str, names: GraphNames, new: AbstractSet[Quad]
) -> tuple[set[Quad], set[Quad]]:
    """The quads of `new` that stand where the old rows stated theirs, and those of the old rows that are not in it."""
    stated = Stated(store, build.mapped.vocabulary, names.base)
    graphs = {False: NamedNode(names.asserted), True: NamedNode(names.shared)}
    cursor = build.mapped.admitted.connection.cursor().execute(_RETIRED, [key])
    standing: set[Quad] = set()
    removed: set[Quad] = set()
    for table, row_key, subject, obj, is_shared in cursor.fetchall():
        if subject is None:
            around = stated.around_row(table, row_key, graphs[is_shared])
            standing |= around & new
            removed.update(stated.of_row(table, row_key, around - new))
        else:
            removed |= {stated.by_link(table, subject, obj, graphs[is_shared])} - new
    return standing, removed


def _stated_now(build: Build, slug: str) -> set[Quad]:
    """What the affected rows state, as a store on disk gives it."""
    store = Store()
    for name in (slug, SHARED):
        store.bulk_load(path=os.fspath(build.mapped.files[name]), format=RdfFormat.N_QUADS, lenient=True)
    return set(store.quads_for_pattern(None, None, None, None))
