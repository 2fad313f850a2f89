"""Inference after a change: each rule is asked only about the entities for which its results may be others now.

A rule's results for one entity, the subject of its template, follow from the triples that its patterns lead to from
there. So a changed triple that fits a pattern is followed along the other patterns to the entities that it concerns.
What cannot be followed, and rules that write what others write, too, are asked about everything.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from jobgraph.inference import InferredGraph, Rule
from jobgraph.store.patterns import read_blocks

_FEW = 5_000  # quads up to which a transaction is faster than bulk loading, which waits for the disk
_MOST_FOLLOWED = 3_000  # terms at one variable; beyond, to ask about everything costs less
_TERM = r"\?\w+|\w+:\w+|<[^<>\s]+>|true|false"
_PATTERN = re.compile(rf"(?:(?<=\{{ )|(?<=    ))({_TERM}) (a|[\w:|+]+) ({_TERM}) \.")
_STRING = re.compile(r'"[^"\n]*"')
_GROUPING = re.compile(r"[{}]|\b(?:UNION|OPTIONAL|MINUS|EXISTS)\b")
_Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
_Terms: TypeAlias = set[_Term]


class Delta:
    """Triples that came and went, by property; `growth` counts how many more each graph has, by its IRI."""

    def __init__(self, *, added: Iterable[Quad] = (), removed: Iterable[Quad] = ()) -> None:
        self._triples: dict[NamedNode, set[Triple]] = defaultdict(set)
        self._gone: dict[NamedNode, set[Triple]] = defaultdict(set)
        self.growth: Counter[str] = Counter()
        self.note(added=added, removed=removed)

    def note(self, *, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
        """Add more of them."""
        for quad in added:
            self._triples[quad.predicate].add(quad.triple)
            self.growth[str(getattr(quad.graph_name, "value", ""))] += 1
        for quad in removed:
            self._triples[quad.predicate].add(quad.triple)
            self._gone[quad.predicate].add(quad.triple)
            self.growth[str(getattr(quad.graph_name, "value", ""))] -= 1

    def touched(self, property_: NamedNode) -> Collection[Triple]:
        """Those of a property."""
        return self._triples.get(property_, ())

    def gone(self, property_: NamedNode) -> Collection[Triple]:
        """Those of a property that went."""
        return self._gone.get(property_, ())


def infer_changes(
    store: Store,
    *,
    rules: Iterable[Path],
    reads: Sequence[NamedNode],
    writes: NamedNode,
    delta: Delta,
    before: Mapping[str, int],
) -> dict[str, int]:
    """The number of inferred triples by rule, after the graph `writes` holds what follows now: see `infer`.

    Parameters
    ----------
    delta : how the graphs that are read changed since `writes` held what followed from them; it grows by what changes.
    before : the number of inferred triples by rule at that time.

    Raises
    ------
    InputError : a rule cannot be read, or is no CONSTRUCT query.
    """
    all_rules = [_Followed(Rule.read(path)) for path in rules]
    run = _Run(store, tuple(reads), writes, delta, dict(before))
    for rule in all_rules:
        run.apply(rule, [other for other in all_rules if other.rule.predicates & rule.rule.predicates])
    return {rule.rule.name: run.counts[rule.rule.name] for rule in all_rules}


def followed_patterns(rule: Rule) -> tuple[Pattern, ...]:
    """The triple patterns of a rule along which changes are followed; none if it is always asked about everything."""
    return _Followed(rule).patterns


@dataclass(frozen=True)
class Pattern:
    """A triple pattern and where it stands in the text; variables as `?name`, other terms as N-Triples write them.

    `scope` has the places of the groups around it that need not hold: those of UNION, OPTIONAL and MINUS.
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

    def fits(self, triple: Triple) -> bool:
        """Whether a triple of one of the properties has the terms that the pattern names."""
        pairs = ((self.subject, triple.subject), (self.object, triple.object))
        return all(term.startswith("?") or term == str(found) for term, found in pairs)


@dataclass(frozen=True)
class _Followed:
    """A rule whose patterns can be followed, unless it is not understood."""

    rule: Rule

    @cached_property
    def subject(self) -> str:
        """The variable that is the subject of all its results; '' if there is none in its patterns."""
        subjects = {pattern[0] for pattern in self.rule.template}
        found = min(subjects)
        return found if len(subjects) == 1 and any(found in pattern.variables for pattern in self.patterns) else ""

    def around(self, scope: tuple[int, ...]) -> list[Pattern]:
        """The patterns that hold wherever those of a scope do."""
        return [pattern for pattern in self.patterns if pattern.scope == scope[: len(pattern.scope)]]

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns of its WHERE part; none if they are not understood."""
        text = self.rule.query
        begin = text.index("WHERE")
        scopes = _scopes(_STRING.sub(lambda string: " " * len(string[0]), text), begin)
        found = tuple(self._pattern(match, scopes) for match in _PATTERN.finditer(text, begin))
        select = f"{text.partition('CONSTRUCT')[0]}SELECT * {text[begin:]}"
        shift = len(select) - len(text)
        blocks = read_blocks(select)
        starts = sorted(block.start - shift for block in blocks or ())
        is_understood = starts == [pattern.start for pattern in found] and "EXISTS" not in text
        return found if is_understood else ()

    def _pattern(self, match: re.Match[str], scopes: Iterable[tuple[int, int]]) -> Pattern:
        names = match[2].removesuffix("+").split("|")
        properties = tuple(NamedNode(self.rule.full_name(name)) for name in names)
        scope = tuple(start for start, end in sorted(scopes) if start < match.start() < end)
        ends = self._term(match[1]), self._term(match[3])
        return Pattern(ends[0], properties, ends[1], match.start(1), match[2].endswith("+"), scope)

    def _term(self, text: str) -> str:
        if text.startswith("?"):
            return text
        if text in {"true", "false"}:
            return str(Literal(text == "true"))
        return f"<{self.rule.full_name(text)}>"

    def restricted(self, by_scope: Mapping[tuple[int, ...], Mapping[str, _Terms]]) -> Rule:
        """The rule with each pattern asked only about the terms that are known for one of its variables."""
        text, end = [], 0
        for pattern in self.patterns:
            candidates = by_scope[pattern.scope]
            known = [name for name in pattern.variables if name in candidates]
            if known:
                name = min(known, key=lambda name: len(candidates[name]))
                values = " ".join(map(str, candidates[name]))
                text += [self.rule.query[end : pattern.start], f"VALUES {name} {{ {values} }} "]
                end = pattern.start
        return replace(self.rule, query="".join([*text, self.rule.query[end:]]))


def _scopes(text: str, begin: int) -> list[tuple[int, int]]:
    """Where the groups of UNION, OPTIONAL and MINUS begin and end."""
    found, opened, before, closed = [], [], "", (0, 0)
    for match in _GROUPING.finditer(text, begin):
        word = match[0]
        if word == "{":
            opened.append((match.start(), before in {"UNION", "OPTIONAL", "MINUS"}))
        elif word == "}":
            start, is_apart = opened.pop()
            closed = (start, match.start())
            found += [closed] if is_apart else []
        elif word == "UNION":
            found.append(closed)
        before = word
    return found


class _Run:
    """One inference after a change: the store, what changed so far, and the counts by rule."""

    def __init__(
        self,
        store: Store,
        reads: tuple[NamedNode, ...],
        writes: NamedNode,
        delta: Delta,
        counts: dict[str, int],
    ) -> None:
        self._store, self._reads, self._writes, self._delta, self.counts = store, reads, writes, delta, counts
        self._graph = InferredGraph(store, reads, writes)
        self._holding: dict[NamedNode, list[NamedNode]] = {}
        self._written: dict[NamedNode, set[Quad]] = {}  # what stood before rules that share a property began

    def apply(self, rule: _Followed, sharing: Sequence[_Followed]) -> None:
        """Bring the results of a rule up to date; `sharing` are those that write what it writes, with itself."""
        if len(sharing) > 1 or not rule.subject:
            if any(map(self._is_touched, sharing)) or any(p in self._written for p in rule.rule.predicates):
                self._apply_whole(rule.rule, [other.rule for other in sharing])
            return
        if not self._is_touched(rule):
            return
        subjects = self._concerned(rule)
        if subjects is None:
            self._apply_whole(rule.rule, [rule.rule])
        elif subjects:
            self._apply_to(rule, subjects)

    def _is_touched(self, rule: _Followed) -> bool:
        if not rule.patterns:
            return True
        properties = {p for pattern in rule.patterns for p in pattern.properties} | rule.rule.predicates
        return any(self._delta.touched(p) for p in properties)

    def _apply_whole(self, rule: Rule, sharing: Sequence[Rule]) -> None:
        for property_ in rule.predicates - self._written.keys():
            self._written[property_] = set(self._quads(None, property_, None, [self._writes]))
        final = {p for p in rule.predicates if [other for other in sharing if p in other.predicates][-1] is rule}
        self.counts[rule.name] = self._graph.add(rule, final=final)
        for property_ in final:
            old, new = self._written.pop(property_), set(self._quads(None, property_, None, [self._writes]))
            self._delta.note(added=new - old, removed=old - new)

    def _apply_to(self, rule: _Followed, subjects: _Terms) -> None:
        start = {rule.subject: subjects}
        scopes = {pattern.scope for pattern in rule.patterns}
        candidates = {scope: {**start, **dict(self._followed(rule.around(scope), start))} for scope in scopes}
        triples = rule.restricted(candidates).results(self._store, [*self._reads, self._writes])
        found = {_quad(triple, self._writes) for triple in triples if triple.subject in subjects}
        stated = {quad for quad in found if any(_quad(quad.triple, graph) in self._store for graph in self._reads)}
        old = {
            quad
            for subject in subjects
            for property_ in rule.rule.predicates
            for quad in self._quads(subject, property_, None, [self._writes])
        }
        new = found - stated
        for quad in old - new:
            self._store.remove(quad)
        (self._store.bulk_extend if len(new - old) > _FEW else self._store.extend)(new - old)
        self._delta.note(added=new - old, removed=old - new)
        self.counts[rule.rule.name] += len(new) - len(old)

    def _concerned(self, rule: _Followed) -> _Terms | None:
        """The subjects for which the results of a rule may be others now; None if that is not known."""
        found: _Terms = {t.subject for p in rule.rule.predicates for t in self._delta.touched(p)}
        for pattern in rule.patterns:
            triples = [t for p in pattern.properties for t in self._delta.touched(p) if pattern.fits(t)]
            if triples and pattern.repeats:
                return None
            subjects = self._subjects(rule, pattern, triples) if triples else set()
            if subjects is None:
                return None
            found |= subjects
        return found if len(found) <= _MOST_FOLLOWED else None

    def _subjects(self, rule: _Followed, pattern: Pattern, triples: Sequence[Triple]) -> _Terms | None:
        """The subjects of a rule that triples which fit a pattern of it lead to; None if they lead to too many."""
        known: dict[str, _Terms] = {}
        for term, end in ((pattern.subject, "subject"), (pattern.object, "object")):
            if term.startswith("?"):
                known[term] = {getattr(triple, end) for triple in triples}
        if rule.subject in known:
            return known[rule.subject]
        for name, terms in self._followed(rule.around(pattern.scope), known, also_gone=True):
            if name == rule.subject:
                return terms
        return None

    def _followed(
        self, patterns: Sequence[Pattern], known: Mapping[str, _Terms], *, also_gone: bool = False
    ) -> Iterator[tuple[str, _Terms]]:
        """The terms of further variables, nearest first, that patterns lead to from the terms of those known."""
        reached = dict(known)
        while True:
            steps = [(p, v) for p in patterns for v in p.variables if _leads_to(p, v, reached)]
            if not steps:
                return
            new: dict[str, _Terms] = defaultdict(set)
            for pattern, variable in steps:
                new[variable] |= self._step(pattern, variable, reached, also_gone=also_gone)
            for variable, terms in new.items():
                if len(terms) > _MOST_FOLLOWED:
                    patterns = [p for p in patterns if variable not in p.variables]
                    continue
                reached[variable] = terms
                yield variable, terms

    def _step(self, pattern: Pattern, variable: str, reached: Mapping[str, _Terms], *, also_gone: bool) -> _Terms:
        """The terms that one pattern leads to."""
        forward = pattern.object == variable
        starts = reached[pattern.subject if forward else pattern.object]
        end: OneOf["subject", "object"] = "object" if forward else "subject"
        found: _Terms = set()
        for property_ in pattern.properties:
            graphs = self._graphs_with(property_)
            for start in starts:
                ends = (start, None) if forward else (None, start)
                found.update(getattr(quad, end) for quad in self._quads(ends[0], property_, ends[1], graphs))
            if also_gone:
                begin = "subject" if forward else "object"
                found.update(getattr(t, end) for t in self._delta.gone(property_) if getattr(t, begin) in starts)
        return found

    def _graphs_with(self, property_: NamedNode) -> list[NamedNode]:
        graphs = [*self._reads, self._writes]
        return [g for g in graphs if next(self._quads(None, property_, None, [g]), None) is not None]

    def _quads(
        self, subject: _Term | None, property_: NamedNode, obj: _Term | None, graphs: Iterable[NamedNode]
    ) -> Iterator[Quad]:
        if isinstance(subject, Literal | Triple):
            return
        for graph in graphs:
            yield from self._store.quads_for_pattern(subject, property_, obj, graph)


def _quad(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _leads_to(pattern: Pattern, variable: str, reached: Collection[str]) -> bool:
    """Whether a pattern leads from a variable that was reached to one that was not."""
    others = [other for other in pattern.variables if other != variable]
    return not pattern.repeats and variable not in reached and bool(others) and others[0] in reached
