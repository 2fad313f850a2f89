"""Circles found as components are those that the query of the constraint finds, without its closure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, RdfFormat, Store, parse
from tests.shacl.cases import PREFIXES

from jobgraph.shacl import Shapes, Validation, engine, read_data, read_shapes, validate
from jobgraph.store import GraphName

NODES = [":a", ":b", ":c", ":d", ":e"]
STEPS = st.tuples(st.sampled_from(NODES), st.sampled_from([":p", ":q", ":r"]), st.sampled_from([*NODES, '"x"']))
PATHS = {
    ":p": "<urn:x:p>",
    "[ sh:inversePath :p ]": "^<urn:x:p>",
    "( [ sh:inversePath :q ] :r )": "(^<urn:x:q>)/<urn:x:r>",
    "[ sh:alternativePath ( :p ( [ sh:inversePath :q ] :r ) ) ]": "<urn:x:p>|(^<urn:x:q>/<urn:x:r>)",
    "[ sh:zeroOrMorePath :p ]": "<urn:x:p>*",
}
CYCLE = """
:Shape sh:targetClass :C ; sh:property [
    sh:path PATH ;
    sh:sparql [ KIND sh:message "{?members}" ; sh:select '''
SELECT $this (GROUP_CONCAT(DISTINCT STR(?member); separator = ", ") AS ?members)
WHERE { $this (TEXT)+ $this . $this (TEXT)+ ?member . ?member (TEXT)+ $this }
GROUP BY $this
HAVING (MIN(STR(?member)) = STR($this))
''' ] ] .
"""
ACYCLIC = "a <https://w3id.org/jobgraph/AcyclicityConstraint> ;"


def cycle_shapes(path: str, kind: str) -> Shapes:
    text = CYCLE.replace("PATH", path).replace("KIND", kind).replace("TEXT", PATHS[path])
    return read_shapes(quad.triple for quad in parse(PREFIXES + text, RdfFormat.TURTLE))


def circles(found: Validation) -> list[tuple[str, set[str], str]]:
    return sorted((str(r.focus), set(re.split(", ", r.message)), str(r.value)) for r in found.results)


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(STEPS, max_size=9),
    members=st.sets(st.sampled_from(NODES), min_size=1),
    path=st.sampled_from([*PATHS]),
)
def test_circles_are_those_that_the_query_finds(
    steps: list[tuple[str, str, str]], members: set[str], path: str
) -> None:
    data = "".join(f"{node} a :C . " for node in members) + "".join(f"{' '.join(step)} . " for step in steps)
    store = Store()
    store.extend(parse(PREFIXES + data, RdfFormat.TURTLE))
    by_components = validate(store, [DefaultGraph()], cycle_shapes(path, ACYCLIC))
    assert circles(by_components) == circles(validate(store, [DefaultGraph()], cycle_shapes(path, "")))


def test_circles_take_no_closure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    original = engine._Session._query

    def noting(session: engine._Session, text: str, graphs: list[GraphName]) -> object:
        asked.append(text)
        return original(session, text, graphs)

    monkeypatch.setattr(engine._Session, "_query", noting)
    (tmp_path / "data.ttl").write_text(PREFIXES + ":a a :C ; :p :b . :b :p :a .", encoding="utf-8")
    found = validate(read_data([tmp_path / "data.ttl"]), [DefaultGraph()], cycle_shapes(":p", ACYCLIC))
    assert circles(found) == [("<urn:x:a>", {"urn:x:a", "urn:x:b"}, "None")]
    assert asked
    assert not [text for text in asked if "p>)+" in text]
