"""Explanations: the rules and the statements, down to rows of the source, that an inferred triple rests on."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias, cast
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolution, QuerySolutions, Store, Triple, Variable

from jobgraph.errors import UsageError
from jobgraph.inference import Rule
from jobgraph.mapping.iris import row_of
from jobgraph.store import NAMING, GraphNames, entities_called
from jobgraph.vocabulary import Vocabulary

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

_SELECT = re.compile(r"\bSELECT\b[^{]*(?=\{)")
_GROUP = re.compile(r"\bGROUP BY( \?\w+)+")


@dataclass(frozen=True)
class Derivation:
    """One way in which a triple follows: the rule, what it says, and the statements that it rests on."""

    rule: str
    sentence: str
    premises: tuple[Fact, ...]


@dataclass(frozen=True)
class Fact:
    """A statement and why it stands: the row that states it, or the ways in which it follows.

    `graph` is `asserted`, `shared`, `ontology` or `inferred`; `row` is the table, the key's column and the key.
    """

    triple: Triple
    graph: str
    row: tuple[str, str, str] | None = None
    derivations: tuple[Derivation, ...] = ()


def explain(
    store: Store, triple: Triple, *, names: GraphNames, vocabulary: Vocabulary, most: int | None = None
) -> Fact:
    """Why an inferred triple stands, down to the statements that no rule made.

    Parameters
    ----------
    most : the most derivations of a triple by one rule; a rule that sums up over many statements has one.

    Raises
    ------
    UsageError : the triple is not there, is stated and not inferred, or the rules that made it are gone.
    InputError : a rule cannot be read.
    """
    fact = _Explainer(store, names, vocabulary, most).fact(triple)
    text = f"{triple.subject} {triple.predicate} {triple.object}"
    if fact is None:
        raise UsageError(f"{text} is not in the graph of {names.slug}; check the terms and the tenant.")
    if fact.graph != "inferred":
        row = f" by table {fact.row[0]}, {fact.row[1]} {fact.row[2]}" if fact.row else ""
        raise UsageError(f"{text} is stated{row} ({fact.graph} graph) and not inferred; there is nothing to explain.")
    if not fact.derivations:
        raise UsageError(f"{text} follows from no rule of this version; build {names.slug} again.")
    return fact


def find_entities(store: Store, text: str, names: GraphNames) -> list[NamedNode]:
    """The entities that the merged graphs know by an IRI below the base, a code, a short name or a label."""
    graphs = names.present(store)
    below = NamedNode(names.base + quote(text, safe="/%"))
    if any(next(store.quads_for_pattern(below, None, None, graph), None) for graph in graphs):
        return [below]
    return entities_called(store, graphs, text)


def find_objects(
    store: Store, subject: NamedNode, predicate: NamedNode, text: str, names: GraphNames
) -> list[NamedNode | Literal]:
    """The objects of a property of `subject` whose value, code, short name or label is `text`."""
    quads = (q for g in names.present(store) for q in store.quads_for_pattern(subject, predicate, None, g))
    return [q.object for q in quads if isinstance(q.object, NamedNode | Literal) and _is_called(store, q.object, text)]


def _is_called(store: Store, term: NamedNode | Literal, text: str) -> bool:
    if isinstance(term, Literal):
        return term.value == text
    quads = (quad for predicate in NAMING for quad in store.quads_for_pattern(term, predicate, None, None))
    return any(isinstance(quad.object, Literal) and quad.object.value == text for quad in quads)


class _Explainer:
    """Asks the rules for the statements behind triples of one store; answers each triple once."""

    def __init__(self, store: Store, names: GraphNames, vocabulary: Vocabulary, most: int | None) -> None:
        self._store, self._base, self._vocabulary, self._most = store, names.base, vocabulary, most
        self._graphs = {
            "asserted": NamedNode(names.asserted),
            "shared": NamedNode(names.shared),
            "ontology": NamedNode(names.ontology),
            "inferred": NamedNode(names.inferred),
        }
        self._facts: dict[Triple, Fact] = {}
        self._open: set[Triple] = set()  # explained further up: no statement is a reason for itself

    @cached_property
    def _rules(self) -> list[_Reasons]:
        return [_Reasons(Rule.read(path)) for path in self._vocabulary.rule_files()]

    @cached_property
    def _tables_of_path(self) -> Mapping[str, set[tuple[str, bool]]]:
        """The tables whose columns state a property, and whether the row is the object of the statement."""
        tables = defaultdict(set)
        for table in self._vocabulary.tables.values():
            for column in table.columns:
                tables[column.path].add((table.name, column.inverse))
        return tables

    def fact(self, triple: Triple) -> Fact | None:
        """The triple with its reasons; None if it is not there."""
        if triple not in self._facts:
            graph = next((name for name, node in self._graphs.items() if _quad(triple, node) in self._store), None)
            if graph is None:
                return None
            inferred = graph == "inferred"
            derivations = tuple(self._derivations(triple)) if inferred else ()
            self._facts[triple] = Fact(triple, graph, None if inferred else self._row(triple), derivations)
        return self._facts[triple]

    def _derivations(self, triple: Triple) -> Iterator[Derivation]:
        self._open.add(triple)
        for reasons in self._rules:
            for bindings in reasons.bindings(triple):
                for premises in self._premises(reasons, bindings):
                    facts = tuple(fact for premise in premises if (fact := self.fact(premise)))
                    yield Derivation(reasons.rule.name, reasons.rule.sentence, facts)
        self._open.remove(triple)

    def _premises(self, reasons: _Reasons, bindings: Mapping[str, Term]) -> list[tuple[Triple, ...]]:
        """The statements behind each solution of the rule; all of them together where the rule sums up."""
        solutions = reasons.solve(self._store, self._graphs.values(), bindings)
        found = []
        for solution in islice(solutions, None if reasons.sums_up else self._most):
            stated = [t for pattern in reasons.patterns for t in self._statements(pattern, solution, bindings)]
            if not self._open.intersection(stated):
                found.append(tuple(dict.fromkeys(stated)))
        if reasons.sums_up:
            found = [tuple(dict.fromkeys(t for premises in found for t in premises))]
        return [premises for premises in dict.fromkeys(found) if premises]

    def _statements(self, pattern: _Pattern, solution: QuerySolution, bindings: Mapping[str, Term]) -> list[Triple]:
        """The triples of the store that a pattern stands for in a solution; none where a variable has no value."""
        subject, obj = (_value(term, solution, bindings) for term in (pattern.subject, pattern.object))
        if subject is None or obj is None:
            return []
        if pattern.repeats:
            return self._chain(subject, pattern.predicates, obj)
        triples = (Triple(cast("NamedNode", subject), predicate, obj) for predicate in pattern.predicates)
        return [t for t in triples if any(_quad(t, node) in self._store for node in self._graphs.values())]

    def _chain(self, start: Term, predicates: Sequence[NamedNode], end: Term) -> list[Triple]:
        """A shortest chain of triples from `start` to `end`."""
        ways: deque[tuple[Term, list[Triple]]] = deque([(start, [])])
        seen: set[Term] = set()
        while ways:
            node, way = ways.popleft()
            for step in (step for predicate in predicates for step in self._steps(node, predicate)):
                if step.object == end:
                    return [*way, step]
                if step.object not in seen:
                    seen.add(step.object)
                    ways.append((step.object, [*way, step]))
        return []

    def _steps(self, node: Term, predicate: NamedNode) -> Iterator[Triple]:
        for graph in self._graphs.values():
            for quad in self._store.quads_for_pattern(cast("NamedNode", node), predicate, None, graph):
                yield quad.triple

    def _row(self, triple: Triple) -> tuple[str, str, str] | None:
        """The row that states a triple: that of the subject, or of the object where the column says so."""
        places = self._tables_of_path.get(triple.predicate.value, set())
        for term, inverse in ((triple.subject, False), (triple.object, True)):
            row = row_of(term.value, self._base, self._vocabulary) if isinstance(term, NamedNode) else None
            if row and ((row[0].name, inverse) in places or not (places or inverse)):
                return row[0].name, row[0].key, row[1]
        return None


def _quad(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


@dataclass(frozen=True)
class _Pattern:
    """A triple pattern: terms of rdflib at its ends, and the predicates of which one, or a chain, leads across."""

    subject: Any
    predicates: tuple[NamedNode, ...]
    object: Any
    repeats: bool


class _Reasons:
    """What a rule looks for: the patterns of its WHERE part, in which a variable means one thing throughout."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        head, _, where = rule.query.partition("WHERE")
        self.sums_up = "GROUP BY" in where
        self._query = f"{head.partition('CONSTRUCT')[0]}SELECT * WHERE{_GROUP.sub('', _SELECT.sub('', where))}"

    @cached_property
    def patterns(self) -> list[_Pattern]:
        """The triple patterns, in the order of the rule."""
        from rdflib.plugins.sparql.algebra import translateQuery
        from rdflib.plugins.sparql.parser import parseQuery

        return [_to_pattern(*triple) for triple in _iter_triples(translateQuery(parseQuery(self._query)).algebra)]

    def bindings(self, triple: Triple) -> Iterator[dict[str, Term]]:
        """The values of the rule's variables for each pattern of its results that the triple fits."""
        for pattern in self.rule.template:
            values: dict[str, Term] = {}
            for name, term in zip(pattern, triple, strict=True):
                if name.startswith("?"):
                    values[name[1:]] = term
                elif name != getattr(term, "value", None):
                    break
            else:
                yield values

    def solve(self, store: Store, graphs: Iterable[NamedNode], bindings: Mapping[str, Term]) -> QuerySolutions:
        """The solutions of the WHERE part, with all its variables, for these values."""
        names = [name for name in bindings if re.search(rf"\?{name}\b", self._query)]
        values = {Variable(name): bindings[name] for name in names}
        solutions = store.query(self._query, default_graph=list(graphs), named_graphs=[], substitutions=values)
        return cast("QuerySolutions", solutions)


def _iter_triples(part: object) -> Iterator[tuple[Any, Any, Any]]:
    """The triples of all basic graph patterns below a part of rdflib's algebra."""
    if isinstance(part, dict):
        if getattr(part, "name", None) == "BGP":
            yield from part["triples"]
        for value in part.values():
            yield from _iter_triples(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _iter_triples(value)


def _to_pattern(subject: Any, path: Any, obj: Any) -> _Pattern:  # noqa: ANN401 terms and paths of rdflib
    from rdflib import URIRef
    from rdflib.paths import AlternativePath, MulPath

    repeats = isinstance(path, MulPath)
    inner = path.path if isinstance(path, MulPath) else path
    steps: Iterable[Any] = inner.args if isinstance(inner, AlternativePath) else [inner]
    return _Pattern(subject, tuple(NamedNode(str(s)) for s in steps if isinstance(s, URIRef)), obj, repeats)


def _value(term: Any, solution: QuerySolution, bindings: Mapping[str, Term]) -> Term | None:  # noqa: ANN401
    """What a term of a pattern stands for in a solution; None where it is a variable without a value."""
    from rdflib import Literal as RdflibLiteral
    from rdflib import Variable as RdflibVariable

    if isinstance(term, RdflibVariable):
        if str(term) in bindings:
            return bindings[str(term)]
        try:
            return cast("Term | None", solution[str(term)])
        except KeyError:
            return None
    if isinstance(term, RdflibLiteral):
        return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))
    return NamedNode(str(term))
