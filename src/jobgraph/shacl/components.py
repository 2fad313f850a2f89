"""Constraint components that a shapes graph defines by SPARQL, and where shapes use them.

Source: https://www.w3.org/TR/shacl/#sparql-constraint-components
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from jobgraph.errors import InputError
from jobgraph.shacl.model import Constraint
from jobgraph.shacl.sparql_nodes import read_sparql
from jobgraph.shacl.statements import RDF, RDFS, SH, Resource, Statements, Term

_LOCAL_NAME = re.compile(r"[^#/:]*$")
_RESERVED = {"this", "shapesGraph", "currentShape", "path", "PATH", "value"}


@dataclass(frozen=True)
class Parameter:
    """What a component takes: the variable, the property that gives it, and whether it may be missing."""

    name: str
    path: str
    is_optional: bool


@dataclass(frozen=True)
class Custom:
    """A constraint component of the shapes graph itself."""

    node: NamedNode
    parameters: tuple[Parameter, ...]


def read_components(graph: Statements) -> list[Custom]:
    """The components that the graph defines.

    Raises
    ------
    InputError : a parameter has no path, or a name that is taken.
    """
    classes = _subclasses(graph)
    nodes = {node: None for class_ in classes for node in graph.subjects(f"{RDF}type", class_)}
    found = [Custom(node, tuple(_iter_parameters(graph, node))) for node in nodes if isinstance(node, NamedNode)]
    return [custom for custom in found if any(not parameter.is_optional for parameter in custom.parameters)]


def read_custom(
    graph: Statements, node: Resource, components: list[Custom], *, is_property: bool
) -> Iterator[Constraint]:
    """The constraints of a shape that use the graph's own components.

    Raises
    ------
    InputError : a component has no validator for this kind of shape.
    """
    for custom in components:
        values = {parameter: graph.objects(node, parameter.path) for parameter in custom.parameters}
        if not all(terms or parameter.is_optional for parameter, terms in values.items()):
            continue
        first: dict[str, Term | None] = {p.name: terms[0] if terms else None for p, terms in values.items()}
        single = custom.parameters[0] if len(custom.parameters) == 1 else None
        choices = [{single.name: term} for term in values[single]] if single else [first]
        for choice in choices:
            yield from _constraint(graph, custom, choice, is_property=is_property)


def _constraint(
    graph: Statements, custom: Custom, parameters: Mapping[str, Term | None], *, is_property: bool
) -> Iterator[Constraint]:
    for name in ("propertyValidator" if is_property else "nodeValidator", "validator"):
        validator = graph.one(custom.node, f"{SH}{name}")
        if validator is None:
            continue
        kind = "ask" if graph.one(validator, f"{SH}ask") is not None else "select"
        text = read_sparql(graph, validator, kind, parameters)
        if text is not None:
            messages = [m for m in graph.objects(custom.node, f"{SH}message") if isinstance(m, Literal)]
            yield Constraint(custom.node.value, sparql=replace(text, messages=text.messages or tuple(messages)))
        return
    raise InputError(f"{graph.place(custom.node)}: the component has no validator for this kind of shape; add one.")


def _subclasses(graph: Statements) -> list[Term]:
    found: list[Term] = [NamedNode(f"{SH}ConstraintComponent")]
    for class_ in found:  # grows while it is walked
        found += [inner for inner in graph.subjects(f"{RDFS}subClassOf", class_) if inner not in found]
    return found


def _iter_parameters(graph: Statements, node: Resource) -> Iterator[Parameter]:
    for parameter in graph.objects(node, f"{SH}parameter"):
        path = graph.one(parameter, f"{SH}path")
        match = _LOCAL_NAME.search(path.value) if isinstance(path, NamedNode) else None
        if match is None or not match.group().isidentifier() or match.group() in _RESERVED:
            raise InputError(f"{graph.place(node)}: a parameter needs a sh:path whose last step is a new name.")
        optional = graph.one(parameter, f"{SH}optional")
        is_optional = isinstance(optional, Literal) and optional.value in ("true", "1")
        yield Parameter(match.group(), path.value if isinstance(path, NamedNode) else "", is_optional)
