"""Writes: a change of one tenant's graph, published as a new generation or refused.

    written = apply_change(tenant, SparqlUpdate("INSERT DATA { <ex:a> <ex:p> 1 }"), settings)
    written = apply_change(tenant, PutGraph(iri, body, RdfFormat.TURTLE), settings, expected="000007")

A writer may change the asserted graph, the unnamed one and graphs of its own making. The inferred, shared, metadata
and ontology graphs are read-only: a change that alters one is refused, whatever way it took. The rules and the shapes
speak of the asserted graph: a change of it that brings a new violation is refused with its report.
"""

from jobgraph.writing.application import Written, apply_change
from jobgraph.writing.changes import Change, DeleteGraph, PatchGraph, PostGraph, PutGraph, SparqlUpdate

__all__ = [
    "Change",
    "DeleteGraph",
    "PatchGraph",
    "PostGraph",
    "PutGraph",
    "SparqlUpdate",
    "Written",
    "apply_change",
]
