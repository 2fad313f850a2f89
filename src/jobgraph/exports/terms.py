"""What profiles can name: the classes and properties there are, what a class can say, and what of it is personal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pyoxigraph import NamedNode

from jobgraph.vocabulary import JG, RDF, RDFS, XSD, Vocabulary
from jobgraph.vocabulary.graph import Graph, read_graph

_OWL = "http://www.w3.org/2002/07/owl#"
_TYPE = RDF + "type"
_ANY = ""  # stands for every class
_PROPERTY_KINDS = {_OWL + kind for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")}


class Terms:
    """The classes and properties of the ontology, and which of them belong together.

    A class can say what the columns of its table say, what the columns of other tables say that lead away from it, and
    every property of ours that has the class, one above it, or none as its domain.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    @cached_property
    def _ontology(self) -> Graph:
        return read_graph(self._vocabulary.ontology_files())

    @cached_property
    def classes(self) -> frozenset[str]:
        """The IRIs of all declared classes."""
        return frozenset(self._iter_declared({_OWL + "Class"}))

    @cached_property
    def own_classes(self) -> frozenset[str]:
        """The classes of the ontology's own name space, of which things can be."""
        return frozenset(iri for iri in self.classes if iri.startswith(JG))

    @cached_property
    def properties(self) -> frozenset[str]:
        """The IRIs of all properties that the ontology declares or a shape uses."""
        columns = {column.path for table in self._vocabulary.tables.values() for column in table.columns}
        return frozenset({*self._iter_declared(_PROPERTY_KINDS), *columns})

    @cached_property
    def links(self) -> frozenset[str]:
        """The properties whose values are things or codes."""
        columns = (column for table in self._vocabulary.tables.values() for column in table.columns)
        stated = {column.path for column in columns if column.kind != "literal"}
        return frozenset({*self._iter_declared({_OWL + "ObjectProperty"}), *stated})

    def datatypes(self, path: str) -> frozenset[str]:
        """The local names of the datatypes that the values of a property have; none where nothing says."""
        columns = (column for table in self._vocabulary.tables.values() for column in table.columns)
        stated = {column.datatype for column in columns if column.path == path and column.datatype}
        ranges = {term.value for term in self._ontology.all(NamedNode(path), RDFS + "range")}
        return frozenset(iri.removeprefix(XSD) for iri in stated or ranges if iri.startswith(XSD))

    def properties_of(self, class_iri: str) -> frozenset[str]:
        """The properties that a thing of the class can have; personal ones among them."""
        above = self.above(class_iri) | {class_iri}
        return frozenset(path for one in (*above, _ANY) for path in self._by_class.get(one, ()))

    def personal_of(self, class_iri: str) -> frozenset[str]:
        """The properties of the class that hold personal data; a class that has any is one of people."""
        above = self.above(class_iri) | {class_iri}
        return frozenset(path for one, path in self._personal if one in above)

    @cached_property
    def people(self) -> frozenset[str]:
        """The classes of people: those with a property that holds personal data."""
        return frozenset(class_iri for class_iri, _ in self._personal)

    def above(self, class_iri: str) -> frozenset[str]:
        """The classes above a class, whether the ontology names them one by one or in a chain."""
        found: set[str] = set()
        waiting = [class_iri]
        while waiting:
            for parent in self._ontology.all(NamedNode(waiting.pop()), RDFS + "subClassOf"):
                if isinstance(parent, NamedNode) and parent.value not in found:
                    found.add(parent.value)
                    waiting.append(parent.value)
        return frozenset(found)

    def label(self, iri: str) -> str:
        """What people call a term; the last step of its IRI where nobody said."""
        return self._ontology.text(NamedNode(iri), RDFS + "label") or iri.rpartition("#")[2].rpartition("/")[2]

    @cached_property
    def _by_class(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for class_iri, path, _ in self._iter_stated():
            found.setdefault(class_iri, set()).add(path)
        for path in self.properties:
            for class_iri in self._domain(path):
                found.setdefault(class_iri, set()).add(path)
        stated = self._iter_declared({_OWL + "ObjectProperty", _OWL + "DatatypeProperty"})
        found[_ANY] = {path for path in stated if path.startswith(JG) and not list(self._domain(path))}
        return found

    @cached_property
    def _personal(self) -> frozenset[tuple[str, str]]:
        return frozenset((class_iri, path) for class_iri, path, is_personal in self._iter_stated() if is_personal)

    def _iter_stated(self) -> Iterator[tuple[str, str, bool]]:
        """The class at which each column's property starts, the property, and whether it is personal."""
        for table in self._vocabulary.tables.values():
            own = table.class_iri or (table.subject.target if table.subject else "")
            for column in table.columns:
                yield column.target if column.inverse else own, column.path, column.personal

    def _domain(self, path: str) -> Iterator[str]:
        for domain in self._ontology.all(NamedNode(path), RDFS + "domain"):
            heads = self._ontology.all(domain, _OWL + "unionOf")
            if isinstance(domain, NamedNode):
                yield domain.value
            for head in heads:
                yield from self._ontology.items(head)

    def _iter_declared(self, kinds: set[str]) -> Iterator[str]:
        for subject, facts in self._ontology.facts.items():
            if isinstance(subject, NamedNode) and any(kind.value in kinds for kind in facts.get(_TYPE, ())):
                yield subject.value
