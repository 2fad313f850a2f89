"""What the shape of a network says: who is central, who belongs together, who is alike, who has influence."""

from __future__ import annotations

import networkx as nx
import polars as pl
import rustworkx as rx

from jobgraph.analysis.answers import EVIDENCE, Answer, share
from jobgraph.analysis.network import Network, to_networkx
from jobgraph.analysis.views import DECIMAL, Views

_LOUVAIN_EDGES = 50_000  # beyond, it takes minutes
_SEED = 1


def centrality(network: Network) -> Answer:
    """Every node with its PageRank and its numbers of different neighbours, the highest rank first.

    Links count for what they lead to; parallel ones count once.
    """
    pairs = network.edges.select("source", "target").unique().sort("source", "target")
    numbers = {iri: number for number, iri in enumerate(network.nodes["iri"])}
    graph: rx.PyDiGraph[int, None] = rx.PyDiGraph()
    graph.add_nodes_from(range(network.nodes.height))
    graph.add_edges_from_no_data([(numbers[source], numbers[target]) for source, target in pairs.iter_rows()])
    # The usual tolerance of 1e-6 a node ends before the ranks of a large graph are in order.
    ranks = rx.pagerank(graph, alpha=0.85, tol=1e-12, max_iter=10_000) if numbers else {}
    table = network.nodes.with_columns(
        pl.Series("pagerank", [ranks[number] for number in numbers.values()], dtype=pl.Float64),
        pl.Series("links_in", [graph.in_degree(number) for number in numbers.values()], dtype=pl.Int64),
        pl.Series("links_out", [graph.out_degree(number) for number in numbers.values()], dtype=pl.Int64),
        pl.concat_list("iri").alias(EVIDENCE),
    ).sort(pl.col("pagerank").round(12), "label", "iri", descending=[True, False, False])
    columns = ("label", "kind", "pagerank", "links_in", "links_out", EVIDENCE)
    return Answer(table.select(columns), {"pagerank": "share of a random walk, 1 in all; tolerance 1e-12"})


def communities(network: Network) -> Answer:
    """The groups of nodes that are joined more among themselves than to others, the largest first.

    By Louvain's method with a fixed seed, on the undirected graph with the sums of weights (1 where there is none);
    beyond 50,000 edges by label propagation. Nodes without edges are left out.
    """
    graph = _undirected(network)
    is_small = graph.number_of_edges() <= _LOUVAIN_EDGES
    method = nx.community.louvain_communities if is_small else nx.community.fast_label_propagation_communities
    groups = sorted((sorted(group) for group in method(graph, weight="weight", seed=_SEED)), key=lambda g: (-len(g), g))
    labels = dict(network.nodes.select("iri", "label").iter_rows())
    rows = [
        {"community": number, "size": len(group), "members": [labels[iri] for iri in group], EVIDENCE: group}
        for number, group in enumerate(groups, start=1)
    ]
    texts = pl.List(pl.String())
    schema = {"community": pl.Int64(), "size": pl.Int64(), "members": texts, EVIDENCE: texts}
    alone = network.nodes.height - graph.number_of_nodes()
    notes = [f"Without edges, left out: {share(alone, network.nodes.height)} nodes."]
    if groups:
        quality = nx.community.modularity(graph, groups, weight="weight")
        notes.append(
            f"{'Louvain' if is_small else 'Label propagation'}; modularity {quality:.3f} (0 is chance, 1 the most)."
        )
    return Answer(pl.DataFrame(rows, schema=schema), {"size": "nodes"}, tuple(notes))


def similar_roles(views: Views) -> Answer:
    """The pairs of roles with a job in common, the most alike first.

    `similarity` is the sum of the lower over the sum of the higher relevances of all jobs of the two (Ruzicka), 0 to
    1; 1 where both do the same jobs with the same relevance.
    """
    links = views["role_jobs"].group_by("role", "job").agg(pl.col("relevance").max().fill_null(0), pl.col("iri").min())
    totals = links.group_by("role").agg(pl.col("relevance").sum().alias("total"), pl.len().alias("jobs"))
    pairs = links.join(links, on="job", how="inner", suffix="_other").filter(pl.col("role") < pl.col("role_other"))
    pairs = pairs.sort("iri", "iri_other")  # grouping keeps no order but that within a group
    shared = pairs.group_by("role", "role_other").agg(
        pl.len().cast(pl.Int64).alias("shared_jobs"),
        pl.min_horizontal("relevance", "relevance_other").sum().alias("both"),
        pl.col("iri").alias("links"),
        pl.col("iri_other").alias("links_other"),
    )
    joined = shared.join(totals, on="role").join(totals, left_on="role_other", right_on="role", suffix="_other")
    either = pl.col("total") + pl.col("total_other") - pl.col("both")
    similarity = pl.when(either > 0).then(pl.col("both").cast(pl.Float64) / either.cast(pl.Float64)).round(6)
    names = dict(views["roles"].select("iri", pl.coalesce("name", "iri").alias("label")).iter_rows())
    table = joined.select(
        pl.col("role").replace_strict(names, default=pl.col("role")),
        pl.col("role_other").replace_strict(names, default=pl.col("role_other")).alias("other"),
        similarity.alias("similarity"),
        "shared_jobs",
        pl.concat_list(pl.concat_list("role", "role_other"), "links", "links_other").alias(EVIDENCE),
    )
    return Answer(
        table.sort(pl.col("similarity").neg(), "role", "other", nulls_last=True),
        {"similarity": "0 to 1"},
        (),
        ("role_jobs", "roles"),
    )


def influence(views: Views, persona: str | None = None) -> Answer:
    """The stakeholders of every persona, or of the one with this IRI, the most influential first."""
    rows = views["stakeholders"] if persona is None else views["stakeholders"].filter(pl.col("persona") == persona)
    names = dict(views["personas"].select("iri", pl.coalesce("name", "iri").alias("label")).iter_rows())
    table = rows.select(
        pl.col("persona").replace_strict(names, default=pl.col("persona"), return_dtype=pl.String),
        pl.col("name").alias("stakeholder"),
        "type",
        pl.col("score").cast(DECIMAL),
        "trend",
        pl.concat_list("persona", "iri").alias(EVIDENCE),
    ).sort("persona", pl.col("score").neg(), "stakeholder", nulls_last=True)
    missing = table["score"].null_count()
    return Answer(
        table, {"score": "1 to 10"}, (f"No score: {share(missing, table.height)}.",), ("stakeholders", "personas")
    )


def _undirected(network: Network) -> nx.Graph[str]:
    """One edge between nodes that any edge joins, with the sum of weights; only nodes that have one."""
    graph: nx.Graph[str] = nx.Graph()
    for source, target, edge in to_networkx(network).edges(data=True):
        weight = edge.get("weight", 1.0)
        before = graph.get_edge_data(source, target, {"weight": 0.0})["weight"]
        graph.add_edge(source, target, weight=before + weight)
    return graph
