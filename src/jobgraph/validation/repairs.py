"""Repairs of the source that are certain: spellings of codes brought to their notation, scores computed anew.

What is only likely is no repair: a decimal with too many places may be right to the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from jobgraph.shacl.paths import Predicate
from jobgraph.shacl.results import Result
from jobgraph.shacl.statements import Term
from jobgraph.validation.columns import Places
from jobgraph.validation.entities import Entities
from jobgraph.vocabulary import JG, SKOS, Column, Table

# What rows may store though it follows from others of their cells, and where the inferred graph has it.
_COMPUTED = {
    JG + "opportunityScore": JG + "computedOpportunityScore",
    JG + "hasOpportunityPriority": JG + "hasComputedPriority",
}
_INPUTS = {JG + "importanceScore", JG + "satisfactionScore"}  # what they follow from
_SEPARATORS = re.compile(r"[\s_\-/.]+")


class Repair(NamedTuple):
    """A cell of the source to change: from the old value to the new one, by which rule and for what reason."""

    table: str
    key: str
    column: str
    old_value: str
    new_value: str
    rule: str
    reason: str


class Repairs:
    """Finds repairs for results on a tenant's graph."""

    def __init__(self, entities: Entities, places: Places) -> None:
        self._entities, self._places = entities, places
        self._codes: dict[str, dict[str, set[str]]] = {}

    def of_all(self, results: Iterable[Result]) -> list[Repair]:
        """The repairs for some results, by table, key and column, each cell once."""
        found = {repair[:3]: repair for result in results for repair in self.of(result)}
        return [found[place] for place in sorted(found)]

    def of(self, result: Result) -> Iterator[Repair]:
        """The repair for a result, if one is certain."""
        row = self._entities.row(result.focus)
        columns = self._places.of(result, row[0] if row else None)
        if row is None or len(columns) != 1 or not isinstance(result.focus, NamedNode):
            return
        for suggest in (self._computed, self._code):
            if repair := suggest(result, result.focus, columns[0], *row):
                yield repair
                return

    def _computed(self, result: Result, focus: NamedNode, column: Column, table: Table, key: str) -> Repair | None:
        """The computed value for one that is stored and differs."""
        path = result.path.iri if isinstance(result.path, Predicate) else ""
        values = self._entities.objects(focus, _COMPUTED[path]) if path in _COMPUTED else []
        if len(values) != 1 or result.value is None or not self._is_certain(focus, table):
            return None
        old, new = (self._cell(value) for value in (result.value, values[0]))
        reason = "The value follows from the importance and the satisfaction score of the row."
        return Repair(table.name, key, column.name, old, new, "computed", reason) if old != new else None

    def _is_certain(self, focus: NamedNode, table: Table) -> bool:
        """Whether what the computed values follow from has no more decimals than it should: else it is wrong itself."""
        inputs = [column for column in table.columns if column.path in _INPUTS and column.pattern]
        values = (
            (column, self._cell(value)) for column in inputs for value in self._entities.objects(focus, column.path)
        )
        return all(re.search(column.pattern, value) for column, value in values)

    def _code(self, result: Result, _focus: NamedNode, column: Column, table: Table, key: str) -> Repair | None:
        """The notation of the one code that an unknown text spells, letters' case and separators aside."""
        if not column.scheme or column.repeated or not isinstance(result.value, Literal):
            return None
        notations = self._spellings(column.scheme).get(_plain(result.value.value), set())
        if len(notations) != 1:
            return None
        (new,) = notations
        reason = f"The text is a spelling of the code {new}, but for case, spaces and separators."
        return Repair(table.name, key, column.name, result.value.value, new, "code", reason)

    def _spellings(self, scheme: str) -> dict[str, set[str]]:
        """The notations that a plain text stands for in a code list."""
        if scheme not in self._codes:
            found = self._codes[scheme] = {}
            for concept in self._entities.subjects(SKOS + "inScheme", NamedNode(scheme)):
                notations = self._texts(concept, "notation")
                for text in (*notations, *self._texts(concept, "hiddenLabel")):
                    found.setdefault(_plain(text), set()).update(notations[:1])
        return self._codes[scheme]

    def _texts(self, concept: NamedNode, property_: str) -> list[str]:
        return sorted(t.value for t in self._entities.objects(concept, SKOS + property_) if isinstance(t, Literal))

    def _cell(self, value: Term) -> str:
        """What a cell says for a value: the notation of a code, the text of a literal."""
        if isinstance(value, NamedNode):
            return next(iter(self._texts(value, "notation")), value.value)
        return value.value if isinstance(value, Literal) else str(value)


def _plain(text: str) -> str:
    """A text without case, and with one form of separators.

    >>> _plain("  Medical-Affairs ")
    'medical affairs'
    """
    return _SEPARATORS.sub(" ", text).strip().casefold()
