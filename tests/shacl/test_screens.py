"""Which checks are asked by way of a screen, and that their results are the same either way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.shacl.cases import run, shapes_of, short

from jobgraph.shacl.checks import Check, compile_shape
from jobgraph.shacl.compiled import never
from jobgraph.shacl.conditions import Conditions
from jobgraph.shacl.screens import choose_screens
from jobgraph.shacl.statements import Term
from jobgraph.store.scans import Sizes

SHAPES = """
:S sh:targetClass :Rare ; sh:property [ sh:path :common ; PARAMETER ] .
:T sh:targetClass :OTHER ; sh:property [ sh:path :common ; PARAMETER ] .
"""


def checks_of(folder: Path, parameter: str, other: str) -> list[Check]:
    shapes = shapes_of(folder, SHAPES.replace("PARAMETER", parameter).replace("OTHER", other))

    def alone(term: Term) -> Sequence[Term]:
        return [term]

    conditions = Conditions(shapes, alone)
    return [check for root in shapes.roots for check in compile_shape(root, shapes, conditions, never)]


def count(pattern: str, limit: int) -> int:
    return min(limit, 10 if "Rare" in pattern else 1_000)


@pytest.mark.parametrize(
    ("parameter", "other", "most"),
    [
        pytest.param("sh:datatype xsd:integer", "Rare", 0, id="most_of_what_it_scans_is_of_no_use"),
        pytest.param("sh:datatype xsd:integer", "Usual", 400, id="most_is_of_use"),
        pytest.param("sh:maxCount 1", "Usual", 400, id="counted"),
        pytest.param("sh:minCount 1", "Usual", 5_000, id="missing_values_of_several_classes"),
        pytest.param("sh:class :D", "Rare", 5_000, id="looks_further_than_the_value"),
    ],
)
def test_screen_is_chosen_where_it_costs_less(tmp_path: Path, parameter: str, other: str, most: int) -> None:
    checks = checks_of(tmp_path, parameter, other)
    screens = choose_screens(checks, Sizes(count))
    assert [screens[id(check)].most if id(check) in screens else 0 for check in checks] == [most, most]


def test_one_check_for_missing_values_needs_no_screen(tmp_path: Path) -> None:
    (check, _) = checks_of(tmp_path, "sh:minCount 1", "Usual")
    assert choose_screens([check], Sizes(count)) == {}


def test_check_is_asked_where_a_screen_finds_too_many(tmp_path: Path) -> None:
    node = NamedNode("urn:x:a")
    data = f"{node} a :Rare ; :common :x . " + "".join(f":n{i} a :Usual ; :common {i} . " for i in range(401))
    shapes = SHAPES.replace("PARAMETER", "sh:nodeKind sh:IRI").replace("OTHER", "Usual")
    found = run(tmp_path, data, shapes)
    assert len(short(found)) == 401
    assert "a x" not in short(found)
