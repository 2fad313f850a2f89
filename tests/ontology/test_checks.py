from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

from jobgraph.resources import resource_path

CHECKS = sorted(resource_path("ontology", "checks").glob("*.rq"))
BAD = Path(__file__).with_name("bad")


def findings(store: Store, check: Path) -> list[tuple[str, str]]:
    solutions = store.query(check.read_text())
    assert isinstance(solutions, QuerySolutions)
    return [(solution["term"].value, solution["problem"].value) for solution in solutions]


@pytest.fixture(scope="module")
def shipped() -> Store:
    store = Store()
    for folder in ("ontology", "shapes"):
        for path in resource_path(folder).rglob("*.ttl"):
            store.bulk_load(path=str(path), format=RdfFormat.TURTLE)
    return store


@pytest.fixture
def example(check: Path) -> Store:
    store = Store()
    store.bulk_load(path=str(BAD / f"{check.stem}.ttl"), format=RdfFormat.TURTLE)
    return store


each_check = pytest.mark.parametrize("check", [pytest.param(path, id=path.stem) for path in CHECKS])


@each_check
def test_shipped_ontology_passes(check: Path, shipped: Store) -> None:
    assert findings(shipped, check) == []


@each_check
def test_check_finds_the_bad_terms_and_no_others(check: Path, example: Store) -> None:
    terms = {term for quad in example for term in (quad.subject, quad.object)}
    names = {term.value for term in terms if isinstance(term, NamedNode)}
    assert {term for term, _ in findings(example, check)} == {name for name in names if "bad" in name.lower()} != set()


@each_check
def test_check_explains_itself(check: Path, example: Store) -> None:
    first_line = check.read_text().splitlines()[0]
    assert first_line.startswith("# ")
    assert first_line.endswith(".")
    assert all(problem.endswith(".") for _, problem in findings(example, check))


def test_every_bad_example_has_a_check() -> None:
    assert {path.stem for path in BAD.glob("*.ttl")} == {path.stem for path in CHECKS}
