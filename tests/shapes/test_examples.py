"""Every shape with targets has examples: what conforms gives it no result, what violates gives those that it lists."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Triple

from jobgraph.resources import resource_path
from jobgraph.shacl.data import read_data
from jobgraph.shacl.engine import validate
from jobgraph.shacl.model import Shapes
from jobgraph.shacl.paths import read_path, to_sparql
from jobgraph.shacl.reading import read_shapes
from jobgraph.shacl.statements import RDF, SH, Resource, Statements, Term
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG

SHAPES = resource_path("shapes")
# Examples of the style of terms stand here, for whoever reads the shipped folders would take them for terms of ours.
FOLDERS = (SHAPES / "examples", Path(__file__).with_name("ontology_style"))
FILES = sorted(path for folder in FOLDERS for path in folder.glob("*/*.ttl"))
EXAMPLES = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in FILES]
ENGINES = ("compiled", "pyshacl")

Found = Counter[tuple[str, ...]]  # focus node, path, constraint component, severity


@cache
def whole() -> Shapes:
    return read_shapes(sorted(SHAPES.glob("*.ttl")))


@cache
def alone(name: str) -> Shapes:
    """One shape with all that it uses, and without the others: pySHACL reads all that it is given."""
    statements, waiting = whole().statements, list[Resource]([NamedNode(JG + name)])
    triples: dict[Term, list[Triple]] = {}
    while waiting:
        if (node := waiting.pop()) not in triples:
            facts = statements.properties(node).items()
            triples[node] = [Triple(node, NamedNode(name), value) for name, values in facts for value in values]
            waiting += [t.object for t in triples[node] if isinstance(t.object, NamedNode | BlankNode)]
    return read_shapes(triple for about in triples.values() for triple in about)


def found_in(path: Path, engine: str) -> Found:
    validation = validate(read_data([path]), [DefaultGraph()], alone(path.parent.name), engine=engine)
    return Counter(
        (str(r.focus), to_sparql(r.path) if r.path else "", r.component, r.severity) for r in validation.results
    )


@cache
def listed_in(path: Path) -> Found:
    """What the report in an example lists."""
    graph = Statements(read_turtle(path))
    return Counter(_entry(graph, node) for node in graph.subjects(RDF + "type", NamedNode(SH + "ValidationResult")))


def _entry(graph: Statements, node: Term) -> tuple[str, ...]:
    focus, way, component, severity = (
        graph.one(node, SH + name)
        for name in ("focusNode", "resultPath", "sourceConstraintComponent", "resultSeverity")
    )
    assert isinstance(component, NamedNode)
    assert isinstance(severity, NamedNode)
    return str(focus), to_sparql(read_path(graph, way)) if way else "", component.value, severity.value


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", EXAMPLES)
def test_example_gives_what_it_lists(path: Path, engine: str) -> None:
    assert found_in(path, engine) == listed_in(path)


def test_names_say_whether_results_are_listed() -> None:
    wrong = [path for path in FILES if not path.stem.startswith("violates_" if listed_in(path) else "conforms_")]
    assert wrong == []


def test_every_shape_with_targets_has_both_kinds_of_examples() -> None:
    shapes = {str(root.node).strip("<>").removeprefix(JG) for root in whole().roots}
    kinds = {
        kind: {path.parent.name for path in FILES if path.stem.startswith(kind)} for kind in ("conforms", "violates")
    }
    assert kinds == {"conforms": shapes, "violates": shapes}
