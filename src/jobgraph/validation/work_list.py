"""The work list: validation results for people, grouped by what is wrong, with examples, owners and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.shacl.results import Result
from jobgraph.shacl.statements import Resource, Term
from jobgraph.validation.columns import Places
from jobgraph.validation.entities import Entities
from jobgraph.validation.repairs import Repairs
from jobgraph.validation.report import SEVERITIES, severity_word
from jobgraph.vocabulary import RDFS, SH

_EXAMPLES = 3
_MOST_GROUPS = 50
_MOST_WALKED = 100  # results of a group whose owners are looked for
_MOST_OWNERS = 3
_RANKS = {word: rank for rank, word in enumerate(SEVERITIES.values())}

_Group = tuple[str, Resource, Resource | None]


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
    """Results of one shape and severity: how many, what they break, where, whose they are, and what to do."""

    severity: str
    shape: str
    rules: tuple[str, ...]
    columns: tuple[str, ...]
    count: int
    message: str
    owners: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class WorkList:
    """What to work on, the gravest and most frequent first; `left_out` counts the items beyond the cap."""

    items: tuple[WorkItem, ...]
    counts: Mapping[str, int]
    left_out: int


def to_work_list(results: Iterable[Result], entities: Entities, places: Places, labels: Mapping[Term, str]) -> WorkList:
    """Group results by severity, shape and constraint; all of them are held in memory.

    `labels` are what people call the shapes.
    """
    groups: dict[_Group, list[Result]] = {}
    for result in results:
        key = severity_word(result.severity), result.shape, result.constraint
        groups.setdefault(key, []).append(result)
    ordered = sorted(groups.items(), key=lambda pair: (_RANKS[pair[0][0]], -len(pair[1]), str(pair[0][1])))
    writer = _Writer(entities, places, Repairs(entities, places), labels)
    items = tuple(writer.item(key, found) for key, found in ordered[:_MOST_GROUPS])
    counts = Counter(dict.fromkeys(SEVERITIES.values(), 0))
    for (word, *_), found in ordered:
        counts[word] += len(found)
    return WorkList(items, dict(counts), len(ordered) - len(items))


def shape_labels(triples: Iterable[Triple]) -> dict[Term, str]:
    """What people call each shape: its label or name; that of the shape around it and its column where it has none."""
    facts: dict[Term, dict[str, Term]] = {}
    parents: dict[Term, Term] = {}
    for triple in triples:
        facts.setdefault(triple.subject, {}).setdefault(triple.predicate.value, triple.object)
        if triple.predicate.value == SH + "property":
            parents[triple.object] = triple.subject
    return {shape: _label(shape, facts, parents) for shape in facts}


def _label(shape: Term, facts: Mapping[Term, Mapping[str, Term]], parents: Mapping[Term, Term]) -> str:
    about = facts.get(shape, {})
    for property_ in (RDFS + "label", SH + "name"):
        label = about.get(property_)
        if isinstance(label, Literal):
            return label.value
    if shape in parents and parents[shape] != shape:
        inner = _inner_name(shape, parents[shape]) or _local(about.get(SH + "path"))
        return ": ".join(filter(None, (_label(parents[shape], facts, {}), inner)))
    return _local(shape) or str(shape)


def _inner_name(shape: Term, outer: Term) -> str:
    """What the name of a property shape adds to that of the shape around it, as a column."""
    if not (isinstance(shape, NamedNode) and isinstance(outer, NamedNode)):
        return ""
    start = f"{outer.value}-"
    return shape.value.removeprefix(start) if shape.value.startswith(start) else ""


def _local(term: Term | None) -> str:
    """The last step of an IRI; '' for what has none."""
    return term.value.rpartition("#")[2].rpartition("/")[2] if isinstance(term, NamedNode) else ""


@dataclass(frozen=True)
class _Writer:
    """Writes the items of a work list with what it takes to do so."""

    entities: Entities
    places: Places
    repairs: Repairs
    labels: Mapping[Term, str]

    def item(self, key: _Group, found: Sequence[Result]) -> WorkItem:
        severity, shape, _ = key
        by_focus = {result.focus: result for result in sorted(found, key=Result.order_key, reverse=True)}
        shown = sorted(by_focus.values(), key=Result.order_key)[:_EXAMPLES]
        row = self.entities.row(shown[0].focus)
        columns = self.places.of(shown[0], row[0]) if row else ()
        return WorkItem(
            severity=severity,
            shape=self.labels.get(shape) or _local(shape) or str(shape),
            rules=tuple(sorted({_rule(result.component) for result in found})),
            columns=tuple(f"{row[0].name}.{column.name}" for column in columns) if row else (),
            count=len(found),
            message=self._readable(shown[0].message),
            owners=self._owners(found[:_MOST_WALKED]),
            examples=tuple(self._example(result) for result in shown),
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
        return "" if value is None else self.entities.label(value) or _local(value) or str(value)


def _rule(component: str) -> str:
    return _local(NamedNode(component)).removesuffix("ConstraintComponent")
