"""Centrality, communities, similarity: against networkx and SQL."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest

from jobgraph.analysis import Choices, Source, analyze, read_network
from jobgraph.analysis.network import Network
from jobgraph.analysis.network_answers import centrality, communities


def power_iteration(network: Network) -> dict[str, float]:
    """PageRank by its definition: follow a link with 0.85, else go anywhere; from where no link leads, too."""
    iris = network.nodes["iri"].to_list()
    numbers = {iri: number for number, iri in enumerate(iris)}
    matrix = np.zeros((len(iris), len(iris)))
    for source, target in network.edges.select("source", "target").iter_rows():
        matrix[numbers[target], numbers[source]] = 1
    sums = matrix.sum(axis=0)
    matrix = np.where(sums > 0, matrix / np.where(sums > 0, sums, 1), 1 / len(iris))
    ranks = np.full(len(iris), 1 / len(iris))
    for _ in range(500):
        ranks = 0.85 * matrix @ ranks + 0.15 / len(iris)
    return dict(zip(iris, ranks.tolist(), strict=True))


@pytest.mark.parametrize("name", ["dependencies", "work"])
def test_pagerank_is_the_fixed_point(sample: Source, name: str) -> None:
    network = read_network(sample.views, name)
    table = centrality(network).table
    found = {iris[0]: rank for iris, rank in table.select("evidence", "pagerank").iter_rows()}
    assert found == pytest.approx(power_iteration(network), abs=1e-10)


def test_communities_are_a_partition(sample: Source) -> None:
    network = read_network(sample.views, "work")
    answer = communities(network)
    members = [iri for group in answer.table["evidence"] for iri in group]
    joined = set(network.edges["source"]) | set(network.edges["target"])
    assert sorted(members) == sorted(joined)
    assert communities(network).table.equals(answer.table)


def test_two_groups_with_one_link_are_two_communities() -> None:
    iris = list("abcdef")
    nodes = pl.DataFrame({"iri": iris, "label": iris, "kind": ["Job"] * 6})
    pairs = [*["ab", "bc", "ca", "de", "ef", "fd"], "cd"]
    edges = pl.DataFrame(
        {"iri": pairs, "source": [p[0] for p in pairs], "target": [p[1] for p in pairs], "relation": ["T"] * 7}
    ).with_columns(pl.lit(None).alias("weight"))
    found = communities(Network.of("two", nodes, edges)).table
    assert found["members"].to_list() == [["a", "b", "c"], ["d", "e", "f"]]


def test_similarity_agrees_with_sql(sample: Source, tables: duckdb.DuckDBPyConnection) -> None:
    text = """
        WITH l AS (
            SELECT r.name, jtbd_id, relevance_score::DOUBLE AS v FROM jtbd_roles JOIN org_roles r ON r.id = role_id
        ),
        t AS (SELECT name, sum(v) AS total FROM l GROUP BY name)
        SELECT least(a.name, b.name), greatest(a.name, b.name), count(*),
            sum(least(a.v, b.v)) / (any_value(ta.total) + any_value(tb.total) - sum(least(a.v, b.v)))
        FROM l a JOIN l b USING (jtbd_id) JOIN t ta ON ta.name = a.name JOIN t tb ON tb.name = b.name
        WHERE a.name < b.name GROUP BY a.name, b.name
    """
    table = analyze(sample, "similar-roles", Choices()).table
    rows = table.select("role", "other", "shared_jobs", "similarity").rows()
    found = {frozenset(row[:2]): row[2:] for row in rows}
    expected = {frozenset(row[:2]): row[2:] for row in tables.execute(text).fetchall()}
    assert found.keys() == expected.keys()
    assert all(found[pair] == pytest.approx(expected[pair], abs=1e-6) for pair in found)


def test_influence_is_ranked_within_a_persona(sample: Source) -> None:
    table = analyze(sample, "influence", Choices()).table
    assert table.height == sample.views["stakeholders"].height
    for _, rows in table.group_by("persona", maintain_order=True):
        scores = rows["score"].drop_nulls().to_list()
        assert scores == sorted(scores, reverse=True)
