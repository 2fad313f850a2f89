"""The store: one Oxigraph store per tenant, written as immutable generations, queried, dumped and compared.

A write:

    tenant = Home(path).tenant("acme", missing_ok=True)
    with tenant.begin() as draft:
        bulk_load(draft.store_path, [(quads, None), (ontology, names.ontology)])
        generation = draft.publish({"base": base, "tables": counts})

A read:

    with tenant.current().open() as store:
        answer = run_query(store, text, graphs=tenant.current().names)
"""

from jobgraph.store.diff import apply_patch, count_changes, iter_patch
from jobgraph.store.formats import FORMATS, PREFIXES, dump
from jobgraph.store.generations import Draft, Generation, Tenant
from jobgraph.store.graphs import GraphName, GraphNames
from jobgraph.store.home import Home
from jobgraph.store.loading import bulk_load
from jobgraph.store.naming import NAMING, entities_called, suggest
from jobgraph.store.oxigraph import Description, count_by_graph, describe
from jobgraph.store.query import RESULT_FORMATS, Answer, Merged, run_query
from jobgraph.store.screen import screen_query

__all__ = [
    "FORMATS",
    "NAMING",
    "PREFIXES",
    "RESULT_FORMATS",
    "Answer",
    "Description",
    "Draft",
    "Generation",
    "GraphName",
    "GraphNames",
    "Home",
    "Merged",
    "Tenant",
    "apply_patch",
    "bulk_load",
    "count_by_graph",
    "count_changes",
    "describe",
    "dump",
    "entities_called",
    "iter_patch",
    "run_query",
    "screen_query",
    "suggest",
]
