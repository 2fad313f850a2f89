"""Terms as people read and write them: short IRIs, and the text of literals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobgraph.store.query import Term


def to_iri(name: str) -> str:
    """The IRI in full of a name with one of the usual prefixes; anything else as it is."""
    from jobgraph.store import PREFIXES

    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def to_short(iri: str) -> str:
    """The name of an IRI with one of the usual prefixes, where it is one step below it; else the IRI."""
    from jobgraph.store import PREFIXES

    for prefix, start in PREFIXES.items():
        local = iri.removeprefix(start)
        if local != iri and "/" not in local and "#" not in local:
            return f"{prefix}:{local}"
    return iri


def to_cell(term: Term | None) -> str:
    """The text of a literal, the short name of an IRI; nothing for no term."""
    from pyoxigraph import Literal, NamedNode

    if isinstance(term, Literal):
        return term.value
    return to_short(term.value) if isinstance(term, NamedNode) else str(term or "")
