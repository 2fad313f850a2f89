"""What people call an entity: its code, its name or its short name, and what they may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pyoxigraph import Literal, NamedNode, Store

from jobgraph.store.graphs import GraphName
from jobgraph.vocabulary import JG, RDFS, SKOS

_MOST = 5  # names in a sentence
NAMING = tuple(NamedNode(iri) for iri in (SKOS + "notation", RDFS + "label", JG + "slug"))


def entities_called(store: Store, graphs: Iterable[GraphName], text: str) -> list[NamedNode]:
    """The entities with exactly this code, name or short name in some of the graphs, in the order of their IRIs."""
    value = Literal(text)
    quads = (q for graph in graphs for p in NAMING for q in store.quads_for_pattern(None, p, value, graph))
    found = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
    return sorted(found, key=lambda node: node.value)


def suggest(text: str, names: Iterable[str]) -> str:
    """What to do where nothing is called `text`: the names like it, else those that contain it, else any of them.

    >>> suggest("publsh", ["Plan", "Publish"]), suggest("zzz", ["Plan", "Publish"])
    ('did you mean Publish?', 'name one by IRI, code or name, such as Plan.')
    """
    folded, wanted = {name.casefold(): name for name in sorted(names)}, text.casefold()
    near = get_close_matches(wanted, folded, n=_MOST, cutoff=0.5)
    near = near or sorted(key for key in folded if wanted in key)[:_MOST]
    if near:
        return f"did you mean {' or '.join(folded[key] for key in near)}?"
    return f"name one by IRI, code or name, such as {min(folded.values())}."
