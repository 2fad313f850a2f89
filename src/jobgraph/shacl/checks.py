"""Shapes compiled to queries: one SELECT of the violations of each constraint, and cheaper ones that may spare it.

Most constraints of most data are kept. So a check of the instances of classes comes with a screen: a SELECT of all
nodes that break the constraint, whatever their class, which is the same for all shapes that say the same about a
property. Where few do, looking up their classes is all that is left to do.

A store on disk looks up a node in 10 to 50 microseconds and scans on at less than one, so screens never look up: they
scan a property and take sets from each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import NamedNode

from jobgraph.shacl.conditions import NEVER, Conditions, limit_of
from jobgraph.shacl.constraints import component_of
from jobgraph.shacl.model import Constraint, Shape, Shapes, Target
from jobgraph.shacl.paths import Path
from jobgraph.shacl.query_patterns import CheckPatterns, read_patterns
from jobgraph.shacl.sparql_condition import condition_of
from jobgraph.shacl.sparql_text import BeyondSetsError
from jobgraph.shacl.statements import RDF
from jobgraph.shacl.walks import is_bounded, is_single_step, may_be_empty, walk

Skip = Callable[[Shape, str], bool]

FOCUS, VALUE = "?this", "?value"
_IS_FOCUS = re.compile(r"\?this\b")
_TYPE = f"<{RDF}type>"
_MIN_COUNT, _MAX_COUNT = component_of("minCount"), component_of("maxCount")
_QUALIFIED_LOW = component_of("qualifiedMinCount")
_COUNTED = {_MIN_COUNT, _MAX_COUNT, _QUALIFIED_LOW, component_of("qualifiedMaxCount")}
_WITHOUT_VALUE = {*_COUNTED, component_of("uniqueLang"), component_of("hasValue")}
# Tests that look further than the value: asked about each different value once.
_FAR_TESTS = {component_of(name) for name in ("class", "node", "not", "and", "or", "xone")}


@dataclass(frozen=True)
class Check:
    """A constraint of a shape as a query; the variables of its solutions are `?this`, `?value` and `?path`.

    Parameters
    ----------
    has_value : whether `?value` is reported; some constraints are about all values together.
    screen : a SELECT of `?this` and perhaps `?value`, of all nodes that break the constraint; empty if there is none.
    classes : the classes whose instances the shape is about, where there is a screen.
    requires : whether the check is that there is a value at all; its screen needs the classes of all such checks.
    unless : an ASK that answers false only where there is no violation; empty if there is none.
    focus : a SELECT of the focus nodes, where the check is that no path leads from one of them back to it; else empty.
    """

    shape: Shape
    constraint: Constraint
    text: str
    has_value: bool
    screen: str = ""
    classes: tuple[str, ...] = ()
    requires: bool = False
    unless: str = ""
    focus: str = ""

    @property
    def is_query(self) -> bool:
        """Whether it is a query of the shapes graph, which sees literals as a store rewrites them."""
        return self.constraint.sparql is not None and not self.constraint.sparql.is_ask

    @cached_property
    def patterns(self) -> CheckPatterns | None:
        """What its query asks for, taken apart; None if that is not understood."""
        return read_patterns(self.text)

    @property
    def looks_far(self) -> bool:
        """Whether it looks further than the values of a node, at each of them by itself."""
        return "EXISTS {" in self.text


@dataclass(frozen=True)
class _Scope:
    """The focus nodes of a shape: the pattern that binds `?this`, and the nodes that led to them."""

    where: str
    keys: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()  # where it is nothing but the instances of them

    @property
    def distinct(self) -> str:
        """The focus nodes, each once."""
        return f"{{ SELECT DISTINCT {' '.join((*self.keys, FOCUS))} {{ {self.where} }} }} "


def compile_shape(root: Shape, shapes: Shapes, conditions: Conditions, skip: Skip) -> list[Check]:
    """The checks of a shape that has targets, and of the property shapes in it.

    Raises
    ------
    BeyondSetsError : part of it cannot be compiled; its text says why.
    """
    if root.beyond:
        raise BeyondSetsError(root.beyond)
    return list(_Compiler(shapes, conditions, skip).iter_checks(root, _scope(root, conditions)))


def _scope(shape: Shape, conditions: Conditions) -> _Scope:
    branches: list[str] = []
    classes: list[str] = []
    named = [target.term for target in shape.targets if target.kind == "targetClass"]
    for term in named:
        classes += [str(c) for c in conditions.subclasses(term) if isinstance(c, NamedNode)]
    classes = list(dict.fromkeys(classes))
    if len(classes) == 1:
        branches.append(f"{FOCUS} {_TYPE} {classes[0]} . ")
    elif classes:
        branches.append(f"VALUES ?sh_class {{ {' '.join(classes)} }} {FOCUS} {_TYPE} ?sh_class . ")
    nodes = [target.term for target in shape.targets if target.kind == "targetNode"]
    if any(isinstance(node, NamedNode) or not str(node).startswith("_:") for node in nodes):
        texts = (conditions.text(node) for node in nodes if not str(node).startswith("_:"))
        branches.append(f"VALUES {FOCUS} {{ {' '.join(texts)} }} ")
    branches += [_edge(target) for target in shape.targets if target.kind.endswith("sOf")]
    if len(branches) == 1:
        return _Scope(branches[0], classes=tuple(classes) if len(named) == len(shape.targets) else ())
    if not branches:
        return _Scope(f"VALUES {FOCUS} {{ }} ")
    return _Scope(" UNION ".join(f"{{ {branch}}}" for branch in branches))


def _edge(target: Target) -> str:
    pair = (FOCUS, "?sh_end") if target.kind == "targetSubjectsOf" else ("?sh_end", FOCUS)
    return f"{pair[0]} {target.term} {pair[1]} . "


class _Compiler:
    def __init__(self, shapes: Shapes, conditions: Conditions, skip: Skip) -> None:
        self._shapes, self._conditions, self._skip = shapes, conditions, skip

    def iter_checks(self, shape: Shape, scope: _Scope) -> Iterator[Check]:
        """The checks of a shape for the focus nodes of `scope`."""
        if shape.is_deactivated:
            return
        for constraint in shape.constraints:
            if not self._skip(shape, constraint.component):
                yield from self._checks(constraint, shape, scope)
        for node in shape.properties:
            yield from self.iter_checks(self._shapes.by_node[node], self._inner(shape, scope))

    def _inner(self, shape: Shape, scope: _Scope) -> _Scope:
        """The focus nodes of the property shapes inside a shape: its value nodes."""
        if shape.path is None:
            return scope
        outer = self._conditions.fresh("outer")
        where = _IS_FOCUS.sub(outer, scope.where)
        return _Scope(walk(where, outer, shape.path, FOCUS), (*scope.keys, outer))

    def _checks(self, constraint: Constraint, shape: Shape, scope: _Scope) -> Iterator[Check]:
        if constraint.sparql is not None and not constraint.sparql.is_ask:
            text = self._conditions.query(constraint, shape).rows(scope.where, scope.keys)
            place = self._shapes.statements.place(constraint.sparql.node)
            unless = condition_of(constraint.sparql, shape, place)
            focus = _select(scope, scope.where, "") if _is_about_circles(constraint, shape, scope) else ""
            yield Check(shape, constraint, text, has_value=True, unless=unless, focus=focus)
        elif self._conditions.is_value_test(constraint):
            yield from self._value_checks(constraint, shape, scope)
        elif constraint.component in _COUNTED:
            yield from self._counts(constraint, shape, scope)
        else:
            yield from self._set_checks(constraint, shape, scope)

    def _value_checks(self, constraint: Constraint, shape: Shape, scope: _Scope) -> Iterator[Check]:
        test = self._conditions.bad(constraint, shape, VALUE, FOCUS)
        if test == NEVER:
            return
        body = f"{walk(scope.where, FOCUS, shape.path, VALUE)}FILTER({test})"
        screen = self._value_screen(constraint, shape) if _is_screened(shape, scope) else ""
        yield Check(
            shape, constraint, _select(scope, body, VALUE), has_value=True, screen=screen, classes=scope.classes
        )

    def _value_screen(self, constraint: Constraint, shape: Shape) -> str:
        if constraint.sparql is not None or shape.path is None:
            return ""
        given = self._conditions
        fresh = Conditions(
            given.shapes, given.subclasses, as_written=given.as_written
        )  # so that equals are the same text
        step = walk("", FOCUS, shape.path, VALUE)
        if constraint.component == component_of("class"):
            classes = " ".join(str(c) for c in given.subclasses(constraint.terms[0]))
            instances = f"VALUES ?sh_class {{ {classes} }} {VALUE} {_TYPE} ?sh_class . "
            bad = f"{{ SELECT DISTINCT {VALUE} {{ {step}}} }} MINUS {{ SELECT {VALUE} {{ {instances}}} }} "
        elif constraint.component in _FAR_TESTS:
            test = fresh.bad(constraint, shape, VALUE, FOCUS)
            # An aggregate keeps the test from being asked about each triple.
            bad = f"{{ SELECT {VALUE} (COUNT(*) AS ?sh_count) {{ {step}}} GROUP BY {VALUE} }} FILTER({test}) "
        else:
            return f"SELECT DISTINCT {FOCUS} {VALUE} {{ {step}FILTER({fresh.bad(constraint, shape, VALUE, FOCUS)}) }}"
        return f"SELECT DISTINCT {FOCUS} {VALUE} {{ {{ SELECT {VALUE} {{ {bad}}} }} {step}}}"

    def _set_checks(self, constraint: Constraint, shape: Shape, scope: _Scope) -> Iterator[Check]:
        for body in self._conditions.listed(constraint, shape, FOCUS, VALUE, where=scope.where):
            if constraint.component == component_of("uniqueLang"):
                text = _select(scope, f"{body} BIND(LANG({VALUE}) AS ?sh_language)", "?sh_language")
            else:
                further = " ".join(v for v in (VALUE, "?path", "?sh_other") if v in body)
                text = _select(scope, body, further)
            yield Check(shape, constraint, text, has_value=constraint.component not in _WITHOUT_VALUE)

    def _counts(self, constraint: Constraint, shape: Shape, scope: _Scope) -> Iterator[Check]:
        limit = limit_of(constraint)
        is_low = constraint.component in (_MIN_COUNT, _QUALIFIED_LOW)
        if is_low and limit <= 0:
            return
        test = self._conditions.qualifies(constraint, VALUE) if constraint.shapes else ""
        body = _few(scope, shape, test, limit) if is_low else _many(scope, shape, test, limit)
        screen, requires = "", False
        if not test and _is_screened(shape, scope):
            requires = is_low and limit == 1
            screen = _screen_many(shape, limit) if not is_low and limit >= 1 else ""
        text = _select(scope, body, "")
        yield Check(shape, constraint, text, has_value=False, screen=screen, classes=scope.classes, requires=requires)


def _is_screened(shape: Shape, scope: _Scope) -> bool:
    return bool(scope.classes) and not scope.keys and shape.path is not None and is_single_step(shape.path)


def _is_about_circles(constraint: Constraint, shape: Shape, scope: _Scope) -> bool:
    if constraint.sparql is None or not constraint.sparql.is_acyclic or shape.path is None:
        return False
    return not scope.keys and not may_be_empty(shape.path)


def _select(scope: _Scope, body: str, further: str) -> str:
    return f"SELECT DISTINCT {' '.join((*scope.keys, FOCUS))} {further} {{ {body} }}"


def _few(scope: _Scope, shape: Shape, test: str, limit: int) -> str:
    """The focus nodes with fewer value nodes than `limit` that hold `test`."""
    condition = f"FILTER({test})" if test else ""
    if limit == 1 and is_bounded(shape.path) and scope.classes:
        return f"{scope.distinct} MINUS {{ SELECT {FOCUS} {{ {walk('', FOCUS, shape.path, VALUE)}{condition} }} }}"
    if limit == 1:
        return f"{scope.where} FILTER NOT EXISTS {{ {walk('', FOCUS, shape.path, VALUE)}{condition} }}"
    enough = _grouped(scope, shape, condition, f">= {limit}")
    return f"{scope.distinct} MINUS {{ {enough} }}"


def _many(scope: _Scope, shape: Shape, test: str, limit: int) -> str:
    """The focus nodes with more value nodes than `limit` that hold `test`."""
    condition = f"FILTER({test})" if test else ""
    if limit == 0:
        return f"{walk(scope.where, FOCUS, shape.path, VALUE)}{condition}"
    return _grouped(scope, shape, condition, f"> {limit}")


def _grouped(scope: _Scope, shape: Shape, condition: str, comparison: str) -> str:
    keys = " ".join((*scope.keys, FOCUS))
    return (
        f"{{ SELECT {keys} {{ {walk(scope.where, FOCUS, shape.path, VALUE)}{condition} }} "
        f"GROUP BY {keys} HAVING (COUNT(DISTINCT {VALUE}) {comparison}) }}"
    )


def _screen_many(shape: Shape, limit: int) -> str:
    step = walk("", FOCUS, shape.path, VALUE)
    return f"SELECT {FOCUS} {{ {step}}} GROUP BY {FOCUS} HAVING (COUNT(DISTINCT {VALUE}) > {limit})"


def screen_missing(path: Path, classes: Sequence[str]) -> str:
    """A SELECT of the instances of some classes that have no value at a path."""
    instances = f"VALUES ?sh_class {{ {' '.join(classes)} }} {FOCUS} {_TYPE} ?sh_class . "
    having = f"{{ SELECT {FOCUS} {{ {walk('', FOCUS, path, VALUE)}}} }}"
    return f"SELECT {FOCUS} {{ {{ SELECT DISTINCT {FOCUS} {{ {instances}}} }} MINUS {having} }}"


def classes_of(nodes: Sequence[str]) -> str:
    """A SELECT of the classes of some nodes."""
    return f"SELECT {FOCUS} ?class {{ VALUES {FOCUS} {{ {' '.join(nodes)} }} {FOCUS} {_TYPE} ?class . }}"
