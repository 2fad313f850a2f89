"""The work list: validation results for people, grouped by what is wrong, with examples, owners and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from jobgraph.shacl.results import Result
from jobgraph.shacl.statements import Resource, Term
from jobgraph.validation.columns import Places
from jobgraph.validation.entities import Entities
from jobgraph.validation.repairs import Repairs
from jobgraph.validation.report import SEVERITIES, severity_word
from jobgraph.validation.shape_labels import Facts, ShapeLabels, local_name
from jobgraph.vocabulary import Vocabulary

_EXAMPLES = 3
_MOST_ITEMS = 50  # that a person is shown at once
_MOST_WALKED = 100  # results of a group whose owners are looked for
_MOST_OWNERS = 3
_RANKS = {word: rank for rank, word in enumerate(SEVERITIES.values())}

_Kind = tuple[str, Resource, Resource | None]  # severity, shape and constraint


@dataclass(frozen=True)
class Example:
    """One thing that does not conform: its IRI and label, the row it comes from, the value that is wrong.

    `row` is the number of the row in its table, where it is known, `repair` the value that the cell certainly should
    have, where there is one.
    """

    iri: str
    label: str
    table: str
    key: str
    row: int | None
    value: str
    repair: str | None = None


@dataclass(frozen=True)
class WorkItem:
    """Results of one shape and severity: how many, what they break, where, whose they are, and what to do.

    `shape` is what people call the shape, `shape_iri` its name in reports.
    """

    severity: str
    shape: str
    rules: tuple[str, ...]
    columns: tuple[str, ...]
    count: int
    message: str
    owners: tuple[str, ...]
    examples: tuple[Example, ...]
    shape_iri: str


@dataclass(frozen=True)
class WorkList:
    """What to work on, the gravest and most frequent first; `counts` are of results, by severity.

    `left_out` counts the items that were cut off; their results are in `counts`.
    """

    items: tuple[WorkItem, ...]
    counts: Mapping[str, int]
    left_out: int = 0

    @classmethod
    def of(cls, items: Iterable[WorkItem]) -> WorkList:
        """The list of some items in their order, with their counts."""
        listed, counts = tuple(items), Counter(dict.fromkeys(SEVERITIES.values(), 0))
        for item in listed:
            counts[item.severity] += item.count
        return cls(listed, dict(counts))

    def narrowed(self, fits: Callable[[WorkItem], bool]) -> WorkList:
        """Only what fits."""
        return WorkList.of(filter(fits, self.items))

    def beginning(self) -> WorkList:
        """As many items as a person reads."""
        return replace(self, items=self.items[:_MOST_ITEMS], left_out=len(self.items[_MOST_ITEMS:]))


class Gathering:
    """Results on their way into a work list: of each kind only what its item shows is held in memory."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, _Found] = {}

    def noting(self, results: Iterable[Result]) -> Iterator[Result]:
        """The same results, each noted as it goes by."""
        for result in results:
            key = severity_word(result.severity), result.shape, result.constraint
            self._kinds.setdefault(key, _Found()).add(result)
            yield result

    def work_list(self, entities: Entities, guide: Guide) -> WorkList:
        """What was noted, for people."""
        writer = _Writer(entities, guide, Repairs(entities, guide.places))
        found = sorted(self._kinds.items(), key=lambda pair: (_RANKS[pair[0][0]], -pair[1].count, str(pair[0][1])))
        return WorkList.of(writer.item(key, each) for key, each in found)


@dataclass(frozen=True)
class Guide:
    """What leads from results to people: the places in the source that shapes are about, and what they are called."""

    places: Places
    labels: ShapeLabels

    @classmethod
    def of(cls, vocabulary: Vocabulary, shapes: Facts | None = None) -> Guide:
        """The guide to some shapes by what is stated of them, to ours where none are named."""
        return cls(Places(vocabulary), ShapeLabels(vocabulary.shapes.facts if shapes is None else shapes))


def to_work_list(results: Iterable[Result], entities: Entities, guide: Guide) -> WorkList:
    """Group results by severity, shape and constraint."""
    gathering = Gathering()
    for _ in gathering.noting(results):
        pass
    return gathering.work_list(entities, guide)


@dataclass
class _Found:
    """The results of one kind: how many, and those that its item shows."""

    count: int = 0
    components: set[str] = field(default_factory=set)
    first: list[Result] = field(default_factory=list)
    shown: dict[Term, tuple[tuple[str, ...], Result]] = field(default_factory=dict)  # by focus, with its order

    def add(self, result: Result) -> None:
        """Count a result; keep it where it is among the first to come or, one a focus, the first in order."""
        self.count += 1
        self.components.add(result.component)
        if len(self.first) < _MOST_WALKED:
            self.first.append(result)
        order, known = result.order_key(), self.shown.get(result.focus)
        if known is None or order < known[0]:
            self.shown[result.focus] = order, result
            if len(self.shown) > _EXAMPLES:
                del self.shown[max(self.shown, key=lambda focus: self.shown[focus][0])]

    def examples(self) -> list[Result]:
        """The first in order, one of each focus."""
        return [result for _, result in sorted(self.shown.values(), key=lambda pair: pair[0])]


@dataclass(frozen=True)
class _Writer:
    """Writes the items of a work list with what it takes to do so."""

    entities: Entities
    guide: Guide
    repairs: Repairs

    def item(self, kind: _Kind, found: _Found) -> WorkItem:
        severity, shape, _ = kind
        shown = found.examples()
        row = self.entities.row(shown[0].focus)
        columns = self.guide.places.of(shown[0], row[0]) if row else ()
        return WorkItem(
            severity=severity,
            shape=self.guide.labels.of(shape),
            rules=tuple(sorted({_rule(component) for component in found.components})),
            columns=tuple(f"{row[0].name}.{column.name}" for column in columns) if row else (),
            count=found.count,
            message=self._readable(shown[0].message),
            owners=self._owners(found.first),
            examples=tuple(map(self._example, shown)),
            shape_iri=shape.value if isinstance(shape, NamedNode) else str(shape),
        )

    def _owners(self, found: Iterable[Result]) -> tuple[str, ...]:
        """Who owns most of the results; an owner that is not known is none."""
        owners = Counter(str(self.entities.owner(result.focus)) for result in found)
        del owners[""]
        return tuple(owner for owner, _ in sorted(owners.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_OWNERS])

    def _example(self, result: Result) -> Example:
        row = self.entities.row(result.focus)
        table, key = (row[0].name, row[1]) if row else ("", "")
        return Example(
            iri=result.focus.value if isinstance(result.focus, NamedNode) else str(result.focus),
            label=self.entities.label(result.focus),
            table=table,
            key=key,
            row=self.entities.row_number(table, key),
            value="" if result.value in (None, result.focus) else self._shown(result.value),
            repair=next((repair.new_value for repair in self.repairs.of(result)), None),
        )

    def _readable(self, message: str) -> str:
        """The message with labels in place of the IRIs of entities and codes."""
        return self.entities.iri_pattern.sub(lambda iri: self.entities.label(NamedNode(iri[0])) or iri[0], message)

    def _shown(self, value: Term | None) -> str:
        return "" if value is None else self.entities.label(value) or local_name(value) or str(value)


def _rule(component: str) -> str:
    return local_name(NamedNode(component)).removesuffix("ConstraintComponent")
