"""What rows stated, found in a store again: the triples that go when the rows do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, partial

from pyoxigraph import NamedNode, Store, Triple

from jobgraph.lines import parse_tsv, tsv_found
from jobgraph.mapping.iris import entity_iri
from jobgraph.vocabulary import RDF, Column, Table, Vocabulary

_TYPE = NamedNode(RDF + "type")

Row = tuple[str, str]  # a table and a key


class Stated:
    """Finds the triples of rows that the graphs of a store were made of."""

    def __init__(self, store: Store, vocabulary: Vocabulary, base: str) -> None:
        self._store, self._vocabulary, self._base = store, vocabulary, base
        self._forward = cache(partial(_forward, vocabulary))
        self._inverse = cache(partial(_inverse, vocabulary))

    def around_rows(self, rows: Iterable[Row], graph: NamedNode) -> set[bytes]:
        """What rows state, of tables whose rows are of a class, and what others state of their entities.

        Lines of TSV, for most are only compared. To tell rows apart is left to `of_rows`.
        """
        entities = [(self._entity(self._table(name).class_iri, key), self._inverse(name)) for name, key in rows]
        subjects = " ".join(str(entity) for entity, _ in entities)
        objects = " ".join(f"({path} {entity})" for entity, paths in entities for path in paths)
        where = f"{{ {{ VALUES ?s {{ {subjects} }} ?s ?p ?o }} UNION {{ VALUES (?p ?o) {{ {objects} }} ?s ?p ?o }} }}"
        return tsv_found(self._store, where, graph)

    def of_rows(self, rows: Iterable[Row], around: Iterable[bytes]) -> Iterator[Triple]:
        """Those of the triples around rows that these rows state themselves."""
        tables: dict[object, set[str]] = defaultdict(set)
        for name, key in rows:
            tables[self._entity(self._table(name).class_iri, key)].add(name)
        for triple in parse_tsv(around):
            is_own = any(triple.predicate in self._forward(name) for name in tables.get(triple.subject, ()))
            if is_own or any(triple.predicate in self._inverse(name) for name in tables.get(triple.object, ())):
                yield triple

    def by_link(self, table_name: str, subject: str, obj: str) -> Triple:
        """What the row of a plain junction states that links these keys."""
        table = self._table(table_name)
        link, start = table.columns[0], table.subject
        assert start is not None
        one, other = self._entity(start.target, subject), self._entity(link.target, obj)
        if link.inverse:
            one, other = other, one
        return Triple(one, NamedNode(link.path), other)

    def _table(self, table_name: str) -> Table:
        return self._vocabulary.tables[table_name]

    def _entity(self, class_iri: str, key: str) -> NamedNode:
        return NamedNode(entity_iri(self._base, self._vocabulary, class_iri, key))


def _forward(vocabulary: Vocabulary, table_name: str) -> frozenset[NamedNode]:
    """The properties of what a row states of its entity."""
    columns = vocabulary.tables[table_name].columns
    return frozenset([_TYPE, *(NamedNode(column.path) for column in columns if not column.inverse)])


def _inverse(vocabulary: Vocabulary, table_name: str) -> frozenset[NamedNode]:
    """The properties of what a row states of others, which lead to its entity."""
    return frozenset(NamedNode(c.path) for c in vocabulary.tables[table_name].columns if c.inverse)


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
