"""Small graphs and shapes in Turtle, validated in memory."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph

from jobgraph.shacl import Result, Shapes, Validation, read_data, read_shapes, to_sparql, validate

PREFIXES = """
@prefix : <urn:x:> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


def shapes_of(folder: Path, text: str) -> Shapes:
    return read_shapes([write(folder, "shapes.ttl", text)])


def run(folder: Path, data: str, shapes: str, *, engine: str = "compiled") -> Validation:
    store = read_data([write(folder, "data.ttl", data)])
    return validate(store, [DefaultGraph()], shapes_of(folder, shapes), engine=engine)


def key(result: Result) -> tuple[str, ...]:
    """What two engines must agree on; a blank node of the shapes file has a new name each time it is read."""
    shape = "_:" if isinstance(result.shape, BlankNode) else result.shape.value
    path = to_sparql(result.path) if result.path else ""
    value = "" if result.value is None else str(result.value)
    return str(result.focus), path, value, result.component, shape, result.severity


def keys(validation: Validation) -> Counter[tuple[str, ...]]:
    return Counter(map(key, validation.results))


def short(validation: Validation) -> list[str]:
    """The focus node and value of each result, in their order, without the namespace."""
    rows = [
        f"{result.focus} {'' if result.value is None else result.value}".replace("urn:x:", "").strip()
        for result in validation.results
    ]
    return sorted(rows)
