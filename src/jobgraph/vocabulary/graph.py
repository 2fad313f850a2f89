"""Turtle files as triples by subject and predicate, to look things up in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.turtle import read_turtle
from jobgraph.vocabulary.terms import RDF

Term = NamedNode | BlankNode | Literal


def read_graph(files: Iterable[Path]) -> Graph:
    """The triples of all the files together."""
    return Graph(triple for path in files for triple in read_turtle(path))


def text(facts: Mapping[str, Sequence[Term]], predicate: str, default: str = "") -> str:
    """The value of the first object of a predicate."""
    return facts[predicate][0].value if predicate in facts else default


class Graph:
    """Triples by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.facts: dict[Any, dict[str, list[Term]]] = {}
        for triple in triples:
            found = self.facts.setdefault(triple.subject, {}).setdefault(triple.predicate.value, [])
            found.append(triple.object)  # type: ignore[arg-type]  # read_turtle refuses statements about statements

    def renamed(self, names: Mapping[BlankNode, NamedNode]) -> Graph:
        """The same with names in place of some blank nodes."""
        new = Graph(())
        for subject, facts in self.facts.items():
            found = new.facts.setdefault(names.get(subject, subject), {})
            for predicate, terms in facts.items():
                found.setdefault(predicate, []).extend(
                    [names.get(term, term) if isinstance(term, BlankNode) else term for term in terms]
                )
        return new

    def triples(self) -> Iterator[Triple]:
        """All of them, by subject in the order they were read."""
        for subject, facts in self.facts.items():
            for predicate, terms in facts.items():
                yield from (Triple(subject, NamedNode(predicate), term) for term in terms)

    def all(self, subject: object, predicate: str) -> Sequence[Term]:
        """The objects of a subject and a predicate."""
        return self.facts.get(subject, {}).get(predicate, [])

    def text(self, subject: object, predicate: str, default: str = "") -> str:
        """The value of the first object of a subject and a predicate."""
        return text(self.facts.get(subject, {}), predicate, default)

    def items(self, head: object) -> Iterator[str]:
        """The values of a list."""
        while first := self.all(head, RDF + "first"):
            yield first[0].value
            head = self.all(head, RDF + "rest")[0]
