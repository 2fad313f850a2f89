"""The terms of the ontology as a reader meets them: by area, by kind, with what the shapes ask of their values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.store import PREFIXES
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG, RDF, RDFS, SH, SKOS, Column, Table, Vocabulary
from jobgraph.vocabulary.graph import Graph, Term, read_graph

OWL = PREFIXES["owl"]
TYPE = f"{RDF}type"
CLASS, ONTOLOGY = f"{OWL}Class", f"{OWL}Ontology"
SCHEME, CONCEPT = f"{SKOS}ConceptScheme", f"{SKOS}Concept"
LINK = f"{OWL}ObjectProperty"
PROPERTIES = (LINK, f"{OWL}DatatypeProperty", f"{OWL}AnnotationProperty")
_KINDS = (CLASS, *PROPERTIES, SCHEME, CONCEPT)  # the first that fits is the kind that a term is shown as
_PARTS = (f"{OWL}unionOf", f"{OWL}intersectionOf")


@dataclass(frozen=True)
class Area:
    """A part of the ontology with the IRIs of its terms by kind, in the order of their names; '' for other things."""

    iri: str
    title: str
    page: str
    terms: Mapping[str, Sequence[str]]

    def of(self, *kinds: str) -> list[str]:
        """The terms of some kinds."""
        return [iri for kind in kinds for iri in self.terms.get(kind, ())]


@dataclass(frozen=True)
class Field:
    """What a shape asks of one property of a class, and the column that the values come from.

    `place` is a column of the table of the class, or a table and a column where it is another table.
    """

    column: Column
    place: str

    @property
    def values(self) -> str:
        """The IRI of the datatype, class or code list of the values."""
        return self.column.datatype or self.column.target or self.column.scheme

    @property
    def count(self) -> str:
        """How many values there can be, in words."""
        if self.column.repeated:
            return "at least 1" if self.column.required else "any number"
        return "exactly 1" if self.column.required else "at most 1"


@dataclass(frozen=True)
class Rule:
    """A sentence on what must hold for the things of a class, and the IRI of how grave it is to break it."""

    message: str
    severity: str


class Reference:
    """The ontology, its code lists and its shapes, to look things up in."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._shapes = read_graph(vocabulary.shape_files())
        self._area_of: dict[str, str] = {}
        self.graph = Graph(self._iter_triples())

    def _iter_triples(self) -> Iterator[Triple]:
        """All triples; the area of a term that names none is the ontology that its file begins with."""
        for path in self.vocabulary.ontology_files():
            triples = list(read_turtle(path))
            headers = (t.subject for t in triples if t.predicate.value == TYPE and _value(t.object) == ONTOLOGY)
            area = next((_value(header) for header in headers), "")
            for triple in triples:
                if isinstance(triple.subject, NamedNode):
                    self._area_of.setdefault(triple.subject.value, area)
            yield from triples

    @cached_property
    def header(self) -> NamedNode:
        """The ontology itself."""
        return NamedNode(JG)

    @cached_property
    def terms(self) -> Mapping[str, str]:
        """The kind of every term by IRI; '' for a thing that is no class, property, code list or code."""
        found = {}
        for node in self.graph.facts:
            types = [kind.value for kind in self.graph.all(node, TYPE)]
            if isinstance(node, NamedNode) and types and ONTOLOGY not in types:
                found[node.value] = next((kind for kind in _KINDS if kind in types), "")
        return found

    @cached_property
    def areas(self) -> Sequence[Area]:
        """The parts of the ontology that have terms, in the order of their titles."""
        by_area: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for iri, kind in self.terms.items():
            by_area[self._area(iri)][kind].append(iri)
        pages = _page_names(sorted(by_area))
        areas = [
            Area(
                iri, self.name(iri), pages[iri], {kind: sorted(terms, key=self._order) for kind, terms in kinds.items()}
            )
            for iri, kinds in by_area.items()
        ]
        return sorted(areas, key=lambda area: (area.title.casefold(), area.iri))

    def _area(self, iri: str) -> str:
        return self.graph.text(NamedNode(iri), f"{RDFS}isDefinedBy") or self._area_of.get(iri) or JG

    def _order(self, iri: str) -> tuple[str, str]:
        return self.name(iri).casefold(), iri

    @cached_property
    def _pages(self) -> Mapping[str, str]:
        return {iri: area.page for area in self.areas for terms in area.terms.values() for iri in terms}

    def address(self, iri: str) -> str | None:
        """Where a term is described, seen from any page; None where it is not."""
        page = self._pages.get(iri)
        return f"{page}#{quote(anchor(iri), safe='/:')}" if page else None

    def name(self, iri: str) -> str:
        """What people call a term: its label, else its IRI in short."""
        labels = self.graph.all(NamedNode(iri), f"{RDFS}label")
        english = [label for label in labels if isinstance(label, Literal) and label.language in {None, "en"}]
        return english[0].value if english else short(iri)

    def definition(self, iri: str) -> str:
        """The sentence that says what a term means, '' where there is none."""
        return self.graph.text(NamedNode(iri), f"{SKOS}definition")

    def values(self, iri: str, properties: Iterable[str]) -> list[Term]:
        """What is said of a term by some properties, the members of unions one by one, in order."""
        found = (
            term
            for each in properties
            for value in self.graph.all(NamedNode(iri), each)
            for term in self._members(value)
        )
        return sorted(dict.fromkeys(found), key=lambda term: (self._shown(term).casefold(), term.value))

    def subjects(self, iri: str, properties: Iterable[str]) -> list[str]:
        """The terms of which something is said that leads to this one, in order."""
        found = {subject for each in properties for subject in self._leading.get((each, iri), ())}
        return sorted(found, key=self._order)

    @cached_property
    def _leading(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The terms by the property and the term that it leads to."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for node, facts in self.graph.facts.items():
            if not isinstance(node, NamedNode):
                continue
            for property_, values in facts.items():
                for term in (member for value in values for member in self._members(value)):
                    if isinstance(term, NamedNode):
                        found[property_, term.value].append(node.value)
        return found

    def _members(self, value: Term) -> Iterator[Term]:
        """A term, or those of a union or intersection."""
        if not isinstance(value, BlankNode):
            yield value
            return
        for part in _PARTS:
            for head in self.graph.all(value, part):
                yield from (NamedNode(iri) for iri in self.graph.items(head))

    def _shown(self, term: Term) -> str:
        return self.name(term.value) if isinstance(term, NamedNode) else term.value

    def chains(self, iri: str) -> list[list[tuple[str, bool]]]:
        """The paths that a property follows from: the properties in their order, and whether each runs backwards."""
        found = []
        for head in self.graph.all(NamedNode(iri), f"{OWL}propertyChainAxiom"):
            found.append([self._step(node) for node in _list_items(self.graph, head)])
        return sorted(found)

    def _step(self, node: Term) -> tuple[str, bool]:
        inverse = self.graph.text(node, f"{OWL}inverseOf") if isinstance(node, BlankNode) else ""
        return (inverse, True) if inverse else (node.value, False)

    def table(self, class_iri: str) -> Table | None:
        """The source table of a class."""
        return self.vocabulary.table_of_class.get(class_iri)

    def fields(self, class_iri: str) -> list[Field]:
        """What the shapes ask of the properties of a class, in the order of their names."""
        table = self.table(class_iri)
        own = [Field(column, column.name) for column in table.columns] if table else []
        plain = [
            Field(column, f"{junction.name}.{column.name}")
            for junction in self._junctions(class_iri)
            for column in junction.columns
        ]
        return sorted([*own, *plain], key=lambda field: (self.name(field.column.path).casefold(), field.place))

    def _junctions(self, class_iri: str) -> list[Table]:
        """The tables whose rows only link things of a class to others."""
        tables = self.vocabulary.tables.values()
        return [table for table in tables if table.subject and table.subject.target == class_iri]

    def left_out(self, class_iri: str) -> list[tuple[str, str]]:
        """The columns that are deliberately not stated of a class, each with the reason."""
        table = self.table(class_iri)
        own = list(table.waived.items()) if table else []
        plain = [(f"{t.name}.{name}", why) for t in self._junctions(class_iri) for name, why in t.waived.items()]
        return [*own, *sorted(plain)]

    def rules(self, class_iri: str) -> list[Rule]:
        """What else must hold for the things of a class: unique keys, and what a shape says beyond single columns."""
        table = self.table(class_iri)
        unique = [Rule(key.message, table.severity) for key in table.unique_keys] if table else []
        further = self._further_rules.get(class_iri, set())
        return [*unique, *sorted(further, key=lambda rule: rule.message)]

    @cached_property
    def _further_rules(self) -> Mapping[str, set[Rule]]:
        """What shapes without a table say, by class."""
        found: dict[str, set[Rule]] = defaultdict(set)
        for facts in self._shapes.facts.values():
            nodes = [] if f"{JG}table" in facts else [*facts.get(f"{SH}property", ()), *facts.get(f"{SH}sparql", ())]
            for node in nodes:
                message, severity = (self._shapes.text(node, f"{SH}{name}") for name in ("message", "severity"))
                for target in facts.get(f"{SH}targetClass", ()) if message else ():
                    found[target.value].add(Rule(message, severity))
        return found

    def columns(self, iri: str) -> list[str]:
        """The columns of the source that state a property, or hold the codes of a list."""
        return sorted(self._columns.get(iri, ()))

    @cached_property
    def _columns(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for table in self.vocabulary.tables.values():
            for column in table.columns:
                for iri in (column.path, column.scheme):
                    found[iri].add(f"{table.name}.{column.name}")
        return found

    def code_list_uses(self, scheme: str) -> list[str]:
        """The properties whose values are codes of a list, in order."""
        columns = (column for table in self.vocabulary.tables.values() for column in table.columns)
        return sorted({column.path for column in columns if column.scheme == scheme}, key=self._order)


def anchor(iri: str) -> str:
    """The name of the place on a page where a term is described.

    >>> anchor("https://w3id.org/jobgraph/Job")
    'Job'
    """
    return iri.removeprefix(JG) if iri.startswith(JG) else short(iri)


def short(iri: str) -> str:
    """An IRI with a prefix that is known, else as it is.

    >>> short("http://www.w3.org/2001/XMLSchema#string")
    'xsd:string'
    """
    for prefix, start in PREFIXES.items():
        if iri.startswith(start) and iri != start:
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri


def _list_items(graph: Graph, head: Term) -> Iterator[Term]:
    while first := graph.all(head, f"{RDF}first"):
        yield first[0]
        head = graph.all(head, f"{RDF}rest")[0]


def _page_names(areas: Iterable[str]) -> dict[str, str]:
    """The name of the file of each area; where two would have one name, the later ones are counted."""
    names: dict[str, str] = {}
    for iri in areas:
        step = iri.removeprefix(f"{JG}ontology/").removeprefix(JG)
        stem = "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in step.lower()).split()) or "other"
        taken = {name.partition(".")[0] for name in names.values()} | {"index", "a-z"}
        number = next(n for n in range(1, len(taken) + 2) if (f"{stem}-{n}" if n > 1 else stem) not in taken)
        names[iri] = f"{stem}-{number}.html" if number > 1 else f"{stem}.html"
    return names


def _value(node: object) -> str:
    return str(getattr(node, "value", ""))
