"""Whether each statement of a package is one that its profile lets out; told from the data alone, as a receiver can.

What a profile asks of things by shapes of its own is not asked again: a partner may lack what such a shape looks at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from jobgraph.exports.package_data import graph_iri
from jobgraph.exports.profile import ClassRule, Mask, Profile
from jobgraph.exports.sorted_data import plain_iri, split_line
from jobgraph.exports.terms import Terms
from jobgraph.vocabulary import JG, RDF, XSD, Vocabulary

_TYPE = NamedNode(RDF + "type")
_TYPE_WORD, _BLANK = f"<{RDF}type>".encode(), b"_:"
_PSEUDONYM = re.compile("[0-9a-f]{32}")
_COARSE_DATES = {"year": XSD + "gYear", "month": XSD + "gYearMonth"}


def unjustified(
    read: Callable[[], Iterable[bytes]], profile: Profile, graphs: Mapping[str, str], vocabulary: Vocabulary
) -> str:
    """The first statement that a profile does not let out, with the reason, in words; empty if there is none.

    Parameters
    ----------
    read : gives the statements as canonical lines, each time from the start; twice.
    graphs : the IRIs of their graphs, by kind; without graphs, all may be in the unnamed one.
    """
    classes: dict[bytes, tuple[str, ...]] = {}
    for line in read():
        if _TYPE_WORD in line:
            subject, predicate, value, _ = split_line(line)
            if predicate == _TYPE_WORD:
                classes[subject] = (*classes.get(subject, ()), plain_iri(value))
    things = {plain_iri(subject): named for subject, named in classes.items() if not subject.startswith(_BLANK)}
    judge = _Judge(profile, {iri: kind for kind, iri in graphs.items()}, things, Terms(vocabulary))
    return next(judge.faults(read()), "")


@dataclass(frozen=True)
class _Judge:
    """Knows the profile, the kind of each graph and the classes of each thing."""

    profile: Profile
    graphs: Mapping[str, str]
    things: Mapping[str, tuple[str, ...]]
    terms: Terms

    def faults(self, lines: Iterable[bytes]) -> Iterator[str]:
        """Every statement that does not belong there, with the reason."""
        sound: set[tuple[object, ...]] = set()  # what was judged once is not judged again for each thing
        for line in lines:
            subject, predicate, value, graph = split_line(line)
            alike = self._alike(subject, predicate, value)
            if alike and (graph, alike) in sound:
                continue
            quad = next(iter(parse(line, RdfFormat.N_QUADS)))
            reason = self._fault(quad)
            if reason:
                yield f"{quad.subject} {quad.predicate}, {reason}"
            elif alike:
                sound.add((graph, alike))

    def _alike(self, subject: bytes, predicate: bytes, value: bytes) -> tuple[object, ...]:
        """What statements have in common that belong there or do not together; nothing where each is judged alone."""
        if predicate in self._masked:
            return ()
        if value.startswith(b'"'):
            kind = value[value.rindex(b'"') :]  # the datatype or language
        elif predicate == _TYPE_WORD or not value.startswith(b"<"):
            kind = value
        else:
            named = value[1:-1].decode()
            kind = b"there" if named in self.things or self._is_named_by_ontology(named) else b"elsewhere"
        about = subject[1:-1].decode() if subject.startswith(b"<") else ""
        return self.things.get(about), not about or self._is_named_by_ontology(about), predicate, kind

    @cached_property
    def _masked(self) -> frozenset[bytes]:
        rules = self.profile.classes.values()
        return frozenset(f"<{path}>".encode() for rule in rules for path, mask in rule.properties.items() if mask)

    def _fault(self, quad: Quad) -> str:
        graph = graph_iri(quad)
        kind = self.graphs.get(graph)
        if graph and (kind is None or kind not in self.profile.graphs):
            return f"in the graph {graph}, which does not leave"
        if kind == "ontology" or (not graph and self._is_of_ontology(quad.subject)):
            return "" if self._is_of_ontology(quad.subject) else "which is no term of the ontology"
        rules = self._rules(quad.subject)
        if not rules:
            return "of a thing whose class does not leave"
        return self._fault_of_value(quad, rules)

    def _fault_of_value(self, quad: Quad, rules: list[ClassRule]) -> str:
        path, value = quad.predicate.value, quad.object
        allowing = [rule for rule in rules if path in rule.properties]
        if not allowing or any(path in rule.excluded for rule in rules):
            return "a property that does not leave"
        if isinstance(value, Literal):
            return self._fault_of_text(value, [rule.properties[path] for rule in allowing])
        if not isinstance(value, NamedNode):
            return "a value without a name"
        if quad.predicate == _TYPE:
            return "" if self._may_be_type(value.value) else "a class that does not leave"
        is_there = value.value in self.things or self._is_of_ontology(value)
        return (
            "a link to what does not leave" if path in self.terms.links and self._classes_leave and not is_there else ""
        )

    def _fault_of_text(self, value: Literal, masks: list[Mask | None]) -> str:
        languages = self.profile.languages
        if value.language and languages and not any(_speaks(value.language, language) for language in languages):
            return f"in the language {value.language}, which does not leave"
        return "" if all(mask is None or _is_masked(value, mask) for mask in masks) else "a value that is not masked"

    def _rules(self, subject: object) -> list[ClassRule]:
        if not isinstance(subject, NamedNode):
            return []
        if not self._classes_leave and subject.value not in self.things:
            return list(self.profile.classes.values())
        classes = self.things.get(subject.value, ())
        if not self.profile.excluded_classes.isdisjoint(classes):
            return []
        return [rule for class_iri, rule in self.profile.classes.items() if class_iri in classes]

    @cached_property
    def _classes_leave(self) -> bool:
        """Whether it is said of each thing of which class it is; without the asserted graph, it is of some only."""
        return "asserted" in self.profile.graphs

    def _may_be_type(self, class_iri: str) -> bool:
        return class_iri in self._types

    @cached_property
    def _types(self) -> frozenset[str]:
        above = (self.terms.above(class_iri) for class_iri in self.profile.classes)
        return frozenset(self.profile.classes).union(*above)

    @cached_property
    def _declared(self) -> frozenset[str]:
        return self.terms.classes | self.terms.properties

    def _is_of_ontology(self, term: object) -> bool:
        """Whether a term, a code, or a blank node, which only the ontology has."""
        return isinstance(term, BlankNode) or (isinstance(term, NamedNode) and self._is_named_by_ontology(term.value))

    def _is_named_by_ontology(self, iri: str) -> bool:
        return iri.startswith(JG) or iri in self._declared


def _speaks(language: str, wanted: str) -> bool:
    """Whether a language is the wanted one or a variety of it."""
    return language.lower() == wanted.lower() or language.lower().startswith(f"{wanted.lower()}-")


def _is_masked(value: Literal, mask: Mask) -> bool:
    """Whether a value looks as the mask leaves it."""
    if mask.kind == "pseudonym":
        return _PSEUDONYM.fullmatch(value.value) is not None
    if mask.precision:
        return value.datatype.value == _COARSE_DATES[mask.precision]
    if mask.step:
        return _is_multiple(value.value, mask.step)
    return len(value.value) <= (mask.length or 0) + 1  # and the sign that says that it was cut


def _is_multiple(number: str, step: str) -> bool:
    try:
        return Decimal(number) % Decimal(step) == 0
    except InvalidOperation:
        return False
