"""The rows that a change affects, brought into a copy of a tenant's store: what the old ones stated goes first."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from jobgraph.lines import parse_tsv, quad_of, tsv_found, tsv_of
from jobgraph.mapping import SHARED
from jobgraph.mapping.stated import Stated
from jobgraph.pipeline.last_build import LastBuild, check_current
from jobgraph.pipeline.publication import Build
from jobgraph.store import Draft, GraphNames
from jobgraph.store.following import Delta
from jobgraph.store.oxigraph import extend

# The old rows that stated something and are not carried over, of a tenant and '' of all. A link that a kept row states,
# too, stays.
_RETIRED = """
    SELECT tenant_, table_, key_, subject, object FROM retired r
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
    graphs = {slug: NamedNode(names.asserted), SHARED: NamedNode(names.shared)}
    with ThreadPoolExecutor(2) as aside:
        opening = aside.submit(Store, os.fspath(draft.store_path))
        asked = aside.submit(_retired, build, key)
        stated_now = {file: _stated_now(build.mapped.files[file], graph) for file, graph in graphs.items()}
        store, retired = opening.result(), asked.result()
    stated = Stated(store, build.mapped.vocabulary, names.base)
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for file, graph in graphs.items():
        new = stated_now[file]
        rows, links = retired["" if file == SHARED else key]
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
    return store, Delta(added=added, removed=removed, before=(draft.parent and draft.parent.triples) or 0)


class _Retired(NamedTuple):
    """Old rows that stated something of their own, by table and key, and links, by table and the two keys."""

    rows: list[tuple[str, str]]
    links: list[tuple[str, str, str]]


def _retired(build: Build, key: str) -> dict[str, _Retired]:
    """What a tenant's old rows stated that are not carried over; under '' what those of all did."""
    found = {owner: _Retired([], []) for owner in (key, "")}
    cursor = build.mapped.admitted.connection.cursor().execute(_RETIRED, [key])
    for owner, table, row_key, subject, obj in cursor.fetchall():
        if subject is None:
            found[owner].rows.append((table, row_key))
        else:
            found[owner].links.append((table, subject, obj))
    return found


def _stated_now(path: Path, graph: NamedNode) -> set[bytes]:
    """What the affected rows state, as a store on disk gives it."""
    store = Store()
    store.bulk_load(path=os.fspath(path), format=RdfFormat.N_QUADS, lenient=True)
    return tsv_found(store, "{ ?s ?p ?o }", graph)
