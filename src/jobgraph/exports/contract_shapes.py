"""The shapes of a package's contract: ours, cut to what the profile lets out, so that the data can be held to them.

What a cut graph cannot promise is not asked: the number of links whose target may stay behind, the form of masked
values, and what queries say about the whole graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Triple

from jobgraph.exports.profile import ClassRule, Profile
from jobgraph.store import PREFIXES
from jobgraph.turtle_layout import Tree, to_canonical_text
from jobgraph.validation.our_shapes import our_shapes
from jobgraph.vocabulary import RDF, RDFS, SH, SKOS, Column, Table, Vocabulary
from jobgraph.vocabulary.graph import Graph, Term

_TYPE, _IN_SCHEME = RDF + "type", SKOS + "inScheme"
_WORDS = {_TYPE, RDFS + "label", *(SH + name for name in ("description", "message", "name"))}
_ALWAYS = _WORDS | {SH + name for name in ("path", "severity", "targetClass", "maxCount", "nodeKind")}
_PAIRS = {SH + name for name in ("equals", "disjoint", "lessThan", "lessThanOrEquals")}
_INSIDE = {SH + name for name in ("and", "node", "not", "or", "qualifiedValueShape", "xone")}
_PARTS = {SH + "property", RDF + "first"}
_NEVER = {SH + name for name in ("closed", "ignoredProperties", "property", "sparql", "target")}


def contract_shapes(profile: Profile, vocabulary: Vocabulary) -> str:
    """The Turtle text of the shapes of the selected classes, cut to the selected properties.

    Raises
    ------
    TurtleError, InputError : a file of shapes cannot be read.
    """
    graph = Graph(our_shapes(vocabulary))
    cut = _Cut(profile, vocabulary, graph)
    return to_canonical_text(Tree.from_triples(cut.triples()), PREFIXES)


@dataclass(frozen=True)
class _Owner:
    """A class that leaves, and the table of its things."""

    rule: ClassRule
    table: Table | None

    def leaves_whole(self, path: str) -> bool:
        """Whether the values of a property leave as they are."""
        return path in self.rule.properties and self.rule.properties[path] is None


class _Cut:
    """The shapes, with what of them is to be asked of the data of a profile."""

    def __init__(self, profile: Profile, vocabulary: Vocabulary, graph: Graph) -> None:
        self._profile, self._vocabulary, self._graph = profile, vocabulary, graph
        tables = vocabulary.tables.values()
        self._columns: Mapping[str, Column] = {c.shape: c for table in tables for c in table.columns if c.shape}

    def triples(self) -> Iterator[Triple]:
        """The triples of the cut shapes."""
        for shape, facts in self._graph.facts.items():
            targets = [term.value for term in facts.get(SH + "targetClass", ())]
            if isinstance(shape, NamedNode) and len(targets) == 1 and targets[0] in self._profile.classes:
                table = self._vocabulary.table_of_class.get(targets[0])
                yield from self._of_shape(shape, _Owner(self._profile.classes[targets[0]], table))

    def _of_shape(self, shape: NamedNode, owner: _Owner) -> Iterator[Triple]:
        yield from self._constraints(shape, owner, ())
        for property_ in self._graph.all(shape, SH + "property"):
            if isinstance(property_, NamedNode | BlankNode):
                kept = list(self._of_property(property_, owner))
                if kept:
                    yield Triple(shape, NamedNode(SH + "property"), property_)
                    yield from kept
        keys = {key.iri: key for key in owner.table.unique_keys} if owner.table else {}
        for query in self._graph.all(shape, SH + "sparql"):
            key = keys.get(query.value)
            if key and isinstance(query, NamedNode) and all(self._is_whole(column, owner) for column in key.columns):
                yield Triple(shape, NamedNode(SH + "sparql"), query)
                yield from (t for t in self._whole(query) if t.predicate.value.startswith((SH, RDF)))

    def _of_property(self, shape: NamedNode | BlankNode, owner: _Owner) -> Iterator[Triple]:
        """The triples of a property shape; none where its values do not leave."""
        (path,) = self._graph.all(shape, SH + "path")
        column = self._columns.get(shape.value)
        if isinstance(path, BlankNode):
            inverse = self._graph.all(path, SH + "inversePath")
            if not inverse or not column or not self._is_whole(column, owner):
                return
        elif path.value not in owner.rule.properties:
            return
        elif owner.rule.properties[path.value] is not None:
            yield from (t for t in self._whole(shape) if t.predicate.value in _ALWAYS)
            return
        if column and column.kind == "link" and column.target not in self._profile.classes:
            return
        yield from self._constraints(shape, owner, self._unsure(column))

    def _unsure(self, column: Column | None) -> Iterable[str]:
        """The constraints that hold of the whole graph and need not of what leaves."""
        if column is None:
            return (SH + "minCount", SH + "class", SH + "qualifiedMinCount")
        if column.kind == "link" and (self._may_stay(column.target) or not self._has_rows()):
            return (SH + "minCount",)
        is_text = column.kind == "literal" and self._profile.languages
        return (SH + "minCount",) if is_text else ()

    def _may_stay(self, class_iri: str) -> bool:
        """Whether some things of a class that leaves may stay."""
        return bool(self._profile.classes[class_iri].conditions or self._profile.excluded_classes)

    def _has_rows(self) -> bool:
        """Whether what all rows state leaves, shared ones included."""
        return {"asserted", "reference"} <= self._profile.graphs

    def _is_whole(self, column: Column, owner: _Owner) -> bool:
        """Whether what a column states leaves, and as it is."""
        if column.inverse:
            other = self._profile.classes.get(column.target)
            return other is not None and _Owner(other, None).leaves_whole(column.path)
        is_there = column.kind != "link" or column.target in self._profile.classes
        return is_there and owner.leaves_whole(column.path)

    def _constraints(self, shape: NamedNode | BlankNode, owner: _Owner, unsure: Iterable[str]) -> Iterator[Triple]:
        """What a shape asks on its own, as far as all that it speaks of leaves as it is."""
        left_out = {*unsure, *_NEVER}
        facts: Mapping[str, list[Term]] = self._graph.facts[shape]
        for predicate, objects in facts.items():
            if predicate in left_out or not (predicate in _WORDS or predicate.startswith(SH)):
                continue
            for value in objects:
                if self._is_fit(predicate, value, owner):
                    yield Triple(shape, NamedNode(predicate), value)
                    yield from self._inside(predicate, value)

    def _is_fit(self, predicate: str, value: Term, owner: _Owner) -> bool:
        if predicate in _PAIRS:
            return owner.leaves_whole(value.value)
        if predicate in _INSIDE:
            return all(path == _IN_SCHEME or owner.leaves_whole(path) for path in self._paths_inside(value))
        return True

    def _paths_inside(self, node: Term) -> Iterator[str]:
        """The properties that a nested shape speaks of, and '' for what is no plain property."""
        for predicate, objects in self._graph.facts.get(node, {}).items():
            for value in objects:
                if predicate == SH + "path":
                    yield value.value if isinstance(value, NamedNode) else ""
                elif predicate == SH + "sparql":
                    yield ""
                elif isinstance(value, BlankNode) or predicate in _INSIDE | _PARTS:
                    yield from self._paths_inside(value)

    def _whole(self, node: NamedNode | BlankNode) -> Iterator[Triple]:
        """All that is said of a node, and of the blank nodes in it, but what only we need to know."""
        facts: Mapping[str, list[Term]] = self._graph.facts.get(node, {})
        for predicate, objects in facts.items():
            if not (predicate in _WORDS or predicate.startswith((SH, RDF))):
                continue
            for value in objects:
                yield Triple(node, NamedNode(predicate), value)
                yield from self._inside(predicate, value)

    def _inside(self, predicate: str, value: Term) -> Iterator[Triple]:
        """All that is said of a value that is a part of what has it, or a shape that it refers to."""
        if isinstance(value, BlankNode) or (isinstance(value, NamedNode) and predicate in _INSIDE | _PARTS):
            yield from self._whole(value)
