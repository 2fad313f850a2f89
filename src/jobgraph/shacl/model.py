"""Shapes as they are read: their targets, constraints and nested shapes, ready to be compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from jobgraph.shacl.paths import Path
from jobgraph.shacl.statements import SH, Resource, Statements, Term

if TYPE_CHECKING:
    from jobgraph.shacl.compiled import Compiled

LOGICAL = {f"{SH}{name}": f"{SH}{name.capitalize()}ConstraintComponent" for name in ("and", "or", "xone")}


@dataclass(frozen=True)
class Target:
    """A declaration of focus nodes; `kind` is the property that declares it, as `targetClass`."""

    kind: str
    term: Term


@dataclass(frozen=True)
class SparqlText:
    """The text of `sh:select` or `sh:ask`, with the values that stand for its parameters.

    Parameters
    ----------
    is_acyclic : whether the query says that the path of the shape leads from no node back to it; see `cycles`.
    skipped_unless : a query that answers false only where no node can break the constraint, if there is one.
    """

    text: str
    prefixes: Mapping[str, str]
    node: Resource
    is_ask: bool = False
    parameters: Mapping[str, Term | None] = field(default_factory=dict)
    messages: tuple[Literal, ...] = ()
    is_acyclic: bool = False
    skipped_unless: str = ""


@dataclass(frozen=True)
class Constraint:
    """One condition of a shape.

    Parameters
    ----------
    component : IRI of the constraint component.
    terms : the values of its parameters; the members where the value is a list.
    shapes : the shapes it refers to.
    siblings : the sibling shapes of a qualified shape that is disjoint.
    sparql : the query, where it is one.
    """

    component: str
    terms: tuple[Term, ...] = ()
    shapes: tuple[Resource, ...] = ()
    siblings: tuple[Resource, ...] = ()
    sparql: SparqlText | None = None


@dataclass(frozen=True)
class Shape:
    """A node shape, or a property shape if it has a path."""

    node: Resource
    path: Path | None = None
    targets: tuple[Target, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    properties: tuple[Resource, ...] = ()
    severity: str = f"{SH}Violation"
    messages: tuple[Literal, ...] = ()
    is_deactivated: bool = False
    beyond: str = ""  # what of it only the reference engine knows


@dataclass(frozen=True)
class Shapes:
    """All shapes of a shapes graph by node, and the graph itself; `compiled` is what they were compiled to ahead."""

    by_node: Mapping[Resource, Shape]
    statements: Statements
    compiled: Compiled | None = None

    @property
    def roots(self) -> list[Shape]:
        """The shapes that have targets of their own and are switched on."""
        return [
            shape
            for shape in self.by_node.values()
            if (shape.targets or shape.beyond.startswith("sh:target")) and not shape.is_deactivated
        ]

    def reachable(self, root: Shape) -> list[Shape]:
        """The shape and all that it leads to."""
        found: dict[Resource, Shape] = {}
        todo = [root]
        while todo:
            shape = todo.pop()
            if shape.node in found:
                continue
            found[shape.node] = shape
            todo += [self.by_node[node] for node in neighbours(shape)]
        return list(found.values())


def neighbours(shape: Shape) -> list[Resource]:
    """The shapes that a shape refers to."""
    inner = [node for constraint in shape.constraints for node in (*constraint.shapes, *constraint.siblings)]
    return [*shape.properties, *inner]
