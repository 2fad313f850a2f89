from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest
from tests.exports.tables.graphs import Held
from tests.exports.tables.reading import parsed

from jobgraph.exports.tables import write_tables
from jobgraph.vocabulary import Vocabulary

Write = Callable[[str], "nx.MultiDiGraph[str]"]


@pytest.fixture
def write(tmp_path: Path, small_vocabulary: Vocabulary) -> Write:
    def make(turtle: str) -> nx.MultiDiGraph[str]:
        selection = Held(parsed(f"@prefix jg: <https://w3id.org/jobgraph/> .\n{turtle}"))
        (path,) = write_tables(selection, "graphml", tmp_path, vocabulary=small_vocabulary)
        found: nx.MultiDiGraph[str] = nx.read_graphml(path, force_multigraph=True)
        return found

    return make


def test_links_are_edges_and_all_else_is_data_of_nodes(write: Write) -> None:
    graph = write("<urn:a> a jg:Team ; jg:size 3 ; jg:isPartOf <urn:b>, <urn:gone> ; jg:knows <urn:b> .")
    assert dict(graph.nodes(data=True)) == {"urn:a": {"classes": "team", "size": 3}, "urn:b": {}, "urn:gone": {}}
    assert sorted((a, b, data["relation"]) for a, b, data in graph.edges(data=True)) == [
        ("urn:a", "urn:b", "is_part_of"),
        ("urn:a", "urn:b", "knows"),
        ("urn:a", "urn:gone", "is_part_of"),
    ]


@pytest.mark.parametrize(
    ("turtle", "read"),
    [
        pytest.param("7.25", 7.25, id="decimal"),
        pytest.param("7.12345678901234567", "7.12345678901234567", id="too_exact_for_a_float"),
        pytest.param("9223372036854775807", 2**63 - 1, id="long"),
        pytest.param("9223372036854775809", "9223372036854775809", id="too_long"),
        pytest.param("'1'^^<http://www.w3.org/2001/XMLSchema#boolean>", True, id="boolean"),
        pytest.param("1, 2", '["1", "2"]', id="list"),
        pytest.param("'<&>\\r\\n\"\\u0001'", '<&>\r\n"\ufffd', id="text"),
    ],
)
def test_value_has_the_type_that_holds_it(write: Write, turtle: str, read: object) -> None:
    graph = write(f"<urn:a> jg:value {turtle} .")
    assert graph.nodes["urn:a"]["value"] == read


def test_names_of_ids_are_escaped(write: Write) -> None:
    assert list(write("<urn:a?x=1&y='2'> jg:value 1 .")) == ["urn:a?x=1&y='2'"]
