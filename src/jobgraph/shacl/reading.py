"""A shapes graph read into shapes, with one sentence for whatever is wrong in it.

Nothing is fetched: `owl:imports` of what is not among the files is passed over, and what would be needed from there is
an error where it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as FilePath

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.errors import InputError
from jobgraph.shacl.components import Custom, read_components, read_custom
from jobgraph.shacl.constraints import PARAMETERS, REFUSED, check_pairing, read_qualified
from jobgraph.shacl.model import Constraint, Shape, Shapes, Target, neighbours
from jobgraph.shacl.paths import Path, read_path
from jobgraph.shacl.sparql_condition import condition_of
from jobgraph.shacl.sparql_nodes import read_sparql
from jobgraph.shacl.sparql_text import Query
from jobgraph.shacl.statements import OWL, RDF, RDFS, SH, Resource, Statements, Term
from jobgraph.turtle import read_turtle

Namer = Callable[[NamedNode, int, Statements, Resource], NamedNode | None]

_TYPE, _SUBCLASS = f"{RDF}type", f"{RDFS}subClassOf"
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_DEFAULT_SEVERITY = NamedNode(f"{SH}Violation")


def read_shapes(sources: Iterable[FilePath | Triple], *, namer: Namer | None = None) -> Shapes:
    """The shapes of Turtle files and of triples.

    Parameters
    ----------
    namer : gives the blank node of a property shape an IRI. It is called with the node shape, the place of the
        property shape among those of it, the graph and the blank node; None keeps the blank node. With names,
        results of several runs can be compared by shape.

    Raises
    ------
    TurtleError : a file does not parse.
    InputError : a shape is not well formed: its file and name, and what is wrong.
    """
    statements = Statements([])
    for source in sources:
        if isinstance(source, Triple):
            statements.add([source])
        else:
            statements.add(read_turtle(source, base=source.absolute().as_uri()), file=source)
    if namer is not None:
        statements = _named(statements, namer)
    reader = _Reader(statements)
    shapes = Shapes({node: reader.read(node) for node in reader.nodes()}, statements)
    _check_references(shapes)
    _check_recursion(shapes)
    _check_queries(shapes)
    return shapes


def _named(statements: Statements, namer: Namer) -> Statements:
    """The same statements with names in place of the blank nodes of property shapes."""
    names: dict[Term, NamedNode] = {}
    for parent in statements.subjects(f"{SH}property"):
        for place, node in enumerate(statements.objects(parent, f"{SH}property")):
            if isinstance(parent, NamedNode) and isinstance(node, BlankNode):
                name = namer(parent, place, statements, node)
                if name is not None:
                    names[node] = name
    return statements.renamed(names)


class _Reader:
    """Reads the shapes of one graph."""

    def __init__(self, graph: Statements) -> None:
        self._graph = graph
        self._custom: list[Custom] = read_components(graph)
        self._classes = _subclasses(graph, NamedNode(f"{RDFS}Class")) | {NamedNode(f"{OWL}Class")}

    def nodes(self) -> list[Resource]:
        """Everything that is a shape."""
        found = dict.fromkeys((*self._iter_described(), *self._iter_referred()))
        parameters = _objects(self._graph, f"{SH}parameter")  # described as property shapes are, and none
        return [node for node in found if isinstance(node, NamedNode | BlankNode) and node not in parameters]

    def _iter_described(self) -> Iterator[Term]:
        graph = self._graph
        for kind in ("NodeShape", "PropertyShape"):
            for class_ in _subclasses(graph, NamedNode(f"{SH}{kind}")):
                yield from graph.subjects(_TYPE, class_)
        for name in (*_TARGETS, "target", *PARAMETERS, "property", "sparql", *REFUSED):
            yield from graph.subjects(f"{SH}{name}")
        for parameter in (parameter for custom in self._custom for parameter in custom.parameters):
            yield from graph.subjects(parameter.path)

    def _iter_referred(self) -> Iterator[Term]:
        for name in ("property", "node", "not", "qualifiedValueShape"):
            yield from _objects(self._graph, f"{SH}{name}")
        for name in ("and", "or", "xone"):
            for head in _objects(self._graph, f"{SH}{name}"):
                yield from self._graph.members(head)

    def read(self, node: Resource) -> Shape:
        """The shape that a node describes."""
        graph = self._graph
        self._refuse(node)
        path = self._path(node)
        severity = graph.one(node, f"{SH}severity") or _DEFAULT_SEVERITY
        if not isinstance(severity, NamedNode):
            raise InputError(f"{graph.place(node)}: sh:severity is no IRI; name sh:Violation or another.")
        deactivated = graph.one(node, f"{SH}deactivated")
        messages = (message for message in graph.objects(node, f"{SH}message") if isinstance(message, Literal))
        return Shape(
            node=node,
            path=path,
            targets=tuple(self._iter_targets(node)),
            constraints=tuple(self._iter_constraints(node, path)),
            properties=tuple(self._iter_properties(node)),
            severity=severity.value,
            messages=tuple(messages),
            is_deactivated=isinstance(deactivated, Literal) and deactivated.value in ("true", "1"),
            beyond=self._beyond(node),
        )

    def _refuse(self, node: Resource) -> None:
        for name, problem in REFUSED.items():
            if self._graph.one(node, f"{SH}{name}") is not None:
                raise InputError(f"{self._graph.place(node)}: sh:{name} {problem}; say it with sh:sparql.")

    def _path(self, node: Resource) -> Path | None:
        paths = self._graph.objects(node, f"{SH}path")
        if len(paths) > 1:
            raise InputError(f"{self._graph.place(node)}: a property shape has {len(paths)} paths; leave one.")
        return read_path(self._graph, paths[0]) if paths else None

    def _iter_targets(self, node: Resource) -> Iterator[Target]:
        for name in _TARGETS:
            for term in self._graph.objects(node, f"{SH}{name}"):
                if name != "targetNode" and not isinstance(term, NamedNode | BlankNode):
                    raise InputError(f"{self._graph.place(node)}: sh:{name} {term} is no IRI; name one.")
                yield Target(name, term)
        if any(type_ in self._classes for type_ in self._graph.objects(node, _TYPE)):
            yield Target("targetClass", node)

    def _beyond(self, node: Resource) -> str:
        if self._graph.one(node, f"{SH}target") is not None:
            return "sh:target is known to the reference engine only"
        return ""

    def _iter_constraints(self, node: Resource, path: Path | None) -> Iterator[Constraint]:
        graph, stated = self._graph, self._graph.properties(node)
        for name, reader in PARAMETERS.items():
            if f"{SH}{name}" in stated:
                values = graph.objects(node, f"{SH}{name}")
                check_pairing(graph, node, name, values, is_property=path is not None)
                yield from reader(graph, node, values)
        yield from read_qualified(graph, node)
        for sparql in graph.objects(node, f"{SH}sparql"):
            text = read_sparql(graph, sparql, "select")
            if text is not None:
                yield Constraint(f"{SH}SPARQLConstraintComponent", sparql=text)
        yield from read_custom(graph, node, self._custom, is_property=path is not None)

    def _iter_properties(self, node: Resource) -> Iterator[Resource]:
        for value in self._graph.objects(node, f"{SH}property"):
            if not isinstance(value, NamedNode | BlankNode) or self._graph.one(value, f"{SH}path") is None:
                raise InputError(f"{self._graph.place(node)}: sh:property {value} has no sh:path; give it one.")
            yield value


def _objects(graph: Statements, property_: str) -> Mapping[Term, None]:
    return {value: None for node in graph.subjects(property_) for value in graph.objects(node, property_)}


def _subclasses(graph: Statements, class_: NamedNode) -> set[Term]:
    found: set[Term] = {class_}
    todo: list[Term] = [class_]
    while todo:
        for inner in graph.subjects(_SUBCLASS, todo.pop()):
            if inner not in found:
                found.add(inner)
                todo.append(inner)
    return found


def _check_references(shapes: Shapes) -> None:
    for shape in shapes.by_node.values():
        for node in neighbours(shape):
            if node not in shapes.by_node or not shapes.statements.properties(node):
                raise InputError(
                    f"{shapes.statements.place(shape.node)}: {node} is referred to and described nowhere; "
                    "give its file with --shapes, for owl:imports is never followed."
                )


def _check_queries(shapes: Shapes) -> None:
    for shape in shapes.by_node.values():
        for constraint in shape.constraints:
            if constraint.sparql is not None:
                place = shapes.statements.place(constraint.sparql.node)
                Query(constraint.sparql, shape, place)
                condition_of(constraint.sparql, shape, place)


def _check_recursion(shapes: Shapes) -> None:
    """Refuse shapes that refer to themselves: what they mean is left open by the specification."""
    done: set[Resource] = set()
    for start in shapes.by_node:
        trail: dict[Resource, Iterator[Resource]] = {}
        node: Resource | None = start
        while True:
            if node is not None and node not in done:
                if node in trail:
                    raise InputError(f"{shapes.statements.place(node)}: the shape refers to itself; break the circle.")
                trail[node] = iter(neighbours(shapes.by_node[node]))
            if not trail:
                break
            last = next(reversed(trail))
            node = next(trail[last], None)
            if node is None:
                done.add(last)
                del trail[last]
