"""One published generation, opened to read: what it says of a thing, what leads there, and what is called how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store

from jobgraph.api.names import Names, read_names
from jobgraph.errors import UsageError
from jobgraph.questions.entities import Naming
from jobgraph.store import Generation, GraphNames, entities_called
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, Vocabulary

_TYPE = NamedNode(RDF + "type")
_LABEL = NamedNode(RDFS + "label")
_NOTATION = NamedNode(SKOS + "notation")
_NAMES = (_LABEL, _NOTATION, NamedNode(JG + "slug"))
_CODES = f"{JG}code/"
_MOST = 5  # candidates and near matches in a sentence


class Reader:
    """A generation that stays open, and safe from pruning, until it is closed or forgotten."""

    def __init__(self, generation: Generation, vocabulary: Vocabulary) -> None:
        self.generation, self.vocabulary = generation, vocabulary
        self.graphs: GraphNames = generation.names
        self._stack = ExitStack()
        self._store: Store | None = self._stack.enter_context(generation.open())

    @property
    def store(self) -> Store:
        """The open store.

        Raises
        ------
        UsageError : it was closed.
        """
        if self._store is None:
            raise UsageError(f"The graph of {self.graphs.slug} is closed; open it again with jobgraph.open.")
        return self._store

    def close(self) -> None:
        """Let go of the generation; closing twice does nothing."""
        self._store = None
        self._stack.close()

    @cached_property
    def names(self) -> Names:
        """What classes and properties are called in Python."""
        return read_names(self.store, self.graphs, self.vocabulary)

    @cached_property
    def naming(self) -> Naming:
        """The entities by their names."""
        return Naming(self.store, self._merged)

    @cached_property
    def counts(self) -> Counter[str]:
        """The number of entities by the name of their class in the plural, the largest class first."""
        found = {
            name: sum(1 for graph in self._merged for _ in self.store.quads_for_pattern(None, _TYPE, node, graph))
            for name, node in ((name, NamedNode(iri)) for name, iri in self.names.plural.items())
        }
        return Counter({name: count for name, count in sorted(found.items(), key=lambda f: (-f[1], f[0])) if count})

    def members(self, class_iri: str) -> list[NamedNode]:
        """The entities of a class, in no order."""
        return [node for node, _ in self.incoming(NamedNode(class_iri), _TYPE)]

    def outgoing(
        self, node: NamedNode, predicate: NamedNode | None = None
    ) -> Iterator[tuple[str, NamedNode | BlankNode | Literal]]:
        """The properties of a thing with their values."""
        for graph in self._merged:
            for quad in self.store.quads_for_pattern(node, predicate, None, graph):
                if isinstance(quad.object, NamedNode | BlankNode | Literal):
                    yield quad.predicate.value, quad.object

    def incoming(self, node: NamedNode, predicate: NamedNode | None = None) -> Iterator[tuple[NamedNode, str]]:
        """The things that lead to this one, with the properties that do."""
        for graph in self._merged:
            for quad in self.store.quads_for_pattern(None, predicate, node, graph):
                if isinstance(quad.subject, NamedNode):
                    yield quad.subject, quad.predicate.value

    def class_of(self, node: NamedNode) -> str:
        """The IRI of the class of an entity; empty for what is none."""
        known = self.names.singular.values()
        classes = {value.value for _, value in self.outgoing(node, _TYPE) if isinstance(value, NamedNode)}
        return min(classes & set(known), default="")

    def label(self, node: NamedNode) -> str:
        """What people call an entity: its name, else its code or short name, else its IRI."""
        for predicate in _NAMES:
            texts = sorted(value.value for _, value in self.outgoing(node, predicate) if isinstance(value, Literal))
            if texts:
                return texts[0]
        return node.value

    def code(self, node: NamedNode) -> str | None:
        """The notation of a code; None for what is no code."""
        return self._codes.notation(node) if node.value.startswith(_CODES) else None

    def find(self, text: str) -> NamedNode:
        """The one entity of any class with this IRI, code, name or short name.

        Raises
        ------
        UsageError : there is none, or several have the name.
        """
        if "://" in text:
            return self._by_iri(text.strip("<> "))
        found = [node for node in entities_called(self.store, self._merged, text) if self.class_of(node)]
        if not found:
            raise UsageError(f"There is no entity {text!r} in {self.graphs.slug}; {self._hint(text)}")
        if len(found) > 1:
            listed = "; ".join(f"<{node.value}>" for node in found[:_MOST])
            raise UsageError(f"{text!r} fits {len(found)} entities; give the IRI of one: {listed}.")
        return found[0]

    def _by_iri(self, iri: str) -> NamedNode:
        try:
            node = NamedNode(iri)
        except ValueError as error:
            raise UsageError(f"{iri!r} is no IRI: {error}.") from error
        if not self.class_of(node):
            raise UsageError(f"<{iri}> is no entity of {self.graphs.slug}; check the IRI and the tenant.")
        return node

    def _hint(self, text: str) -> str:
        quads = (q for graph in self._merged for p in _NAMES for q in self._all_of(p, graph))
        names = {quad.value.casefold(): quad.value for quad in quads}
        near = [names[key] for key in get_close_matches(text.casefold(), names, n=_MOST, cutoff=0.5)]
        return f"did you mean {' or '.join(near)}?" if near else "check the name and the tenant."

    def _all_of(self, predicate: NamedNode, graph: NamedNode | BlankNode | DefaultGraph) -> Iterator[Literal]:
        quads = self.store.quads_for_pattern(None, predicate, None, graph)
        return (quad.object for quad in quads if isinstance(quad.object, Literal))

    @cached_property
    def _merged(self) -> Sequence[NamedNode | BlankNode | DefaultGraph]:
        return self.graphs.present(self.store)

    @cached_property
    def _codes(self) -> Naming:
        return Naming(self.store, [NamedNode(self.graphs.ontology)])
