"""What people know the things of a graph by: their labels, the rows that they come from, and who owns them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, Store

from jobgraph.mapping.iris import row_of
from jobgraph.shacl.statements import Term
from jobgraph.store import GraphNames
from jobgraph.vocabulary import JG, RDFS, SKOS, Column, Table, Vocabulary

_LABELS = (RDFS + "label", SKOS + "prefLabel", SKOS + "notation")
_FUNCTION, _DEPARTMENT = _UNITS = JG + "BusinessFunction", JG + "Department"
_FUNCTIONAL_AREA = JG + "hasFunctionalArea"  # a code that names the function where no link does
_MOST_STEPS = 4  # from a thing to its owner
_MOST_NODES = 100  # at one distance; what is linked to more is owned by nobody in particular


@dataclass(frozen=True)
class Owner:
    """The function and the department that a thing belongs to, by label; empty where none is known."""

    function: str = ""
    department: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.function, self.department) if part)


class Entities:
    """Answers about the things in the graphs of a tenant's store; the store must stay open.

    `rows` are the numbers of rows that are known, by table and key.
    """

    def __init__(
        self,
        store: Store,
        names: GraphNames,
        vocabulary: Vocabulary,
        *,
        rows: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self._store, self._vocabulary, self._base, self._rows = store, vocabulary, names.base, rows or {}
        starts = "|".join(map(re.escape, (names.base, JG)))
        # What a text holds of IRIs of ours: their last character is no full stop, which would end the sentence.
        self.iri_pattern = re.compile(rf"(?:{starts})[\w.~%/-]*[\w~%/-]")
        self._objects: dict[tuple[NamedNode, str], list[Term]] = {}
        self._ranks = {graph: n for n, graph in enumerate([*names.present(store), NamedNode(names.ontology)])}

    def objects(self, subject: NamedNode, path: str) -> list[Term]:
        """The values of a property."""
        if (subject, path) not in self._objects:
            self._objects[subject, path] = [quad.object for quad in self._quads(subject, path, None)]
        return self._objects[subject, path]

    def subjects(self, path: str, value: NamedNode) -> list[NamedNode]:
        """What has a value of a property."""
        quads = self._quads(None, path, value)
        return [quad.subject for quad in quads if isinstance(quad.subject, NamedNode)]

    def _quads(self, subject: NamedNode | None, path: str, value: NamedNode | None) -> list[Quad]:
        """The quads of our graphs, one graph after the other; one look-up in all of them takes the time of one."""
        found = self._store.quads_for_pattern(subject, NamedNode(path), value, None)
        quads = [quad for quad in found if quad.graph_name in self._ranks]
        return sorted(quads, key=lambda quad: self._ranks[quad.graph_name]) if len(quads) > 1 else quads

    def label(self, entity: Term) -> str:
        """What people call a thing; '' if nothing says."""
        if not isinstance(entity, NamedNode):
            return entity.value if isinstance(entity, Literal) else str(entity)
        values = (value for path in _LABELS for value in self.objects(entity, path))
        return next((value.value for value in values if isinstance(value, Literal)), "")

    def row(self, entity: Term) -> tuple[Table, str] | None:
        """The table and the key of the row that a thing comes from; None for what comes from none."""
        return row_of(entity.value, self._base, self._vocabulary) if isinstance(entity, NamedNode) else None

    def row_number(self, table: str, key: str) -> int | None:
        """The number of a row in its table of the source, if it is known."""
        return self._rows.get((table, key))

    def owner(self, entity: Term) -> Owner:
        """Who owns a thing: the nearest function and department along the links of its row, then of theirs."""
        function = department = area = ""
        level = [entity] if isinstance(entity, NamedNode) else []
        seen = set(level)
        for _ in range(_MOST_STEPS):
            found = self._from_rows(level)
            function = function or self._first_label(found, _FUNCTION)
            department = department or self._first_label(found, _DEPARTMENT)
            if function or area:  # a functional area stands for a function unless that is one step further
                break
            area = self._functional_area(found)
            level = [n for n in self._linked(found, _UNITS) if n not in seen]
            if not area and not self._first_label(self._from_rows(level), _FUNCTION):  # or the next step is the last
                level = [n for n in self._linked(found) if n not in seen]
            seen.update(level)
        return Owner(function or area, department)

    def _from_rows(self, nodes: Sequence[NamedNode]) -> list[tuple[NamedNode, Table]]:
        """Those of the first nodes that come from rows, with the tables of these."""
        return [(node, row[0]) for node in nodes[:_MOST_NODES] if (row := self.row(node))]

    def _first_label(self, found: Sequence[tuple[NamedNode, Table]], class_iri: str) -> str:
        return next((self.label(node) for node, table in found if table.class_iri == class_iri), "")

    def _functional_area(self, found: Sequence[tuple[NamedNode, Table]]) -> str:
        having = (node for node, table in found if any(column.path == _FUNCTIONAL_AREA for column in table.columns))
        areas = (area for node in having for area in self.objects(node, _FUNCTIONAL_AREA))
        return next((self.label(area) for area in areas), "")

    def _linked(
        self, found: Iterable[tuple[NamedNode, Table]], classes: Collection[str] | None = None
    ) -> Iterator[NamedNode]:
        """What the rows of things link to, or only those of some classes; tenants are left out: they own everything."""
        for node, table in found:
            for link in table.links:
                is_wanted = classes is None or link.target in classes
                if is_wanted and self._vocabulary.table_of_class[link.target].tenancy != "Itself":
                    yield from self._along(node, link)

    def _along(self, node: NamedNode, link: Column) -> Iterator[NamedNode]:
        if link.inverse:
            yield from self.subjects(link.path, node)
        else:
            yield from (target for target in self.objects(node, link.path) if isinstance(target, NamedNode))
