from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store
from tests.store.content import NAMES
from tests.writing.conftest import content

from jobgraph.store import GraphName, Tenant
from jobgraph.writing import difference
from jobgraph.writing.difference import GraphChange, Snapshot
from jobgraph.writing.reach import TextReach

G, ASSERTED, SHARED = NamedNode("ex:g"), NamedNode(NAMES.asserted), NamedNode(NAMES.shared)
SWAPPED, SAME_SIZE = GraphChange(2, 2, 1, 1), GraphChange(2, 2)


def changes(tenant: Tenant, text: str) -> dict[GraphName, GraphChange]:
    generation = tenant.current()
    assert generation
    reach = TextReach(text)
    with generation.open() as opened:
        store = Store()
        store.extend(opened)
    before = Snapshot.take(store, reach)
    store.update(text)
    return before.changes(store, reach, generation, exact={SHARED})


@pytest.mark.parametrize(
    ("text", "graph", "change"),
    [
        ("INSERT DATA { <ex:n> <ex:p> 1 }", DefaultGraph(), GraphChange(2, 3, 1, 0)),
        ("DELETE WHERE { <ex:a> ?p ?o }", DefaultGraph(), GraphChange(2, 0, 0, 2)),
        ("INSERT DATA { GRAPH <ex:m> { <ex:n> <ex:p> 1 } }", NamedNode("ex:m"), GraphChange(None, 1, 1, 0)),
        ("CREATE GRAPH <ex:m>", NamedNode("ex:m"), GraphChange(None, 0, 0, 0)),
        ("DROP GRAPH <ex:g>", G, GraphChange(2, None, 0, 2)),
        ("CLEAR GRAPH <ex:g>", G, GraphChange(2, 0, 0, 2)),
        (
            "WITH <ex:g> DELETE { ?s <ex:p> ?o } INSERT { ?s <ex:p> 9 } WHERE { ?s <ex:p> ?o }",
            G,
            GraphChange(2, 2, 1, 1),
        ),
    ],
)
def test_changes_are_counted(text: str, graph: object, change: GraphChange, tenant: Tenant) -> None:
    assert changes(tenant, text) == {graph: change}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("INSERT DATA { <ex:n> <ex:p> 1 }", {DefaultGraph(): GraphChange(2, 3)}, id="grown"),
        pytest.param("CLEAR DEFAULT", {DefaultGraph(): GraphChange(2, 0, 0, 2)}, id="emptied"),
        pytest.param("INSERT DATA { <ex:a> <ex:p> <ex:b> }", {DefaultGraph(): SAME_SIZE}, id="maybe_changed"),
        pytest.param(
            f"COPY {ASSERTED} TO <ex:m>",
            {
                NamedNode("ex:m"): GraphChange(None, 3, 3, 0),
                ASSERTED: GraphChange(3, 3),
                DefaultGraph(): GraphChange(2, 2),
            },
            id="named",
        ),
        pytest.param(
            f"INSERT {{ GRAPH <ex:g> {{ ?s <ex:r> 1 }} }} WHERE {{ GRAPH {ASSERTED} {{ ?s ?p ?o }} }}",
            {G: GraphChange(2, 4), DefaultGraph(): SAME_SIZE},
            id="read_only_in_a_pattern",
        ),
        pytest.param(f"ADD {SHARED} TO {SHARED}", {DefaultGraph(): SAME_SIZE}, id="exact_and_the_same"),
    ],
)
def test_large_graph_that_is_written_to_counts_as_changed(
    text: str, expected: dict[GraphName, GraphChange], tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "_MOST_HELD", 0)
    assert changes(tenant, text) == expected


def test_snapshot_holds_only_what_can_change() -> None:
    snapshot = Snapshot.take(content(), TextReach("CLEAR GRAPH <ex:g>"))
    assert set(snapshot.counts) == {DefaultGraph(), G}
