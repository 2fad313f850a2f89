"""What a row stated, found in a store again: the quads that go when the row does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad, Store

from jobgraph.mapping.iris import entity_iri
from jobgraph.vocabulary import RDF, Column, Table, Vocabulary

_TYPE = NamedNode(RDF + "type")


class Stated:
    """Finds the quads of rows that the graphs of a store were made of."""

    def __init__(self, store: Store, vocabulary: Vocabulary, base: str) -> None:
        self._store, self._vocabulary, self._base = store, vocabulary, base

    def around_row(self, table_name: str, key: str, graph: NamedNode) -> set[Quad]:
        """What the row with this key states, of a table whose rows are of a class, and what others state of its entity.

        To tell them apart takes longer than to read them, so that is left to `of_row`.
        """
        table = self._vocabulary.tables[table_name]
        entity = self._entity(table.class_iri, key)
        found = set(self._store.quads_for_pattern(entity, None, None, graph))
        for path in {NamedNode(c.path) for c in table.columns if c.inverse}:
            found.update(self._store.quads_for_pattern(None, path, entity, graph))
        return found

    def of_row(self, table_name: str, key: str, around: Iterable[Quad]) -> Iterator[Quad]:
        """Those of the quads around a row that it states itself."""
        table = self._vocabulary.tables[table_name]
        entity = self._entity(table.class_iri, key)
        forward = {_TYPE, *(NamedNode(c.path) for c in table.columns if not c.inverse)}
        inverse = {NamedNode(c.path) for c in table.columns if c.inverse}
        for quad in around:
            is_own = quad.subject == entity and quad.predicate in forward
            if is_own or (quad.object == entity and quad.predicate in inverse):
                yield quad

    def by_link(self, table_name: str, subject: str, obj: str, graph: NamedNode) -> Quad:
        """What the row of a plain junction states that links these keys."""
        table = self._vocabulary.tables[table_name]
        link, start = table.columns[0], table.subject
        assert start is not None
        one, other = self._entity(start.target, subject), self._entity(link.target, obj)
        if link.inverse:
            one, other = other, one
        return Quad(one, NamedNode(link.path), other, graph)

    def _entity(self, class_iri: str, key: str) -> NamedNode:
        return NamedNode(entity_iri(self._base, self._vocabulary, class_iri, key))


def shared_path(vocabulary: Vocabulary) -> str:
    """A property by which rows of two tables state things of the same entities; '' if there is none, as must be here.

    Only then do the quads of a row in a store tell by themselves which row stated them.
    """
    by_entity: dict[tuple[str, str], set[tuple[str, bool]]] = defaultdict(set)
    by_link: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for table in vocabulary.tables.values():
        for column in table.columns:
            subject, obj = _ends(table, column)
            is_own = bool(table.class_iri) and not column.inverse
            by_entity[column.path, subject].add((table.name if is_own else "", is_own))
            by_link[column.path, subject, obj].add(table.name)
    found = [path for (path, _), tables in by_entity.items() if len(tables) > 1]
    found += [path for (path, _, _), names in by_link.items() if len(names) > 1]
    return min(found, default="")


def _ends(table: Table, column: Column) -> tuple[str, str]:
    """The classes at the ends of what a column states; the second is '' for a literal or a code."""
    own = table.subject.target if table.subject else table.class_iri
    return (column.target, own) if column.inverse else (own, column.target)
