"""Networks: their graphs and files hold the same nodes and edges."""

from __future__ import annotations

import csv
from pathlib import Path

import networkx as nx
import polars as pl
import pytest

from jobgraph.analysis import NETWORKS, Network, Source, read_network, to_networkx, to_rustworkx, write_network
from jobgraph.errors import StorageError, UsageError

SMALL = Network.of(
    "small",
    pl.DataFrame({"iri": ["b", "a"], "label": ["B \x01 & <b>", 'A, "a"'], "kind": ["Job", "Role"]}),
    pl.DataFrame(
        {
            "iri": ["e1", "e2", "e3"],
            "source": ["a", "a", "a"],
            "target": ["b", "b", "gone"],
            "relation": ["DOES", "DOES", "DOES"],
            "weight": [0.5, None, 1.0],
        }
    ),
)

each_network = pytest.mark.parametrize("name", NETWORKS)


def edges_of(graph: nx.MultiDiGraph[str]) -> list[tuple[object, ...]]:
    return sorted((a, b, d["iri"], d["relation"], d.get("weight")) for a, b, d in graph.edges(data=True))


@each_network
def test_graphs_hold_what_the_tables_hold(sample: Source, name: str) -> None:
    network = read_network(sample.views, name)
    graph, other = to_networkx(network), to_rustworkx(network)
    rows = sorted(network.edges.select("source", "target", "iri", "relation", "weight").rows())
    assert network.edges.height > 0
    assert edges_of(graph) == rows
    assert set(graph) == set(network.nodes["iri"]) == set(other.nodes())
    found = [(other[a], other[b], d["iri"], d["relation"], d.get("weight")) for a, b, d in other.weighted_edge_list()]
    assert sorted(found) == rows


@each_network
@pytest.mark.parametrize(("suffix", "read"), [(".graphml", nx.read_graphml), (".gexf", nx.read_gexf)])
def test_files_read_back(sample: Source, tmp_path: Path, name: str, suffix: str, read: object) -> None:
    assert callable(read)
    network = read_network(sample.views, name)
    (path,) = write_network(network, tmp_path / f"network{suffix}")
    graph = nx.MultiDiGraph(read(path))
    assert edges_of(graph) == edges_of(to_networkx(network))
    assert {n: (d["label"], d["kind"]) for n, d in graph.nodes(data=True)} == {
        iri: (label, kind) for iri, label, kind in network.nodes.iter_rows()
    }


@pytest.mark.parametrize(("suffix", "read"), [(".graphml", nx.read_graphml), (".gexf", nx.read_gexf)])
def test_parallel_edges_and_odd_characters_survive(tmp_path: Path, suffix: str, read: object) -> None:
    assert callable(read)
    (path,) = write_network(SMALL, tmp_path / f"small{suffix}")
    graph = nx.MultiDiGraph(read(path))
    assert (graph.number_of_edges(), graph.nodes["b"]["label"]) == (2, "B \ufffd & <b>")


def test_csv_has_the_header_of_neo4j(tmp_path: Path) -> None:
    nodes, edges = write_network(SMALL, tmp_path / "small.csv")
    assert list(csv.reader(edges.read_text(encoding="utf-8").splitlines())) == [
        [":START_ID", ":END_ID", ":TYPE", "iri", "weight:double"],
        ["a", "b", "DOES", "e1", "0.5"],
        ["a", "b", "DOES", "e2", ""],
    ]
    assert list(csv.reader(nodes.read_text(encoding="utf-8").splitlines()))[:2] == [
        ["iri:ID", "label", ":LABEL"],
        ["a", 'A, "a"', "Role"],
    ]


def test_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"use one of \.graphml, \.gexf, \.csv"):
        write_network(SMALL, tmp_path / "small.json")


def test_file_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_network(SMALL, tmp_path / "none" / "small.graphml")


def test_unknown_network_has_near_names(sample: Source) -> None:
    with pytest.raises(UsageError, match="did you mean dependencies"):
        read_network(sample.views, "dependency")
