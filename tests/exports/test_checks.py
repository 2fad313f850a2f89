"""The integrity conditions of SKOS, https://www.w3.org/TR/skos-reference/, over the code lists and a package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store
from tests.exports.packages import VOCABULARY, make_package, small_profile

CONDITIONS = sorted(Path(__file__).with_name("skos").glob("*.rq"))
BROKEN = {
    "S9": "<urn:bad> a skos:Concept , skos:ConceptScheme . <urn:good> a skos:Concept .",
    "S13": '<urn:bad> rdfs:label "a"@en ; skos:hiddenLabel "a"@en . <urn:good> rdfs:label "a"@en ; skos:altLabel "a" .',
    "S14": '<urn:bad> skos:prefLabel "a"@en , "b"@en . <urn:good> a skos:Concept ; rdfs:label "a"@en , "b"@de .',
    "S27": "<urn:bad> skos:broader <urn:good> ; skos:related <urn:top> . <urn:good> skos:broader <urn:top> .",
    "S37": "<urn:bad> a skos:OrderedCollection , skos:Concept . <urn:good> a skos:Collection .",
    "S46": "<urn:bad> skos:exactMatch <urn:bad2> ; skos:narrowMatch <urn:bad2> . <urn:good> skos:exactMatch <urn:b> .",
}
PREFIXES = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""

each_condition = pytest.mark.parametrize("condition", [pytest.param(path, id=path.stem) for path in CONDITIONS])


def read(files: Iterable[Path]) -> Store:
    store = Store()
    for path in files:
        store.bulk_load(path=str(path), format=RdfFormat.TURTLE)
    return store


def broken(store: Store, condition: Path) -> list[str]:
    solutions = store.query(condition.read_text())
    assert isinstance(solutions, QuerySolutions)
    return [solution["thing"].value for solution in solutions]


@pytest.fixture(scope="module")
def code_lists() -> Store:
    return read(VOCABULARY.ontology_files())


@pytest.fixture(scope="module")
def package(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("packages")
    make_package(sample_home, small_profile(folder), folder / "package", formats=("turtle",))
    return read([folder / "package" / "contract" / "ontology.ttl", folder / "package" / "data" / "graph.ttl"])


@each_condition
def test_code_lists_keep_it(condition: Path, code_lists: Store) -> None:
    assert broken(code_lists, condition) == []


@each_condition
def test_package_keeps_it(condition: Path, package: Store) -> None:
    assert broken(package, condition) == []


@each_condition
def test_condition_can_be_broken(condition: Path) -> None:
    store = Store()
    store.load(PREFIXES + BROKEN[condition.stem], RdfFormat.TURTLE)
    found = broken(store, condition)
    assert found
    assert all(name.startswith("urn:bad") for name in found)
