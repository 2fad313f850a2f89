"""The triples of a selection as things: what one subject states, its values by property and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.exports.tables.kinds import IRI, Kind, value_test
from jobgraph.vocabulary import JG

Fact = tuple[str, Kind]  # the IRI of a property, and what its values have in common
BLANK = JG + ".well-known/genid/"  # https://www.w3.org/TR/rdf11-concepts/#section-skolemization


class Triples(Protocol):
    """What tables are written from: a selection, or whatever has triples."""

    def triples(self) -> Iterable[Triple]:
        """The triples, no two the same, those of a subject one after the other; the same each time."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A subject with the texts or IRIs that it states."""

    iri: str
    facts: dict[Fact, list[str]]


class Reader:
    """Reads things; `unsaid` counts what no table can say, by its name in `losses`."""

    def __init__(self) -> None:
        self.unsaid: Counter[str] = Counter()
        self._kinds: dict[tuple[str, str], tuple[Kind, Kind, Callable[[str], bool]]] = {}

    def things(self, source: Triples) -> Iterator[Thing]:
        """The things, one at a time."""
        for subject, triples in groupby(source.triples(), key=attrgetter("subject")):
            facts: dict[Fact, list[str]] = {}
            for triple in triples:
                kind, text = self._value(triple.object)
                if kind:
                    facts.setdefault((triple.predicate.value, kind), []).append(text)
            if facts:
                yield Thing(self._iri(subject), facts)

    def _value(self, term: object) -> tuple[Kind | None, str]:
        if isinstance(term, Literal):
            text = term.value
            return self._kind(term, text), text
        if isinstance(term, NamedNode | BlankNode):
            return IRI, self._iri(term)
        self.unsaid["statements about statements"] += 1
        return None, ""

    def _iri(self, term: NamedNode | BlankNode) -> str:
        if isinstance(term, BlankNode):
            self.unsaid["blank nodes"] += 1
            return BLANK + term.value
        return term.value

    def _kind(self, term: Literal, text: str) -> Kind:
        key = term.datatype.value, term.language or ""
        if key not in self._kinds:
            self._kinds[key] = Kind(*key), Kind(*key, is_misfit=True), value_test(key[0])
        kind, misfit, is_value = self._kinds[key]
        if term.language and term.direction:
            self.unsaid["text directions"] += 1
        if is_value(text):
            return kind
        self.unsaid["datatypes of misfits"] += 1
        return misfit
