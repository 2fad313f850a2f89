"""The rows that a change affects, brought into a copy of a tenant's store: what the old ones stated goes first."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from jobgraph.lines import parse_tsv, quad_of, tsv_found, tsv_of
from jobgraph.mapping import SHARED
from jobgraph.mapping.stated import Stated
from jobgraph.pipeline.last_build import LastBuild, check_current
from jobgraph.pipeline.publication import Build
from jobgraph.store import Draft, GraphNames
from jobgraph.store.following import Delta
from jobgraph.store.oxigraph import extend

# The old rows that stated something and are not carried over, of a tenant, or '' of all. A link that a kept row states,
# too, stays.
_RETIRED = """
    SELECT table_, key_, subject, object FROM retired r
    WHERE state = 'live' AND tenant_ = ? AND (subject IS NULL OR NOT EXISTS (
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
    graphs = {slug: NamedNode(names.asserted), SHARED: NamedNode(names.shared)}
    with ThreadPoolExecutor(1) as aside:
        opening = aside.submit(Store, os.fspath(draft.store_path))
        stated_now = {graph: _stated_now(build.mapped.files[file], graph) for file, graph in graphs.items()}
        retired = {graph: _retired(build, "" if file == SHARED else key) for file, graph in graphs.items()}
        store = opening.result()
    stated = Stated(store, build.mapped.vocabulary, names.base)
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for graph, new in stated_now.items():
        rows, links = retired[graph]
        around = stated.around_rows(rows, graph) if rows else set()
        removed |= {quad_of(triple, graph) for triple in stated.of_rows(rows, around - new)}
        gone = (stated.by_link(*link) for link in links)
        removed |= {quad_of(triple, graph) for triple in gone if tsv_of(triple) not in new}
        candidates = (quad_of(triple, graph) for triple in parse_tsv(new - around))
        added |= {quad for quad in candidates if quad not in store}  # a row that is kept may state it, too
    for quad in removed:
        store.remove(quad)
    extend(store, added)
    build.progress("load", len(removed) + len(added), "triples")
    return store, Delta(added=added, removed=removed)


def _retired(build: Build, key: str) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """The old rows of a tenant, or '' of all, that stated something of their own, by table and key, and the links.

    Those are of rows that linked two others, by table and the two keys.
    """
    rows: list[tuple[str, str]] = []
    links: list[tuple[str, str, str]] = []
    cursor = build.mapped.admitted.connection.cursor().execute(_RETIRED, [key])
    for table, row_key, subject, obj in cursor.fetchall():
        if subject is None:
            rows.append((table, row_key))
        else:
            links.append((table, subject, obj))
    return rows, links


def _stated_now(path: Path, graph: NamedNode) -> set[bytes]:
    """What the affected rows state, as a store on disk gives it."""
    store = Store()
    store.bulk_load(path=os.fspath(path), format=RdfFormat.N_QUADS, lenient=True)
    return tsv_found(store, "{ ?s ?p ?o }", graph)
