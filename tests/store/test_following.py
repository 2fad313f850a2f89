"""What a change concerns, in graphs of different sizes."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, Store

from jobgraph.store.following import Delta, Follower, Pattern

GRAPH, P = NamedNode("urn:graph"), NamedNode("urn:p")
PATTERN = Pattern("?this", (P,), "?value", 0, repeats=False, scope=())


@pytest.mark.parametrize(
    ("changed", "before", "is_told"),
    [(3_000, 0, True), (3_001, 0, False), (3_001, 3_000_000, False), (3_001, 3_001_000, True)],
)
def test_large_graph_is_asked_about_more_terms(changed: int, before: int, *, is_told: bool) -> None:
    added = {Quad(NamedNode(f"urn:n{number}"), P, P, GRAPH) for number in range(changed)}
    delta = Delta(added=added, before=before)
    for each in (delta, delta.later()):
        each.note(added=added, removed=())
        found = Follower(Store(), [GRAPH], each).concerned([PATTERN], "?this")
        assert (found is not None and len(found) == changed) is is_told


def test_changed_triples_are_counted_once() -> None:
    quads = {Quad(NamedNode(f"urn:n{number}"), P, P, GRAPH) for number in range(3)}
    assert Delta(added=quads, removed=quads).count == 3
