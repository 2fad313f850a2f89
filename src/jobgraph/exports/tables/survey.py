"""What a selection holds, found in one pass: the tables that its things make, and what their columns need.

A thing stands in one table, that of its class with a table in the source, else of its first class. In memory is a
number for every thing, and a few for every column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from jobgraph.exports.tables.kinds import IRI, Kind
from jobgraph.exports.tables.losses import count_text
from jobgraph.exports.tables.naming import class_names, column_names
from jobgraph.exports.tables.things import Fact, Reader, Thing, Triples
from jobgraph.exports.tables.traits import Traits
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary

TYPE: Fact = RDF + "type", IRI
_LABEL = RDFS + "label"


@dataclass(frozen=True)
class Column:
    """One property with values of one kind: `is_list` where a thing can have several, `traits` what they are like."""

    name: str
    fact: Fact
    traits: Traits
    is_list: bool

    @property
    def iri(self) -> str:
        """The property."""
        return self.fact[0]

    @property
    def kind(self) -> Kind:
        """What the values have in common."""
        return self.fact[1]


@dataclass(frozen=True)
class ThingTable:
    """The things of a class (`class_iri` is empty where they have none); `types` are the classes of each of them."""

    name: str
    class_iri: str
    count: int
    types: tuple[str, ...]
    columns: tuple[Column, ...]

    @cached_property
    def column_of(self) -> Mapping[Fact, Column]:
        """The columns by what they hold."""
        return {column.fact: column for column in self.columns}

    def without_types(self, thing: Thing) -> dict[Fact, list[str]]:
        """What a thing states beyond the classes that all in the table have."""
        if TYPE not in thing.facts:
            return thing.facts
        others = [iri for iri in thing.facts[TYPE] if iri not in self.types]
        facts = {fact: values for fact, values in thing.facts.items() if fact != TYPE}
        return facts | {TYPE: others} if others else facts


@dataclass(frozen=True)
class Survey:
    """The tables of a selection by number, the number of each thing's table, and what formats cannot say.

    `outside` are the IRIs that things link to and that state nothing here. `unsaid` counts by the names in `losses`.
    """

    tables: tuple[ThingTable, ...]
    table_of: Mapping[str, int]
    unsaid: Mapping[str, int]
    shared: tuple[Column, ...]  # the columns of all tables, as one where they hold the same
    labels: Mapping[str, str]  # short names of classes

    @cached_property
    def shared_of(self) -> Mapping[Fact, Column]:
        """The shared columns by what they hold."""
        return {column.fact: column for column in self.shared}


def survey_selection(selection: Triples, vocabulary: Vocabulary) -> Survey:
    """What there is to write, for any of the formats; reads all triples once.

    Raises
    ------
    ValueError : the triples of a subject do not stand together.
    """
    reader, tally = Reader(), _Tally(vocabulary)
    for thing in reader.things(selection):
        tally.add(thing)
    return tally.survey(reader.unsaid)


@dataclass
class _Counted:
    """What was counted of one table so far."""

    things: int = 0
    types: Counter[str] = field(default_factory=Counter)
    traits: dict[Fact, Traits] = field(default_factory=dict)


class _Tally:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._sourced = vocabulary.table_of_class.keys()
        self._lists = _stated_lists(vocabulary)
        self._home_of: dict[tuple[str, ...], str] = {}
        self._classes: dict[str, _Counted] = {}
        self._class_of: dict[str, str] = {}
        self._unsaid: Counter[str] = Counter()

    def add(self, thing: Thing) -> None:
        if thing.iri in self._class_of:
            raise ValueError(f"The triples of {thing.iri} do not stand together.")
        class_iri = self._home(tuple(thing.facts.get(TYPE, ())))
        self._class_of[thing.iri] = class_iri
        counted = self._classes.setdefault(class_iri, _Counted())
        counted.things += 1
        count_text(self._unsaid, IRI, [thing.iri])
        for fact, values in thing.facts.items():
            self._unsaid["statements"] += len(values)
            if fact == TYPE:
                counted.types.update(values)
                continue
            if fact not in counted.traits:
                counted.traits[fact] = Traits(fact[1].type)
            counted.traits[fact].add(values)
            count_text(self._unsaid, fact[1], values)

    def survey(self, unsaid: Mapping[str, int]) -> Survey:
        labels = class_names(self._all_classes())
        classes = sorted(self._classes, key=lambda iri: labels[iri])
        for counted in self._classes.values():
            others = [count for count in counted.types.values() if count < counted.things]
            if others:
                counted.traits[TYPE] = Traits("iri", count=sum(others), most=2)
        names = column_names(fact for counted in self._classes.values() for fact in counted.traits)
        tables = tuple(self._table(iri, labels[iri], names) for iri in classes)
        numbers = {iri: number for number, iri in enumerate(classes)}
        table_of = {iri: numbers[class_iri] for iri, class_iri in self._class_of.items()}
        shared = _shared(tables)
        lone = sum(column.traits.lone_empty for column in shared if column.is_list)
        counted_all = self._unsaid + Counter(unsaid) + Counter({"lists of an empty text": lone})
        return Survey(tables, table_of, dict(sorted(counted_all.items())), shared, labels)

    def _all_classes(self) -> list[str]:
        return sorted({*self._classes, *(iri for counted in self._classes.values() for iri in counted.types)})

    def _home(self, types: tuple[str, ...]) -> str:
        if types not in self._home_of:
            ranked = sorted(types, key=lambda iri: (iri not in self._sourced, not iri.startswith(JG), iri))
            self._home_of[types] = ranked[0] if ranked else ""
        return self._home_of[types]

    def _table(self, class_iri: str, name: str, names: Mapping[Fact, str]) -> ThingTable:
        counted = self._classes[class_iri]
        columns = [
            Column(names[fact], fact, traits, traits.most > 1 or (class_iri, fact[0]) in self._lists)
            for fact, traits in counted.traits.items()
        ]
        columns.sort(key=lambda column: (column.iri != _LABEL, column.name))
        types = tuple(sorted(iri for iri, count in counted.types.items() if count == counted.things))
        return ThingTable(name, class_iri, counted.things, types, tuple(columns))


def _shared(tables: tuple[ThingTable, ...]) -> tuple[Column, ...]:
    found: dict[Fact, Column] = {}
    for table in tables:
        for column in table.columns:
            other = found.get(column.fact, column)
            traits = column.traits.merged(other.traits) if other is not column else column.traits
            found[column.fact] = replace(column, traits=traits, is_list=column.is_list or other.is_list)
    return tuple(sorted(found.values(), key=lambda column: (column.iri != _LABEL, column.name)))


def _stated_lists(vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """The classes with the properties of which the shapes let one thing have several values."""
    found = set()
    for table in vocabulary.tables.values():
        for column in table.columns:
            if column.inverse:
                found.add((column.target, column.path))
            elif table.subject:
                found.add((table.subject.target, column.path))
            elif column.repeated:
                found.add((table.class_iri, column.path))
    return found
