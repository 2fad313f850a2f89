"""The contract of a package: the part of the ontology that its data use, with the code lists, as one Turtle file.

What the ontology says of other terms stays: a statement that leads to one is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.exports.profile import Profile
from jobgraph.store import PREFIXES
from jobgraph.turtle_layout import Tree, to_canonical_text
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, Vocabulary
from jobgraph.vocabulary.graph import Graph, Term

_OWL, _DCTERMS = PREFIXES["owl"], PREFIXES["dcterms"]
_TYPE, _DEFINED_BY = RDF + "type", RDFS + "isDefinedBy"
_UPWARDS = (RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "inScheme", SKOS + "broader")
_HEADER = _OWL + "Ontology"


def ontology_part(ontology: Iterable[Triple], terms: Iterable[str], *, iri: str, title: str) -> str:
    """The Turtle text of what the ontology says of some terms, of those above them and of the code lists among them.

    Parameters
    ----------
    terms : IRIs; those that the ontology does not know are passed over.
    iri, title : of the part itself.
    """
    part = _Part(Graph(ontology))
    part.take(terms)
    header = NamedNode(iri)
    facts: list[tuple[str, NamedNode | Literal]] = [
        (_TYPE, NamedNode(_HEADER)),
        (RDFS + "label", Literal(title, language="en")),
        (_DCTERMS + "source", NamedNode(JG)),
        (_DCTERMS + "title", Literal(title, language="en")),
    ]
    triples = [Triple(header, NamedNode(predicate), value) for predicate, value in facts]
    return to_canonical_text(Tree.from_triples([*triples, *part.triples()]), {**PREFIXES, "code": f"{JG}code/"})


def terms_of(profile: Profile, vocabulary: Vocabulary) -> set[str]:
    """The terms that a profile lets data use: classes, properties, and the code lists that these draw on."""
    terms = set(profile.classes)
    for class_iri, rule in profile.classes.items():
        table = vocabulary.table_of_class.get(class_iri)
        columns = table.columns if table else ()
        terms |= {*rule.properties, *(c.scheme for c in columns if c.scheme and c.path in rule.properties)}
    for table in vocabulary.tables.values():  # code lists of plain junctions
        if table.subject and (owner := profile.classes.get(table.subject.target)):
            terms |= {c.scheme for c in table.columns if c.scheme and c.path in owner.properties}
    return terms


class _Part:
    """The terms of an ontology that were taken, and what it says of them."""

    def __init__(self, ontology: Graph) -> None:
        self._ontology = ontology
        self._taken: set[NamedNode] = set()
        self._codes: dict[NamedNode, list[NamedNode]] = {}
        for subject, facts in ontology.facts.items():
            for scheme in facts.get(SKOS + "inScheme", ()):
                if isinstance(subject, NamedNode) and isinstance(scheme, NamedNode):
                    self._codes.setdefault(scheme, []).append(subject)

    def take(self, terms: Iterable[str]) -> None:
        """Add terms, with those above them, and every code of a list."""
        waiting = [NamedNode(term) for term in terms]
        while waiting:
            term = waiting.pop()
            if term in self._taken or term not in self._ontology.facts or self._is_header(term):
                continue
            self._taken.add(term)
            above = (node for up in _UPWARDS for node in self._ontology.all(term, up))
            waiting += [node for node in above if isinstance(node, NamedNode)]
            waiting += self._codes.get(term, [])

    def triples(self) -> Iterator[Triple]:
        """What is said of them, as far as it leads to nothing that was not taken."""
        for term in sorted(self._taken, key=lambda node: node.value):
            yield from self._about(term)

    def _about(self, subject: NamedNode | BlankNode) -> Iterator[Triple]:
        facts: Mapping[str, list[Term]] = self._ontology.facts.get(subject, {})
        for predicate, objects in facts.items():
            for value in objects:
                if predicate == _DEFINED_BY or self._is_kept(value):
                    yield Triple(subject, NamedNode(predicate), value)
                    if isinstance(value, BlankNode):
                        yield from self._about(value)

    def _is_kept(self, value: Term) -> bool:
        if isinstance(value, Literal):
            return True
        if isinstance(value, BlankNode):
            objects = (term for terms in self._ontology.facts.get(value, {}).values() for term in terms)
            return all(self._is_kept(term) for term in objects)
        return value in self._taken or value not in self._ontology.facts

    def _is_header(self, term: NamedNode) -> bool:
        return any(kind.value == _HEADER for kind in self._ontology.all(term, _TYPE))
