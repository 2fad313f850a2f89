"""Names for property shapes: blank nodes in our files, named after the node shape and the column that they are of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode

from jobgraph.vocabulary.graph import Graph
from jobgraph.vocabulary.terms import JG, RDF, SH, to_snake_case

Facts = Mapping[Any, Mapping[str, Sequence[object]]]  # objects by subject and the IRI of the property
_PROPERTY, _NAMING = SH + "property", (JG + "table", JG + "column")


def with_names(graph: Graph) -> Graph:
    """The same with names in place of the blank nodes of property shapes."""
    return graph.renamed({node: NamedNode(iri) for node, iri in property_shape_names(graph.facts).items()})


def property_shape_names(facts: Facts) -> dict[BlankNode, str]:
    """The IRI of every blank property shape of a named node shape: `{node shape}-{column}`.

    Where no column is named, the table of the plain junction or the steps of the path stand in its place. Where two
    would get one name, the path is added; where that is equal too, they are counted in the order of the file.

    >>> shape, node, path = NamedNode("urn:Pump"), BlankNode("b"), NamedNode("urn:x/ratedPower")
    >>> property_shape_names({shape: {SH + "property": [node]}, node: {SH + "path": [path]}})[node]
    'urn:Pump-rated_power'
    """
    names: dict[BlankNode, str] = {}
    for shape, about in facts.items():
        if isinstance(shape, NamedNode) and _PROPERTY in about:
            nodes = [node for node in about[_PROPERTY] if isinstance(node, BlankNode)]
            names |= {node: f"{shape.value}-{label}" for node, label in _labels(facts, nodes).items()}
    return names


def _labels(facts: Facts, nodes: Sequence[BlankNode]) -> dict[BlankNode, str]:
    labels = {node: _label(facts, node) for node in nodes}
    often = Counter(labels.values())
    labels = {n: label if often[label] == 1 else f"{label}-{_path_label(facts, n)}" for n, label in labels.items()}
    seen: Counter[str] = Counter()
    for node, label in labels.items():
        seen[label] += 1
        if seen[label] > 1:
            labels[node] = f"{label}-{seen[label]}"
    return labels


def _label(facts: Facts, node: object) -> str:
    for property_ in _NAMING:
        for term in facts[node].get(property_, ()):
            return quote(str(getattr(term, "value", term)), safe="")
    return _path_label(facts, node)


def _path_label(facts: Facts, node: object) -> str:
    return "-".join(word for path in facts[node].get(SH + "path", ()) for word in _path_words(facts, path))


def _path_words(facts: Facts, path: object) -> Iterator[str]:
    if isinstance(path, NamedNode):
        if path.value != RDF + "nil":
            yield _word(path.value)
        return
    for objects in facts.get(path, {}).values():
        for inner in objects:
            yield from _path_words(facts, inner)


@lru_cache(maxsize=4096)
def _word(iri: str) -> str:
    return quote(to_snake_case(re.split("[/#]", iri)[-1]), safe="")
