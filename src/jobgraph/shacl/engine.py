"""Validation of the graphs of a store: compiled queries for the shapes that have them, pySHACL for the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store

from jobgraph.errors import InputError, UsageError
from jobgraph.shacl.checks import Check, Skip, classes_of
from jobgraph.shacl.compiled import SUBCLASS, Compiled, compile_shapes, hierarchy_of, never
from jobgraph.shacl.conditions import MATCHES, WELL_FORMED
from jobgraph.shacl.cycles import circles, members_by_first, select_steps, steps_from
from jobgraph.shacl.kept import (
    Ahead,
    Found,
    Past,
    concerned,
    held_to,
    leads_far,
    may_be_touched,
    may_close_circles,
    of_its_kind,
)
from jobgraph.shacl.literals import REWRITTEN, from_stored, is_well_formed
from jobgraph.shacl.messages import message_of
from jobgraph.shacl.model import Shapes
from jobgraph.shacl.paths import Path, Predicate
from jobgraph.shacl.regex import to_python
from jobgraph.shacl.results import Result
from jobgraph.shacl.screens import Screen, choose_screens
from jobgraph.shacl.statements import XSD, Resource, Term
from jobgraph.store import GraphName
from jobgraph.store.following import Delta, Follower
from jobgraph.store.joins import plan_joins
from jobgraph.store.relevance import Relevance
from jobgraph.store.scans import Counted, Sizes

ENGINES = ("compiled", "pyshacl")

_Row = dict[str, Term]
_NONE: set[str] = set()
_LOOKED_UP_AT_ONCE = 50_000  # nodes whose classes are asked for
_TRUE, _FALSE = (Literal(text, datatype=NamedNode(f"{XSD}boolean")) for text in ("true", "false"))


@dataclass(frozen=True)
class Validation:
    """What a validation found, and which shapes it compiled.

    Parameters
    ----------
    results : all of them, in their order.
    compiled : the shapes with targets that ran as queries.
    delegated : those that pySHACL ran, with the reason.
    checks, found : the queries that ran, and the results of each, to keep for the next change.
    sizes : what was counted to ask them, by pattern, to keep, too.
    """

    results: list[Result]
    compiled: list[Resource]
    delegated: Mapping[Resource, str]
    checks: Sequence[Check] = ()
    found: Found = ()
    sizes: Mapping[str, Counted] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether there is no result of any severity."""
        return not self.results


def validate(
    store: Store,
    graphs: Sequence[GraphName],
    shapes: Shapes,
    *,
    engine: str = "compiled",
    skip: Skip = never,
    threads: int = 2,
) -> Validation:
    """Validate the graphs of a store, seen as one, against shapes.

    Parameters
    ----------
    engine : `compiled`, or `pyshacl` for all shapes; that holds the graphs in memory.
    skip : tells the constraints that were checked elsewhere, by shape and component.
    threads : queries that run side by side.

    Raises
    ------
    UsageError : there is no such engine.
    InputError : a shape cannot be evaluated.
    """
    if engine not in ENGINES:
        raise UsageError(f"There is no engine {engine!r}; choose one of {', '.join(ENGINES)}.")
    session = _Session(store, graphs, shapes)
    by_reference = Compiled(frozenset(), (), {root.node: "asked for" for root in shapes.roots})
    compiled = session.compile(skip) if engine == "compiled" else by_reference
    return session.completed(compiled, session.run(compiled.checks, threads), skip)


def validate_changes(
    store: Store,
    graphs: Sequence[GraphName],
    shapes: Shapes,
    *,
    past: Past,
    ahead: Ahead | None = None,
    threads: int = 2,
) -> Validation:
    """What `validate` finds after a change, by what was found before it: only what the change concerns is asked again.

    Parameters
    ----------
    ahead : what `ask_ahead` gave when a part of the change was made.

    Raises
    ------
    InputError : a shape cannot be evaluated.
    """
    session = _Session(store, graphs, shapes, past.sizes)
    if ahead and ahead.delta.touched(SUBCLASS):
        ahead = None  # its checks name the classes below others that there were
    compiled = ahead.compiled if ahead else session.compile(never)
    checks = compiled.checks
    known = past.found(checks)
    if known is None:
        return session.completed(compiled, session.run(checks, threads), never)
    chosen = ahead.chosen if ahead else ()
    left = [number for number in range(len(checks)) if number not in chosen]
    again = session.run_again([checks[n] for n in left], threads, past.delta, [known[n] for n in left])
    found = dict(zip(left, again, strict=True))
    if ahead:
        again = session.run_again([checks[n] for n in chosen], threads, ahead.delta, ahead.asked.result())
        found |= zip(chosen, again, strict=True)
    return session.completed(compiled, [found[number] for number in range(len(checks))], never)


def ask_ahead(store: Store, graphs: Sequence[GraphName], shapes: Shapes, *, past: Past, aside: Executor) -> Ahead:
    """Ask those checks whose changes are not followed and that the change touches, in one thread of `aside`.

    Raises
    ------
    InputError : a shape cannot be evaluated.
    """
    session, delta = _Session(store, graphs, shapes, past.sizes), past.delta
    compiled = session.compile(never)
    checks = compiled.checks
    chosen = [number for number, check in enumerate(checks) if leads_far(check) and may_be_touched(check, delta)]
    later = delta.later()
    return Ahead(compiled, chosen, aside.submit(session.run, [checks[n] for n in chosen], 1), later)


class _Session:
    """One validation: its store, the graphs it sees, and the answers that several checks share."""

    def __init__(
        self,
        store: Store,
        graphs: Sequence[GraphName],
        shapes: Shapes,
        sizes: Mapping[str, Counted] | None = None,
    ) -> None:
        self._store, self._graphs, self._shapes = store, list(graphs), shapes
        self._as_rewritten: list[GraphName] = [REWRITTEN] if _is_as_written(store) else self._graphs
        self._class_names: dict[Term, set[str]] = {}
        self._relevance = Relevance(store, self._graphs)
        self._sizes = Sizes(partial(_count, store, self._graphs), sizes)

    def compile(self, skip: Skip) -> Compiled:
        """The checks of the shapes for the classes that there are."""
        hierarchy = hierarchy_of(self._store, self._graphs)
        return compile_shapes(self._shapes, hierarchy, skip=skip, as_written=_is_as_written(self._store))

    def completed(self, compiled: Compiled, found: Found, skip: Skip) -> Validation:
        """All results, with those of the shapes that are left to the reference engine."""
        delegated = compiled.delegated
        results = [result for each in found for result in each]
        left = [self._shapes.by_node[node] for node in delegated]
        if left:
            from jobgraph.shacl.reference import (
                validate_by_reference,  # rdflib takes 0.1 s that most runs need not wait
            )

            by_reference = validate_by_reference(self._store, self._graphs, self._shapes, left)
            results += [r for r in by_reference if not skip(self._shapes.by_node[r.shape], r.component)]
        results.sort(key=Result.order_key)
        ran = [root.node for root in self._shapes.roots if root.node not in delegated]
        return Validation(results, ran, delegated, compiled.checks, found, self._sizes.known)

    def run(self, checks: Sequence[Check], threads: int) -> Found:
        """The results of each check: first the screens, then the checks that they do not spare."""
        with ThreadPoolExecutor(threads) as pool:
            conditions = dict.fromkeys(check.unless for check in checks if check.unless)
            can_fail = dict(zip(conditions, pool.map(self._holds, conditions), strict=True))
            asked_of = [check for check in checks if can_fail.get(check.unless, True)]
            screens = choose_screens(asked_of, self._sizes)
            asked = dict.fromkeys(screens.values())
            answers = dict(zip(asked, pool.map(self._screened, asked), strict=True))
            self._class_names = self._classes(answers.values())
            screened = (answers[screens[id(check)]] if id(check) in screens else None for check in asked_of)
            found = dict(zip(map(id, asked_of), pool.map(self._results, asked_of, screened), strict=True))
            return [found.get(id(check), []) for check in checks]

    def run_again(self, checks: Sequence[Check], threads: int, delta: Delta, known: Found) -> Found:
        """The results of each check after a change, by those before: it is asked where they may be others."""
        follower = Follower(self._store, self._graphs, delta)
        focus = [self._concerned(check, follower, old) for check, old in zip(checks, known, strict=True)]
        whole = [check for check, nodes in zip(checks, focus, strict=True) if nodes is None]
        values = cache(follower.values)
        with ThreadPoolExecutor(1) as aside:
            anew = aside.submit(self.run, whole, threads)
            held = [
                self._held(check, of_its_kind(check, nodes or (), values))
                for check, nodes in zip(checks, focus, strict=True)
            ]
            asked = dict(zip(map(id, whole), anew.result(), strict=True))
        return [
            asked[id(check)] if nodes is None else [result for result in old if result.focus not in nodes] + new
            for check, nodes, old, new in zip(checks, focus, known, held, strict=True)
        ]

    def _concerned(self, check: Check, follower: Follower, known: Sequence[Result]) -> Collection[Term] | None:
        """The focus nodes to ask a check about; None for all."""
        found = concerned(check, follower)
        if found is not None or known or check.shape.path is None:
            return found
        starts = may_close_circles(check, follower)
        steps = None if starts is None else steps_from(check.shape.path, starts, self._pairs)
        return None if steps is None or circles(steps) else ()

    def _held(self, check: Check, focus: Collection[Term]) -> list[Result]:
        """The results of a check for some focus nodes."""
        if not focus:
            return []
        graphs = (
            self._as_rewritten
            if check.is_query and self._as_rewritten is not self._graphs
            else self._relevance.graphs_for(check.text)
        )
        return [
            _result(check, row)
            for row in self._rows(cast("QuerySolutions", self._query_in(graphs, held_to(check, focus))))
        ]

    def _holds(self, condition: str) -> bool:
        return bool(self._query(plan_joins(condition, self._sizes), self._as_rewritten))

    def _screened(self, screen: Screen) -> list[_Row] | None:
        """The rows of a screen; None if there are too many to look at one by one."""
        rows = self._rows(self._select(f"{screen.text} LIMIT {screen.most}"))
        return rows if len(rows) < screen.most else None

    def _classes(self, answers: Iterable[list[_Row] | None]) -> dict[Term, set[str]]:
        """The classes of all nodes that a screen found."""
        nodes = dict.fromkeys(row["this"] for rows in answers for row in rows or ())
        names = [str(node) for node in nodes if isinstance(node, NamedNode)]
        classes: dict[Term, set[str]] = {}
        for start in range(0, len(names), _LOOKED_UP_AT_ONCE):
            text = classes_of(names[start : start + _LOOKED_UP_AT_ONCE])
            for row in self._rows(self._select(plan_joins(text, self._sizes))):
                classes.setdefault(row["this"], set()).add(str(row["class"]))
        return classes

    def _circles(self, check: Check) -> list[_Row] | None:
        """The first focus node of each circle, with all its members; None if only the query of the check can tell."""
        if not check.focus or check.shape.path is None:
            return None
        steps = self._pairs(plan_joins(select_steps(check.shape.path), self._sizes))
        members = members_by_first(circles(steps))
        if not members:
            return None if members is None else []
        focus = {row["this"] for row in self._rows(self._select(check.focus, sees_rewritten=True))}
        return [
            {"this": first, "members": Literal(", ".join(names))} for first, names in members.items() if first in focus
        ]

    def _results(self, check: Check, screened: list[_Row] | None) -> list[Result]:
        if (circles_found := self._circles(check)) is not None:
            rows = circles_found
        elif screened is None or any(isinstance(row["this"], BlankNode) for row in screened):
            rows = self._rows(self._select(plan_joins(check.text, self._sizes), sees_rewritten=check.is_query))
        else:
            rows = [row for row in screened if not self._class_names.get(row["this"], _NONE).isdisjoint(check.classes)]
        return [_result(check, row) for row in rows]

    def _rows(self, solutions: QuerySolutions) -> list[_Row]:
        """The solutions, all of them: they may be read and let go only in the thread that asked for them."""
        names = [variable.value for variable in solutions.variables]
        return [
            {name: from_stored(term) for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        ]

    def _pairs(self, text: str) -> list[tuple[Term, Term]]:
        return [(start, end) for start, end in self._select(text, sees_rewritten=True)]

    def _select(self, text: str, *, sees_rewritten: bool = False) -> QuerySolutions:
        return cast("QuerySolutions", self._query(text, self._as_rewritten if sees_rewritten else self._graphs))

    def _query(self, text: str, graphs: list[GraphName]) -> object:
        return self._query_in(self._relevance.graphs_for(text) if graphs is self._graphs else graphs, text)

    def _query_in(self, graphs: list[GraphName], text: str) -> object:
        return self._store.query(
            text,
            default_graph=graphs,
            named_graphs=[],
            custom_functions={NamedNode(WELL_FORMED): _well_formed, NamedNode(MATCHES): _matches},
        )


def _count(store: Store, graphs: list[GraphName], pattern: str, limit: int) -> int:
    text = f"SELECT (COUNT(*) AS ?count) {{ {{ SELECT * {{ {pattern} }} LIMIT {limit} }} }}"
    (solution,) = cast("QuerySolutions", store.query(text, default_graph=graphs, named_graphs=[]))
    return int(cast("Literal", solution["count"]).value)


def _is_as_written(store: Store) -> bool:
    return store.contains_named_graph(REWRITTEN)


def _result(check: Check, found: _Row) -> Result:
    focus = found["this"]
    shape, constraint = check.shape, check.constraint
    if constraint.sparql is not None and _is_true(found.get("failure")):
        raise InputError(f"{shape.node}: the query of the shape reports a failure for {focus}; see the query.")
    path: Path | None = shape.path
    if isinstance(given := found.get("path"), NamedNode):
        path = Predicate(given.value)
    value = found.get("value") if check.has_value else None
    if value is None and constraint.sparql is not None and shape.path is None:
        value = focus
    return Result(
        focus=focus,
        component=constraint.component,
        shape=shape.node,
        severity=shape.severity,
        path=path,
        value=value,
        message=message_of(shape, constraint, found),
        constraint=constraint.sparql.node if constraint.sparql is not None else None,
    )


def _is_true(term: Term | None) -> bool:
    return term == _TRUE


def _well_formed(*terms: Term) -> Literal:
    return _TRUE if isinstance(terms[0], Literal) and is_well_formed(terms[0]) else _FALSE


def _matches(*terms: Term) -> Literal | None:
    text, pattern, flags = (term.value if isinstance(term, Literal) else "" for term in terms)
    compiled = to_python(pattern, flags)
    return None if compiled is None else (_TRUE if compiled.search(text) else _FALSE)
