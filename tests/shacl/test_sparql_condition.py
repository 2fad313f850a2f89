"""A constraint with a condition is asked only where that holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.shacl.cases import run, shapes_of, short

from jobgraph.errors import InputError

MANY_BS = "SELECT (COUNT(?b) AS ?bs) { ?b a :B }"
CONDITIONED = """
:P sh:declare [ sh:prefix "" ; sh:namespace "urn:x:"^^xsd:anyURI ] .
:Shape sh:targetNode :a ; sh:sparql [
    sh:prefixes :P ;
    sh:select "SELECT $this { $this :p ?any }" ;
    <https://w3id.org/jobgraph/skippedUnless> "CONDITION" ] .
"""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("ASK { ?any a :B }", ["a a"], id="holds"),
        pytest.param("ASK { ?any a :C }", [], id="does_not"),
        pytest.param(f"ASK {{ {{ {MANY_BS} }} FILTER(?bs > 1) }}", ["a a"], id="counts"),
        pytest.param(f"ASK {{ {{ {MANY_BS} }} FILTER(?bs > 2) }}", [], id="counts_too_few"),
    ],
)
def test_a_constraint_is_skipped_unless_its_condition_holds(
    condition: str, expected: list[str], tmp_path: Path
) -> None:
    data = ":a :p 1 . :b a :B . :c a :B ."
    found = run(tmp_path, data, CONDITIONED.replace("CONDITION", condition))
    assert [text.replace("<", "").replace(">", "") for text in short(found)] == expected


@pytest.mark.parametrize("condition", ["SELECT * { ?s ?p ?o }", "ASK { $this a :B }", "ASK { ?s no:p ?o }", "ASK {"])
def test_a_condition_that_is_none_is_refused(condition: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shapes\.ttl, urn:x:Shape: "):
        shapes_of(tmp_path, CONDITIONED.replace("CONDITION", condition))
