"""Shapes compiled for data with some hierarchy of classes; whoever knows the hierarchy can do so ahead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TypeAlias, cast

from pyoxigraph import NamedNode, QuerySolutions, Store

from jobgraph.shacl.checks import Check, Skip, compile_shape
from jobgraph.shacl.conditions import Conditions
from jobgraph.shacl.model import Shape, Shapes
from jobgraph.shacl.sparql_text import BeyondSetsError
from jobgraph.shacl.statements import RDFS, Resource, Term
from jobgraph.store import GraphName

SUBCLASS = NamedNode(f"{RDFS}subClassOf")
Hierarchy: TypeAlias = frozenset[tuple[Term, Term]]  # classes, each with one right above it


@dataclass(frozen=True)
class Compiled:
    """The checks of shapes for data with a hierarchy of classes.

    `delegated` are the shapes that do not compile, with the reason.
    """

    hierarchy: Hierarchy
    checks: Sequence[Check]
    delegated: Mapping[Resource, str]


def never(_shape: Shape, _component: str) -> bool:
    """Skip nothing."""
    return False


def compile_shapes(shapes: Shapes, hierarchy: Hierarchy, *, skip: Skip = never, as_written: bool = False) -> Compiled:
    """Compile all shapes that have targets.

    Parameters
    ----------
    skip : tells the constraints to leave out, by shape and component.
    as_written : the data has literals that are kept as they were written.
    """
    if skip is never and not as_written and shapes.compiled and shapes.compiled.hierarchy == hierarchy:
        return shapes.compiled
    conditions = Conditions(shapes, cache(partial(_and_below, _below(hierarchy))), as_written=as_written)
    checks: list[Check] = []
    delegated: dict[Resource, str] = {}
    for root in shapes.roots:
        try:
            checks += compile_shape(root, shapes, conditions, skip)
        except BeyondSetsError as error:
            delegated[root.node] = str(error)
    return Compiled(hierarchy, checks, delegated)


def compiled_ahead(shapes: Shapes, hierarchy: Hierarchy) -> Shapes:
    """The same shapes with their checks for a hierarchy; where data has another one, they are compiled anew."""
    compiled = compile_shapes(shapes, hierarchy)
    for check in compiled.checks:
        _ = check.patterns
    return replace(shapes, compiled=compiled)


def hierarchy_of(store: Store, graphs: Sequence[GraphName]) -> Hierarchy:
    """The hierarchy of the classes that graphs of a store name; that of a nameless class, where it is between two."""
    query = f"SELECT ?class ?above {{ ?class {SUBCLASS} ?above }}"
    found = store.query(query, default_graph=list(graphs), named_graphs=[])
    pairs = [(one, above) for one, above in cast("QuerySolutions", found)]
    between = {one for one, _ in pairs} & {above for _, above in pairs}
    return frozenset(pair for pair in pairs if all(isinstance(end, NamedNode) or end in between for end in pair))


def _below(hierarchy: Hierarchy) -> Mapping[Term, Collection[Term]]:
    below: dict[Term, list[Term]] = defaultdict(list)
    for one, above in hierarchy:
        below[above].append(one)
    return below


def _and_below(below: Mapping[Term, Collection[Term]], term: Term) -> tuple[Term, ...]:
    """A class and all classes below it, in one order."""
    if not isinstance(term, NamedNode):
        return ()
    found: set[Term] = set()
    todo: list[Term] = [term]
    while todo:
        more = set(below.get(todo.pop(), ())) - found
        found |= more
        todo += more
    named = {one.value for one in found if isinstance(one, NamedNode)} - {term.value}
    return (term, *map(NamedNode, sorted(named)))
