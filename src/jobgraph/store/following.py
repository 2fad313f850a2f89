"""What a change of a graph concerns: changed triples followed along the patterns of a query to what it answers for.

A solution of a query that came or went has a changed triple in one of its patterns. The other patterns that hold
wherever that one does lead from there to the terms that its other variables can have had, before or now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from jobgraph.store.graphs import GraphName

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

_FEW_FOLLOWED = 600
_MOST_FOLLOWED = 3_000  # terms at one variable; beyond, to ask about everything costs less
_TRIPLES_PER_TERM = 1_000  # of a large graph: to ask about everything costs more there, so more terms pay


class Delta:
    """Triples that came and went, by property; `growth` counts how many more each graph has, by its IRI.

    `before` is how many triples there were, where it is known.
    """

    def __init__(self, *, added: Collection[Quad] = (), removed: Collection[Quad] = (), before: int = 0) -> None:
        self.before = before
        self._triples: dict[NamedNode, set[Triple]] = defaultdict(set)
        self._gone: dict[NamedNode, set[Triple]] = defaultdict(set)
        self.growth: Counter[str] = Counter()
        self._later: list[Delta] = []
        self.note(added=added, removed=removed)

    def note(self, *, added: Collection[Quad], removed: Collection[Quad]) -> None:
        """Add more of them."""
        for later in self._later:
            later.note(added=added, removed=removed)
        for quad in added:
            self._triples[quad.predicate].add(quad.triple)
            self.growth[str(getattr(quad.graph_name, "value", ""))] += 1
        for quad in removed:
            self._triples[quad.predicate].add(quad.triple)
            self._gone[quad.predicate].add(quad.triple)
            self.growth[str(getattr(quad.graph_name, "value", ""))] -= 1

    @property
    def count(self) -> int:
        """How many triples they are."""
        return sum(map(len, self._triples.values()))

    def later(self) -> Delta:
        """What is noted from now on, alone."""
        self._later.append(Delta(before=self.before))
        return self._later[-1]

    def touched(self, property_: NamedNode) -> Collection[Triple]:
        """Those of a property."""
        return self._triples.get(property_, ())

    def gone(self, property_: NamedNode) -> Collection[Triple]:
        """Those of a property that went."""
        return self._gone.get(property_, ())


@dataclass(frozen=True)
class Pattern:
    """A triple pattern and where it stands in the text; variables as `?name`, other terms as N-Triples write them.

    `scope` has the places of the groups around it that need not hold: those of UNION, OPTIONAL, MINUS and EXISTS. A
    pattern that `repeats` stands for a path of any length along its properties.
    """

    subject: str
    properties: tuple[NamedNode, ...]
    object: str
    start: int
    repeats: bool
    scope: tuple[int, ...]

    @property
    def variables(self) -> list[str]:
        """Its variables, with their question marks."""
        return [term for term in (self.subject, self.object) if term.startswith("?")]

    @property
    def named(self) -> list[tuple[str, str]]:
        """The terms that it names, with the end of a triple where each stands."""
        ends = (("subject", self.subject), ("object", self.object))
        return [(end, term) for end, term in ends if not term.startswith("?")]

    def holds_around(self, scope: tuple[int, ...]) -> bool:
        """Whether it holds wherever the patterns of a scope do."""
        return self.scope == scope[: len(self.scope)]


class Follower:
    """Follows the patterns of queries in the graphs of one store; what changes in them must be told by `forget`."""

    def __init__(self, store: Store, graphs: Sequence[GraphName], delta: Delta) -> None:
        self._store, self._graphs, self._delta = store, list(graphs), delta
        self._known: dict[NamedNode, dict[tuple[bool, frozenset[Term], int], frozenset[Term]]] = defaultdict(dict)
        self._holders: dict[NamedNode, dict[tuple[GraphName, NamedNode | None], bool]] = defaultdict(dict)

    def forget(self, properties: Iterable[NamedNode]) -> None:
        """Look up what some properties lead to anew."""
        for property_ in properties:
            self._known.pop(property_, None)
            self._holders.pop(property_, None)

    def concerned(self, patterns: Sequence[Pattern], variable: str) -> set[Term] | None:
        """The terms of a variable for which the solutions of some patterns may be others; None if that is not known."""
        found: set[Term] = set()
        for pattern in patterns:
            triples = self._fitting(pattern)
            if triples and pattern.repeats:
                return None
            around = [other for other in patterns if other.holds_around(pattern.scope)]
            terms = self._led_to(variable, pattern, triples, around) if triples else set()
            if terms is None:
                return None
            found |= terms
        return found if len(found) <= max(_MOST_FOLLOWED, self._delta.before // _TRIPLES_PER_TERM) else None

    def followed(
        self, patterns: Sequence[Pattern], known: Mapping[str, set[Term]], *, also_gone: bool = False
    ) -> Iterator[tuple[str, set[Term]]]:
        """The terms of further variables, nearest first, that patterns lead to from the terms of those known."""
        reached = dict(known)
        blocked: set[tuple[Pattern, str]] = set()
        while True:
            steps = {(p, v) for p in patterns for v in p.variables if _leads_to(p, v, reached)} - blocked
            if not steps:
                return
            new: dict[str, list[set[Term]]] = defaultdict(list)
            for most in (_FEW_FOLLOWED, _MOST_FOLLOWED):  # who has a few, need not count many
                for pattern, variable in [step for step in steps if step[1] not in new]:
                    terms = self._step(pattern, variable, reached, also_gone=also_gone, most=most)
                    if terms is not None:
                        new[variable].append(terms)
            blocked |= {step for step in steps if step[1] not in new}
            for variable, sets in new.items():  # each holds all terms that there can be
                reached[variable] = set.intersection(*sets)
                yield variable, reached[variable]

    def quads(
        self, subject: Term | None, property_: NamedNode, obj: Term | None, graphs: Iterable[GraphName]
    ) -> Iterator[Quad]:
        """The quads of some graphs; none starts at a literal."""
        if isinstance(subject, Literal | Triple):
            return
        for graph in graphs:
            yield from self._store.quads_for_pattern(subject, property_, obj, graph)

    def graphs_of(self, patterns: Iterable[Pattern]) -> list[GraphName]:
        """The graphs that have a triple which fits one of some patterns by its property and a named object."""
        named = {(p, _name_of(pattern.object)) for pattern in patterns for p in pattern.properties}
        return [g for g in self._graphs if any(self._is_in(g, p, obj) for p, obj in named)]

    def graphs_with(self, properties: Iterable[NamedNode]) -> list[GraphName]:
        """The graphs that have a triple of one of these properties: each further one makes a query slower."""
        known = list(dict.fromkeys(properties))
        return [g for g in self._graphs if any(self._is_in(g, p, None) for p in known)]

    def _is_in(self, graph: GraphName, property_: NamedNode, obj: NamedNode | None) -> bool:
        holders = self._holders[property_]
        if (graph, obj) not in holders:
            holders[graph, obj] = next(self.quads(None, property_, obj, [graph]), None) is not None
        return holders[graph, obj]

    def values(self, subject: Term, property_: NamedNode) -> set[str]:
        """The values of a property, as N-Triples writes them; none of what has no name."""
        quads = self._store.quads_for_pattern(subject, property_, None, None) if isinstance(subject, NamedNode) else ()
        return {str(quad.object) for quad in quads if quad.graph_name in self._graphs}

    def _fitting(self, pattern: Pattern) -> list[Triple]:
        """The changed triples that fit a pattern; any step of a repeated one counts."""
        triples = [triple for property_ in pattern.properties for triple in self._delta.touched(property_)]
        for end, term in () if pattern.repeats else pattern.named:
            triples = [triple for triple in triples if str(getattr(triple, end)) == term]
        return triples

    def _led_to(
        self, variable: str, pattern: Pattern, triples: Sequence[Triple], around: Sequence[Pattern]
    ) -> set[Term] | None:
        """The terms of a variable that triples which fit a pattern lead to; None if they lead to too many."""
        known: dict[str, set[Term]] = {}
        for term, end in ((pattern.subject, "subject"), (pattern.object, "object")):
            if term.startswith("?"):
                known[term] = {getattr(triple, end) for triple in triples}
        if variable in known:
            return known[variable]
        beside, others = ([p for p in around if (variable in p.variables) is leads] for leads in (True, False))
        for name, terms in self.followed(others, dict(known), also_gone=True):
            if not terms:
                return set()
            known[name] = terms
        return next((terms for name, terms in self.followed(beside, known, also_gone=True) if name == variable), None)

    def _step(
        self, pattern: Pattern, variable: str, reached: Mapping[str, set[Term]], *, also_gone: bool, most: int
    ) -> set[Term] | None:
        """The terms that one pattern leads to; None if they are more than `most`."""
        forward = pattern.object == variable
        starts = reached[pattern.subject if forward else pattern.object]
        found: set[Term] = set()
        for property_ in pattern.properties:
            known, key = self._known[property_], (forward, frozenset(starts), most)
            if key not in known:
                known[key] = frozenset(self._ends(property_, key[1], forward=forward, most=most))
            found |= known[key]
            if len(found) > most:
                return None
            if also_gone:
                begin, end = ("subject", "object") if forward else ("object", "subject")
                found.update(getattr(t, end) for t in self._delta.gone(property_) if getattr(t, begin) in starts)
        return found

    def _ends(self, property_: NamedNode, starts: Iterable[Term], *, forward: bool, most: int) -> set[Term]:
        """The objects of some subjects, or the subjects of some objects; where they are too many, some of them.

        One query takes half the time of a look-up for each start. It cannot name blank nodes and triples.
        """
        graphs, nameless = self.graphs_with([property_]), [t for t in starts if isinstance(t, BlankNode | Triple)]
        triple = f"?start {property_} ?end" if forward else f"?end {property_} ?start"
        values = " ".join(str(term) for term in starts if not isinstance(term, BlankNode | Triple))
        text = f"SELECT DISTINCT ?end {{ VALUES ?start {{ {values} }} {triple} }} LIMIT {most + 1}"
        rows = self._store.query(text, default_graph=graphs, named_graphs=[]) if graphs and values else ()
        found = {row["end"] for row in cast("QuerySolutions", rows)}
        for start in nameless:
            if forward:
                found.update(quad.object for quad in self.quads(start, property_, None, graphs))
            else:
                found.update(quad.subject for quad in self.quads(None, property_, start, graphs))
        return found


def _name_of(text: str) -> NamedNode | None:
    """The term of a pattern that is a name; None for a variable or a literal."""
    return NamedNode(text[1:-1]) if text.startswith("<") else None


def _leads_to(pattern: Pattern, variable: str, reached: Collection[str]) -> bool:
    """Whether a pattern leads from a variable that was reached to one that was not."""
    others = [other for other in pattern.variables if other != variable]
    return not pattern.repeats and variable not in reached and bool(others) and others[0] in reached
