"""pySHACL on the same store and shapes, for the same results: the reference, and the engine for what is left to it.

It sees graphs in memory only: no address is fetched, no JavaScript run, no import followed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.term import Node

from jobgraph.errors import InputError
from jobgraph.shacl.literals import from_stored
from jobgraph.shacl.model import Shape, Shapes
from jobgraph.shacl.paths import Path, read_path
from jobgraph.shacl.results import Result
from jobgraph.shacl.statements import RDF, SH, XSD, Resource, Statements, Term
from jobgraph.store import GraphName

_Fact = tuple[Any, Any, Any]


def validate_by_reference(
    store: Store, graphs: Sequence[GraphName], shapes: Shapes, roots: Iterable[Shape] | None = None
) -> list[Result]:
    """The results of pySHACL for `roots`, or for all shapes with targets; all triples are held in memory.

    Raises
    ------
    InputError : pySHACL refuses a shape, or cannot evaluate it.
    """
    chosen = shapes.roots if roots is None else list(roots)
    if not chosen:
        return []
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError, ValidationFailure
    from pyshacl.pytypes import SHACLExecutor
    from pyshacl.shapes_graph import ShapesGraph

    failures = (ConstraintLoadError, ReportableRuntimeError, ShapeLoadError, ValidationFailure, NotImplementedError)
    with _quiet():
        data = to_rdflib(quad.triple for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph))
        _bind_prefixes(data, shapes)
        graph = ShapesGraph(_shapes_graph(shapes), False, logging.getLogger("pyshacl"))
        known = {to_node(shape.node): shape for shape in shapes.by_node.values()}
        by_node = {shape.node: shape for shape in graph.shapes}
        executor = SHACLExecutor(validator=None, max_validation_depth=100)
        results: list[Result] = []
        for root in chosen:
            shape = by_node[to_node(root.node)]
            shape.set_advanced(bool(root.beyond))
            try:
                _, reports = shape.validate(executor, data)
            except failures as error:
                place = shapes.statements.place(root.node)
                raise InputError(f"{place}: pySHACL cannot evaluate the shape: {error}") from error
            results += [_result(node, triples, shapes, known) for _, node, triples in reports]
    return results


def to_rdflib(triples: Iterable[Triple]) -> Graph:
    """The triples as a graph of rdflib, with literals as they were written and blank nodes under the same names."""
    graph = Graph(bind_namespaces="none")
    for triple in triples:
        graph.add((to_node(triple.subject), to_node(triple.predicate), to_node(triple.object)))
    return graph


def to_node(term: Term) -> Any:  # noqa: ANN401 rdflib's kinds of nodes have no common type that fits its own functions
    """A term of rdflib."""
    term = from_stored(term)
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if isinstance(term, Triple):
        return BNode()
    if term.language:
        return RdflibLiteral(term.value, lang=term.language)
    datatype = None if term.datatype.value == f"{XSD}string" else URIRef(term.datatype.value)
    return RdflibLiteral(term.value, datatype=datatype, normalize=False)


def from_node(node: Node) -> Term:
    """A term of rdflib as one of the store."""
    if isinstance(node, BNode):
        return BlankNode(str(node))
    if isinstance(node, RdflibLiteral):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(str(node.datatype or f"{XSD}string")))
    return NamedNode(str(node))


def _shapes_graph(shapes: Shapes) -> Graph:
    """The shapes as pySHACL takes them: with `true` where they say "1", for it compares what is written."""
    graph = to_rdflib(shapes.statements.triples())
    for root in shapes.roots:  # a target that is a query alone makes no shape there
        kind = "NodeShape" if root.path is None else "PropertyShape"
        graph.add((to_node(root.node), URIRef(f"{RDF}type"), URIRef(f"{SH}{kind}")))
    for text, value in (("1", "true"), ("0", "false")):
        written = RdflibLiteral(text, datatype=URIRef(f"{XSD}boolean"), normalize=False)
        for subject, predicate in list(graph.subject_predicates(written)):
            graph.remove((subject, predicate, written))
            if predicate == URIRef(f"{SH}uniqueLang"):
                continue  # the one parameter that has to be `true` to the letter
            graph.add((subject, predicate, RdflibLiteral(value, datatype=URIRef(f"{XSD}boolean"))))
    return graph


def _bind_prefixes(graph: Graph, shapes: Shapes) -> None:
    """Declare the prefixes of all queries: pySHACL passes over those that come by `owl:imports`."""
    queries = [constraint.sparql for shape in shapes.by_node.values() for constraint in shape.constraints]
    for query in queries:
        for prefix, namespace in query.prefixes.items() if query is not None else ():
            graph.bind(prefix, namespace)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the warnings of both libraries about literals and shapes off the screen."""
    loggers = [logging.getLogger(name) for name in ("rdflib.term", "pyshacl", "pyshacl.shape")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _result(node: Node, triples: Iterable[_Fact], shapes: Shapes, known: dict[Any, Shape]) -> Result:
    facts: dict[str, Any] = {}
    for subject, predicate, object_ in triples:
        if subject == node:  # the others are details: results of shapes inside
            facts[str(predicate).removeprefix(SH)] = object_[1] if isinstance(object_, tuple) else object_
    shape = known[facts["sourceShape"]]
    value, constraint = facts.get("value"), facts.get("sourceConstraint")
    return Result(
        focus=from_node(facts["focusNode"]),
        component=str(facts["sourceConstraintComponent"]),
        shape=shape.node,
        severity=str(facts["resultSeverity"]),
        path=_path(facts.get("resultPath"), shape, shapes.statements),
        value=None if value is None else from_node(value),
        message=str(facts.get("resultMessage", "")),
        constraint=None if constraint is None else _resource(constraint),
    )


def _path(node: Node | None, shape: Shape, graph: Statements) -> Path | None:
    if node is None:
        return None
    return read_path(graph, from_node(node)) if isinstance(node, URIRef | BNode) else shape.path


def _resource(node: Node) -> Resource:
    term = from_node(node)
    return term if isinstance(term, NamedNode | BlankNode) else BlankNode()
