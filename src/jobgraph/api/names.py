"""The names of Python for the terms of the ontology: classes in the singular and plural, properties in both ways."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Store

from jobgraph.store import GraphNames
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary, to_snake_case

INVERSE = "inverse_"
_TYPE = NamedNode(RDF + "type")
_DOMAIN, _RANGE = NamedNode(RDFS + "domain"), NamedNode(RDFS + "range")
_FIRST, _REST = NamedNode(RDF + "first"), NamedNode(RDF + "rest")
_UNION = NamedNode("http://www.w3.org/2002/07/owl#unionOf")


@dataclass(frozen=True)
class Property:
    """A property as an entity has it: `is_single` where one row can state one value of it only."""

    iri: str
    is_single: bool = False


@dataclass(frozen=True)
class Names:
    """What the terms are called in Python.

    `singular` and `plural` lead from names to class IRIs, `properties` from the IRI of a class to its properties by
    name, `neighbours` from the IRI of a class to the classes that one link leads to, in either direction.
    """

    singular: Mapping[str, str]
    plural: Mapping[str, str]
    properties: Mapping[str, Mapping[str, Property]]
    neighbours: Mapping[str, frozenset[str]]


def read_names(store: Store, names: GraphNames, vocabulary: Vocabulary) -> Names:
    """The names of a published generation: its own ontology, with what the shapes say of tables and columns."""
    properties: dict[str, dict[str, Property]] = defaultdict(dict)
    neighbours: dict[str, set[str]] = defaultdict(set)
    for iri, class_iri, target in _ontology_terms(store, names):
        properties[class_iri].setdefault(to_name(iri), Property(iri))
        if target:
            neighbours[class_iri].add(target)
            neighbours[target].add(class_iri)
    for class_iri, table in vocabulary.table_of_class.items():
        for column in (column for column in table.columns if not column.inverse):
            properties[class_iri][to_name(column.path)] = Property(column.path, is_single=not column.repeated)
        targets = {column.target for column in table.columns if column.target}
        neighbours[class_iri] |= targets
        for target in targets:
            neighbours[target].add(class_iri)
    classes = [*vocabulary.table_of_class, *_inferred_classes(store, names, vocabulary, properties)]
    return Names(
        singular={to_name(iri): iri for iri in sorted(classes)},
        plural={to_plural(to_name(iri)): iri for iri in sorted(classes)},
        properties={iri: dict(sorted(found.items())) for iri, found in properties.items()},
        neighbours={iri: frozenset(found) for iri, found in neighbours.items()},
    )


def to_name(iri: str) -> str:
    """The name of a term: its last step in snake case.

    >>> to_name("https://w3id.org/jobgraph/playsRole"), to_name("http://www.w3.org/2000/01/rdf-schema#label")
    ('plays_role', 'label')
    """
    return to_snake_case(re.split(r"[/#]", iri)[-1])


def to_plural(name: str) -> str:
    """The name of many.

    >>> to_plural("capability"), to_plural("job"), to_plural("success_criterion")
    ('capabilities', 'jobs', 'success_criteria')
    """
    for end, plural in ((r"(?<![aeiou])y", "ies"), ("criterion", "criteria"), ("(s|x|ch|sh)", r"\1es")):
        if re.search(f"{end}$", name):
            return re.sub(f"{end}$", plural, name)
    return f"{name}s"


def _ontology_terms(store: Store, names: GraphNames) -> Iterator[tuple[str, str, str]]:
    """Each property with a class that has it and a class it leads to; empty where it leads to none."""
    graph = NamedNode(names.ontology)
    for quad in store.quads_for_pattern(None, _DOMAIN, None, graph):
        ranges = (range_.object for range_ in store.quads_for_pattern(quad.subject, _RANGE, None, graph))
        targets = [target for range_ in ranges for target in _classes(store, range_, graph)]
        for class_iri in _classes(store, quad.object, graph):
            for target in targets or [""]:
                yield str(getattr(quad.subject, "value", "")), class_iri, target


def _classes(store: Store, node: object, graph: NamedNode) -> Iterator[str]:
    """The class of ours, or those of a union of classes."""
    if isinstance(node, NamedNode):
        yield from (iri for iri in (node.value,) if iri.startswith(JG))
    elif isinstance(node, BlankNode):
        for step in (_UNION, _REST, _FIRST):
            for quad in store.quads_for_pattern(node, step, None, graph):
                yield from _classes(store, quad.object, graph)


def _inferred_classes(
    store: Store, names: GraphNames, vocabulary: Vocabulary, known: Mapping[str, object]
) -> Iterator[str]:
    """The classes of ours without a table that something belongs to."""
    graph = NamedNode(names.inferred)
    for iri in known:
        has_table = iri in vocabulary.table_of_class
        if not has_table and next(store.quads_for_pattern(None, _TYPE, NamedNode(iri), graph), None):
            yield iri
