"""Three ways to one report: SQL at the door with SPARQL on the graph, SPARQL on all of it, and pySHACL."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from pyoxigraph import Literal

from jobgraph.pipeline.review import read_results
from jobgraph.shacl import Result, Shapes, to_sparql
from jobgraph.store import Generation, Home
from jobgraph.validation import read_all_shapes, validate_graph
from jobgraph.vocabulary import XSD, Vocabulary

Facts = tuple[str, ...]
_NUMBERS = {XSD + "integer", XSD + "decimal"}


@pytest.fixture(scope="module")
def shapes(shipped_vocabulary: Vocabulary) -> Shapes:
    return read_all_shapes(shipped_vocabulary)


def current(home: Path, slug: str) -> Generation:
    generation = Home(home).tenant(slug).current()
    assert generation
    return generation


def facts(result: Result) -> Facts:
    """What all ways must agree on; numbers by value, for a store keeps no zeros at the end."""
    value = result.value
    if isinstance(value, Literal) and value.datatype.value in _NUMBERS:
        with suppress(InvalidOperation):
            value = Literal(str(Decimal(value.value).normalize()))
    path = to_sparql(result.path) if result.path else ""
    return str(result.focus), path, str(value), result.component, str(result.shape), result.severity


def counted(results: list[Result]) -> Counter[Facts]:
    return Counter(map(facts, results))


def by_engine(generation: Generation, shapes: Shapes, engine: str) -> Counter[Facts]:
    with generation.open() as store:
        return counted(validate_graph(store, generation.names, shapes, engine=engine).results)


@pytest.mark.parametrize(("slug", "least"), [("alpha", 150), ("beta", 20)])
def test_known_defects_are_the_same_by_all_three(defects_home: Path, shapes: Shapes, slug: str, least: int) -> None:
    generation = current(defects_home, slug)
    built = counted(read_results(generation))
    assert built.total() >= least
    assert by_engine(generation, shapes, "compiled") == built
    assert by_engine(generation, shapes, "pyshacl") == built


@pytest.mark.parametrize("slug", ["northwind-bio", "alpine-therapeutics"])
def test_generated_defects_are_the_same_from_tables_and_from_the_graph(
    spoiled_home: Path, shapes: Shapes, slug: str
) -> None:
    generation = current(spoiled_home, slug)
    built = counted(read_results(generation))
    assert len({component for _, _, _, component, _, _ in built}) >= 5
    assert by_engine(generation, shapes, "compiled") == built


def test_every_shape_is_compiled(defects_home: Path, shapes: Shapes) -> None:
    generation = current(defects_home, "beta")
    with generation.open() as store:
        assert validate_graph(store, generation.names, shapes).delegated == {}
