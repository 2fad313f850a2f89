"""Entities and codes by what people call them: an IRI, a code, a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Store

from jobgraph.errors import UsageError
from jobgraph.store import NAMING, GraphName, entities_called, suggest
from jobgraph.vocabulary import RDF, RDFS, SKOS

_TYPE = NamedNode(RDF + "type")
_LABEL = NamedNode(RDFS + "label")
_NOTATION = NamedNode(SKOS + "notation")
_IN_SCHEME = NamedNode(SKOS + "inScheme")
_SPELLINGS = (_NOTATION, NamedNode(SKOS + "hiddenLabel"))
_MOST = 5  # candidates in a sentence


@dataclass(frozen=True)
class Naming:
    """A store, and the graphs of it in which things are looked up."""

    store: Store
    graphs: Sequence[GraphName]

    def entity(self, class_iri: str, text: str) -> NamedNode:
        """The entity of a class with this IRI (also in short), code, name, slug or key, at last in any case.

        Raises
        ------
        UsageError : there is none, or several have the name.
        """
        kind, short = NamedNode(class_iri), class_iri.rpartition("/")[2]
        if "://" in text:
            return self._by_iri(kind, text.strip("<> "))
        found = self._exactly(kind, text) or self._in_any_case(kind, text)
        if len(found) > 1:
            candidates = "; ".join(self._described(node) for node in found[:_MOST])
            raise UsageError(f"{text!r} fits {len(found)} entities of jg:{short}; give the IRI of one: {candidates}.")
        if not found:
            raise UsageError(f"There is no jg:{short} {text!r}; {self._hint(kind, text)}")
        return found[0]

    def code(self, scheme_iri: str, text: str) -> NamedNode:
        """The concept of a code list with this notation or other spelling.

        Raises
        ------
        UsageError : there is none.
        """
        members = self._subjects(_IN_SCHEME, NamedNode(scheme_iri))
        by_spelling = {name: member for member in members for name in self._values(member, reversed(_SPELLINGS))}
        notations = sorted(name for member in members for name in self._values(member, (_NOTATION,)))
        if text in by_spelling:
            return by_spelling[text]
        raise UsageError(f"There is no code {text!r}; choose one of {', '.join(notations)}.")

    def notation(self, concept: NamedNode) -> str | None:
        """The notation of a code; None for what is no code of a list."""
        if not any(True for _ in self._objects(concept, _IN_SCHEME)):
            return None
        return next(self._values(concept, (_NOTATION,)), None)

    def _by_iri(self, kind: NamedNode, iri: str) -> NamedNode:
        short = kind.value.rpartition("/")[2]
        try:
            node = NamedNode(iri)
        except ValueError as error:
            raise UsageError(f"{iri!r} is no IRI: {error}.") from error
        if kind not in self._objects(node, _TYPE):
            raise UsageError(f"<{iri}> is no jg:{short} of this tenant; check the IRI and the tenant.")
        return node

    def _exactly(self, kind: NamedNode, text: str) -> list[NamedNode]:
        return [n for n in entities_called(self.store, self.graphs, text) if kind in self._objects(n, _TYPE)]

    def _in_any_case(self, kind: NamedNode, text: str) -> list[NamedNode]:
        """The entities whose names differ in case only, or whose IRI ends so; looks at all entities of the class."""
        wanted = text.strip().casefold()
        found = (m for m in self._subjects(_TYPE, kind) if wanted in map(str.casefold, self._called(m)))
        return sorted(found, key=str)

    def _called(self, node: NamedNode) -> Iterator[str]:
        yield node.value.rpartition("/")[2]
        yield "/".join(node.value.rsplit("/", 2)[1:])
        yield from self._values(node, NAMING)

    def _hint(self, kind: NamedNode, text: str) -> str:
        names = {n for m in self._subjects(_TYPE, kind) for n in self._values(m, (_LABEL, _NOTATION))}
        return suggest(text, names) if names else f"this tenant has no jg:{kind.value.rpartition('/')[2]} at all."

    def _described(self, node: NamedNode) -> str:
        return " ".join([f"<{node.value}>", *dict.fromkeys(self._values(node, (_LABEL, _NOTATION)))])

    def _subjects(self, predicate: NamedNode, value: NamedNode | Literal) -> list[NamedNode]:
        quads = (q for graph in self.graphs for q in self.store.quads_for_pattern(None, predicate, value, graph))
        return list(dict.fromkeys(q.subject for q in quads if isinstance(q.subject, NamedNode)))

    def _objects(self, node: NamedNode, predicate: NamedNode) -> Iterator[object]:
        for graph in self.graphs:
            yield from (quad.object for quad in self.store.quads_for_pattern(node, predicate, None, graph))

    def _values(self, node: NamedNode, predicates: Iterable[NamedNode]) -> Iterator[str]:
        found = (value for predicate in predicates for value in self._objects(node, predicate))
        yield from (value.value for value in found if isinstance(value, Literal))
