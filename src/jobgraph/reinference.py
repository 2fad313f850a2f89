"""Inference after a change: each rule is asked only about the entities for which its results may be others now.

A rule's results for one entity, its anchor, follow from the triples that its patterns lead to from there. So a changed
triple that fits a pattern is followed along the other patterns to the entities that it concerns. The anchor is the
subject of the template; where the rule makes the subject up, it is an object that a property of the template leads to.
What cannot be followed, and rules that write what others write, too, are asked about everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from jobgraph.inference import InferredGraph, Rule
from jobgraph.lines import line_of, lines_found, lines_of, parse_lines, quad_of
from jobgraph.store.following import Delta, Follower, Pattern, Term
from jobgraph.store.oxigraph import extend
from jobgraph.store.patterns import read_blocks

_TERM = r"\?\w+|\w+:\w+|<[^<>\s]+>|true|false"
_PATTERN = re.compile(rf"(?:(?<=\{{ )|(?<=    ))({_TERM}) (a|[\w:|+]+) ({_TERM}) \.")
_STRING = re.compile(r'"[^"\n]*"')
_LedTo = Callable[[tuple[int, ...], set[str]], tuple[str, set[Term]]]
_MUCH = 100  # triples; where more stand, it pays to tell which of their ends are concerned
_GROUPED = re.compile(r"\bGROUP\s+BY\b", re.IGNORECASE)
_GROUPING = re.compile(r"[{}]|\b(?:UNION|OPTIONAL|MINUS|EXISTS)\b")


def infer_changes(
    store: Store,
    *,
    rules: Sequence[FollowedRule],
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
    InputError : a rule is no CONSTRUCT query.
    """
    run = _Run(store, tuple(reads), writes, delta, dict(before))
    for rule in rules:
        run.apply(rule, [other for other in rules if other.rule.predicates & rule.rule.predicates])
    return {rule.rule.name: run.counts[rule.rule.name] for rule in rules}


@dataclass(frozen=True)
class FollowedRule:
    """A rule whose patterns can be followed, unless it is not understood."""

    rule: Rule

    @classmethod
    def read(cls, path: Path) -> FollowedRule:
        """The rule in a file, with all that is asked of it after a change.

        Raises
        ------
        InputError : as for `Rule.read`.
        """
        rule = cls(Rule.read(path))
        _ = rule.link, rule.is_circular, rule._braces, rule.rule.predicates
        return rule

    @cached_property
    def anchor(self) -> str:
        """The variable whose terms tell its results apart: the subject, else what `link` leads to; '' if none."""
        subjects = {pattern[0] for pattern in self.rule.template}
        known = {name for pattern in self.patterns for name in pattern.variables}
        if len(subjects) != 1:
            return ""
        return next((name for name in (min(subjects), *(end for _, end in self._links())) if name in known), "")

    @cached_property
    def link(self) -> NamedNode | None:
        """The property of its results that leads from their subject to the anchor, where that is another variable."""
        return next((link for link, end in self._links() if end == self.anchor), None)

    def _links(self) -> list[tuple[NamedNode, str]]:
        return [(NamedNode(pattern[1]), pattern[2]) for pattern in self.rule.template if pattern[2].startswith("?")]

    @cached_property
    def end(self) -> str:
        """The variable at the other end of its results, where each is an anchor with one term; '' if none.

        There is none where the rule groups, for a group is not to be held to some of its members.
        """
        is_single = len(self.rule.template) == 1 and not (self.link or self.is_circular)
        ends = [end for _, end in self._links() if is_single and not _GROUPED.search(self._silenced)]
        return next((end for end in ends if any(end in pattern.variables for pattern in self.patterns)), "")

    @cached_property
    def is_circular(self) -> bool:
        """Whether its results for a subject may follow from others of the same subject."""
        return any(
            pattern.subject == self.anchor and not self.rule.predicates.isdisjoint(pattern.properties)
            for pattern in self.patterns
        )

    def around(self, scope: tuple[int, ...]) -> list[Pattern]:
        """The patterns that hold wherever those of a scope do."""
        return [pattern for pattern in self.patterns if pattern.holds_around(scope)]

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns of its WHERE part; none if they are not understood, and it is always asked about everything."""
        text = self.rule.query
        begin = text.index("WHERE")
        scopes = [(start, end) for start, end, is_apart in _groups(self._silenced, begin) if is_apart]
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

    def restricted(self, known: Mapping[str, set[Term]], led_to: _LedTo) -> Rule:
        """The rule with patterns asked only about the terms that are known for one of their variables.

        `led_to` gives those of the first of some variables that these lead to in a scope; that takes time. Inside one
        pair of braces, what is joined to a pattern that is so asked need not be: the engine would try each term of
        the one list with each of the other.
        """
        text, end = [], 0
        told: set[tuple[int, str]] = set()  # the braces around such patterns, and their variables
        for pattern in self.patterns:
            braces = self._braces[pattern.start]
            if told.isdisjoint((braces, name) for name in pattern.variables):
                name, terms = self._telling(pattern, known, led_to)
                if not name:
                    continue
                values = " ".join(map(str, terms))
                text += [self.rule.query[end : pattern.start], f"VALUES {name} {{ {values} }} "]
                end = pattern.start
            told |= {(braces, name) for name in pattern.variables}
        return replace(self.rule, query="".join([*text, self.rule.query[end:]]))

    def _telling(self, pattern: Pattern, known: Mapping[str, set[Term]], led_to: _LedTo) -> tuple[str, set[Term]]:
        """The variable to ask a pattern and those joined to it about: one that is known, else one of the next."""
        braces = self._braces[pattern.start]
        inside = [other for other in self.patterns if self._braces[other.start] == braces]
        joined = [other for other in inside if not set(other.variables).isdisjoint(pattern.variables)]
        names = {name for other in joined for name in other.variables}
        return next((each for each in known.items() if each[0] in names), None) or led_to(pattern.scope, names)

    @cached_property
    def _braces(self) -> dict[int, int]:
        """Where the innermost braces around each pattern begin, by the place of the pattern."""
        braces = [(start, end) for start, end, _ in _groups(self._silenced, self.rule.query.index("WHERE"))]
        places = [pattern.start for pattern in self.patterns]
        return {place: max(start for start, end in braces if start < place < end) for place in places}

    @cached_property
    def _silenced(self) -> str:
        """Its text with blanks for its strings."""
        return _STRING.sub(lambda string: " " * len(string[0]), self.rule.query)


def _groups(text: str, begin: int) -> list[tuple[int, int, bool]]:
    """Where the braces open and close, and whether they are those of UNION, OPTIONAL or MINUS."""
    found: list[tuple[int, int, bool]] = []
    opened, before = [], ""
    for match in _GROUPING.finditer(text, begin):
        word = match[0]
        if word == "{":
            opened.append((match.start(), before in {"UNION", "OPTIONAL", "MINUS"}))
        elif word == "}":
            start, is_apart = opened.pop()
            found.append((start, match.start(), is_apart))
        elif word == "UNION":
            found[-1] = (*found[-1][:2], True)
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
        self._follower = Follower(store, [*reads, writes], delta)
        self._written: dict[NamedNode, set[Quad]] = {}  # what stood before rules that share a property began

    def apply(self, rule: FollowedRule, sharing: Sequence[FollowedRule]) -> None:
        """Bring the results of a rule up to date; `sharing` are those that write what it writes, with itself."""
        if len(sharing) > 1 or not rule.anchor:
            if any(map(self._is_touched, sharing)) or any(p in self._written for p in rule.rule.predicates):
                self._apply_whole(rule.rule, [other.rule for other in sharing])
            return
        if not self._is_touched(rule):
            return
        anchors = self._follower.concerned(rule.patterns, rule.anchor)
        if anchors is None:
            self._apply_whole(rule.rule, [rule.rule])
            return
        subjects: set[Term] = {t.subject for p in rule.rule.predicates for t in self._delta.touched(p)}
        self._apply_to(rule, anchors, subjects)

    def _is_touched(self, rule: FollowedRule) -> bool:
        if not rule.patterns:
            return True
        properties = {p for pattern in rule.patterns for p in pattern.properties} | rule.rule.predicates
        return any(self._delta.touched(p) for p in properties)

    def _apply_whole(self, rule: Rule, sharing: Sequence[Rule]) -> None:
        for property_ in rule.predicates - self._written.keys():
            self._written[property_] = set(self._follower.quads(None, property_, None, [self._writes]))
        final = {p for p in rule.predicates if [other for other in sharing if p in other.predicates][-1] is rule}
        self.counts[rule.name] = self._graph.add(rule, final=final)
        for property_ in final:
            old, new = self._written.pop(property_), set(self._follower.quads(None, property_, None, [self._writes]))
            self._delta.note(added=new - old, removed=old - new)
        self._follower.forget(rule.predicates)

    def _apply_to(self, rule: FollowedRule, anchors: set[Term], subjects: set[Term]) -> None:
        """Bring the results of a rule for some anchors and subjects, and for all that they share, up to date."""
        known: tuple[set[Term], set[Term]] = set(), set()
        found: set[bytes] = set()
        while (anchors, subjects) != known:
            known = anchors, subjects
            subjects = subjects | self._linked(rule, anchors, to="subject")
            anchors = anchors | self._linked(rule, subjects, to="object")
            if (anchors, subjects) == known and rule.link:
                found = self._results(rule, {rule.anchor: anchors})
                subjects = subjects | {triple.subject for triple in parse_lines(found)}
        old = self._written_for(rule, subjects)
        if rule.is_circular:
            added, removed = self._circular_difference(rule, anchors, old)
        elif rule.link:
            added, removed = self._difference(rule, old, found)
        else:
            concerned = self._concerned(rule, anchors, old)
            added, removed = self._difference(rule, _within(old, rule, concerned), self._results(rule, concerned))
        for quad in removed:
            self._store.remove(quad)
        extend(self._store, added)
        self._delta.note(added=added, removed=removed)
        self._follower.forget(rule.rule.predicates)
        self.counts[rule.rule.name] += len(added) - len(removed)

    def _written_for(self, rule: FollowedRule, subjects: Iterable[Term]) -> set[bytes]:
        """What stands of a rule's predicates for some subjects."""
        values = " ".join(str(subject) for subject in subjects if isinstance(subject, NamedNode))
        found: set[bytes] = set()
        for predicate in rule.rule.predicates:
            pattern = f"?s {predicate} ?o"
            query = f"CONSTRUCT {{ {pattern} }} WHERE {{ VALUES ?s {{ {values} }} {pattern} }}"
            found |= lines_found(self._store, query, self._writes)
        return found

    def _concerned(self, rule: FollowedRule, anchors: set[Term], old: set[bytes]) -> dict[str, set[Term]]:
        """The terms to ask a rule about: the anchors; where more stands of these than ends are concerned, both."""
        if rule.end and len(old) > _MUCH:
            ends = self._follower.concerned(rule.patterns, rule.end)
            touched: set[Term] = {triple.object for p in rule.rule.predicates for triple in self._delta.touched(p)}
            known = None if ends is None else ends | touched
            if known is not None and len(known) < len(old) and all(isinstance(end, NamedNode) for end in known):
                return {rule.end: known, rule.anchor: anchors}
        return {rule.anchor: anchors}

    def _circular_difference(
        self, rule: FollowedRule, anchors: set[Term], old: set[bytes]
    ) -> tuple[set[Quad], set[Quad]]:
        before = {quad_of(triple, self._writes) for triple in parse_lines(old)}
        after = self._fixpoint(rule, anchors, before)
        return after - before, before - after

    def _difference(self, rule: FollowedRule, old: set[bytes], found: set[bytes]) -> tuple[set[Quad], set[Quad]]:
        """What is to be added and removed where `old` stands and `found` follows; what is stated does not stand."""
        predicates = rule.rule.predicates
        touched = {line_of(triple) for predicate in predicates for triple in self._delta.touched(predicate)}
        still = {quad_of(triple, self._writes) for triple in parse_lines(old & found & touched)}
        gone = {quad_of(triple, self._writes) for triple in parse_lines(old - found)}
        return (
            self._unstated(parse_lines(found - old), predicates),
            gone | (still - self._unstated((quad.triple for quad in still), predicates)),
        )

    def _linked(self, rule: FollowedRule, terms: set[Term], *, to: OneOf["subject", "object"]) -> set[Term]:
        """The subjects of the results for some anchors, or the anchors of some subjects, before or now."""
        if not rule.link:
            return terms
        graphs = [*self._reads, self._writes]
        found: set[Term] = set()
        for term in terms:
            ends = (None, term) if to == "subject" else (term, None)
            found.update(getattr(quad, to) for quad in self._follower.quads(ends[0], rule.link, ends[1], graphs))
        other = "object" if to == "subject" else "subject"
        gone = (triple for triple in self._delta.gone(rule.link) if getattr(triple, other) in terms)
        return found | {getattr(triple, to) for triple in gone}

    def _results(self, rule: FollowedRule, concerned: Mapping[str, set[Term]]) -> set[bytes]:
        """What follows for some anchors, and some ends of them; none that is of others."""
        scopes = {pattern.scope for pattern in rule.patterns}
        further = {scope: self._follower.followed(rule.around(scope), concerned) for scope in scopes}
        reached: dict[tuple[int, ...], dict[str, set[Term]]] = {scope: {} for scope in scopes}

        def led_to(scope: tuple[int, ...], names: set[str]) -> tuple[str, set[Term]]:
            while names.isdisjoint(reached[scope]) and (step := next(further[scope], None)):
                reached[scope] |= (step,)
            known = [(name, terms) for name, terms in reached[scope].items() if name in names]
            return min(known, key=lambda each: len(each[1]), default=("", set()))

        known = self._follower.graphs_of(rule.patterns)
        graphs = [graph for graph in (*self._reads, self._writes) if graph in known]
        found = lines_of(rule.restricted(concerned, led_to).results(self._store, graphs))
        return found if rule.link else _within(found, rule, concerned)

    def _graphs_with(self, properties: Iterable[NamedNode]) -> list[NamedNode]:
        known = self._follower.graphs_with(properties)
        return [graph for graph in (*self._reads, self._writes) if graph in known]

    def _unstated(self, triples: Iterable[Triple], predicates: Iterable[NamedNode]) -> set[Quad]:
        stating = {p: [graph for graph in self._graphs_with([p]) if graph != self._writes] for p in predicates}
        new = (t for t in triples if not any(quad_of(t, graph) in self._store for graph in stating[t.predicate]))
        return {quad_of(triple, self._writes) for triple in new}

    def _fixpoint(self, rule: FollowedRule, anchors: set[Term], old: set[Quad]) -> set[Quad]:
        """What follows where nothing of `old` is a reason for itself; what is new is one only for its own subject."""
        for quad in old:
            self._store.remove(quad)
        self._follower.forget(rule.rule.predicates)
        found: set[Quad] = set()
        asked = {rule.anchor: anchors}
        while more := self._unstated(parse_lines(self._results(rule, asked)), rule.rule.predicates) - found:
            self._store.extend(more)
            self._follower.forget(rule.rule.predicates)
            found |= more
            if not rule.link:
                asked = {rule.anchor: {quad.subject for quad in more}}
        return found


def _within(lines: set[bytes], rule: FollowedRule, concerned: Mapping[str, set[Term]]) -> set[bytes]:
    """The lines of some anchors, and of some ends where these are told."""
    starts = {str(term).encode() for term in concerned[rule.anchor]}
    if rule.end not in concerned:
        return {line for line in lines if line[: line.index(b" ")] in starts}
    ends = {f"{term} .".encode() for term in concerned[rule.end]}
    parts = ((line, *line.split(b" ", 2)) for line in lines)
    return {line for line, start, _, end in parts if start in starts and end in ends}
