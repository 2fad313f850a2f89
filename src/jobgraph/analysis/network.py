"""Networks for analysis and for other tools: nodes and edges of one kind, as networkx and rustworkx graphs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import networkx as nx
import polars as pl
import rustworkx as rx

from jobgraph.analysis.views import Views
from jobgraph.errors import UsageError

Attributes: TypeAlias = dict[str, str | float]


@dataclass(frozen=True)
class Network:
    """Nodes with `iri`, `label` and `kind`, and directed edges with `iri`, `source`, `target`, `relation` and `weight`.

    Node IRIs are unique, edges lead from node to node, and parallel edges are kept; the IRI of an edge is that of
    what states it. Weights are floats, empty where there are none. Both are sorted.
    """

    name: str
    nodes: pl.DataFrame
    edges: pl.DataFrame

    @classmethod
    def of(cls, name: str, nodes: pl.DataFrame, edges: pl.DataFrame) -> Network:
        """The network of these; edges to a node that is not there are left out."""
        unique = nodes.select("iri", "label", "kind").unique("iri", keep="first", maintain_order=True).sort("iri")
        known = unique["iri"].implode()
        inside = edges.filter(pl.col("source").is_in(known) & pl.col("target").is_in(known))
        columns = ("source", "target", "relation", "iri", pl.col("weight").cast(pl.Float64))
        return cls(name, unique, inside.select(columns).sort("source", "target", "relation", "iri"))


def read_network(views: Views, name: str) -> Network:
    """The network of this name.

    Raises
    ------
    UsageError : there is none; the sentence names those that there are.
    """
    if name not in NETWORKS:
        near = difflib.get_close_matches(name, NETWORKS) or list(NETWORKS)
        raise UsageError(f"There is no network {name!r}; did you mean {', '.join(near)}?")
    return NETWORKS[name](views)


def to_networkx(network: Network) -> nx.MultiDiGraph[str]:
    """The network with IRIs as nodes, which have `label` and `kind`; edges have `iri`, `relation`, `weight`."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=network.name)
    for iri, label, kind in network.nodes.iter_rows():
        graph.add_node(iri, label=label, kind=kind)
    for source, target, relation, iri, weight in network.edges.iter_rows():
        graph.add_edge(source, target, key=f"{relation} {iri}", **_edge_attributes(iri, relation, weight))
    return graph


def to_rustworkx(network: Network) -> rx.PyDiGraph[str, Attributes]:
    """The network with IRIs as nodes, in the order of its table; edges hold `iri`, `relation` and `weight`, if any."""
    graph: rx.PyDiGraph[str, Attributes] = rx.PyDiGraph(multigraph=True)
    numbers = dict(zip(network.nodes["iri"], graph.add_nodes_from(network.nodes["iri"].to_list()), strict=True))
    graph.add_edges_from(
        [
            (numbers[source], numbers[target], _edge_attributes(iri, relation, weight))
            for source, target, relation, iri, weight in network.edges.iter_rows()
        ]
    )
    return graph


def _edge_attributes(iri: str, relation: str, weight: float | None) -> Attributes:
    stated: Attributes = {"iri": iri, "relation": relation}
    return stated if weight is None else {**stated, "weight": weight}


def _nodes(views: Views, view: str, kind: str) -> pl.DataFrame:
    known = [name for name in ("name", "code", "iri") if name in views[view].columns]
    return views[view].select("iri", pl.coalesce(known).alias("label"), pl.lit(kind).alias("kind"))


def _edges(table: pl.DataFrame, source: str, target: str, relation: str, weight: str | None = None) -> pl.DataFrame:
    weights = pl.lit(None, pl.Float64) if weight is None else pl.col(weight).cast(pl.Float64)
    return table.filter(pl.col(source).is_not_null() & pl.col(target).is_not_null()).select(
        "iri",
        pl.col(source).alias("source"),
        pl.col(target).alias("target"),
        pl.lit(relation).alias("relation"),
        weights.alias("weight"),
    )


def _dependencies(views: Views) -> Network:
    edges = _edges(views["job_dependencies"], "next", "first", "DEPENDS_ON")
    return Network.of("dependencies", _nodes(views, "jobs", "Job"), edges)


def _activities(views: Views) -> Network:
    edges = _edges(views["activity_dependencies"], "next", "first", "DEPENDS_ON")
    return Network.of("activities", _nodes(views, "activities", "WorkflowActivity"), edges)


def _steps(views: Views) -> Network:
    edges = _edges(views["step_connections"], "first", "next", "LEADS_TO")
    return Network.of("steps", _nodes(views, "steps", "WorkflowStep"), edges)


def _organization(views: Views) -> Network:
    kinds = (
        ("functions", "BusinessFunction"),
        ("departments", "Department"),
        ("roles", "Role"),
        ("personas", "Persona"),
    )
    edges = [
        _edges(views["roles"], "iri", "department", "SITS_IN"),
        _edges(views["roles"], "iri", "function", "SITS_IN"),
        _edges(views["personas"], "iri", "role", "PLAYS"),
    ]
    return Network.of("organization", pl.concat([_nodes(views, *kind) for kind in kinds]), pl.concat(edges))


def _work(views: Views) -> Network:
    kinds = (("personas", "Persona"), ("roles", "Role"), ("jobs", "Job"))
    edges = [
        _edges(views["personas"], "iri", "role", "PLAYS"),
        _edges(views["role_jobs"], "role", "job", "PERFORMS", "relevance"),
        _edges(views["persona_jobs"], "persona", "job", "DOES_DIRECTLY", "relevance"),
    ]
    return Network.of("work", pl.concat([_nodes(views, *kind) for kind in kinds]), pl.concat(edges))


def _capabilities(views: Views) -> Network:
    nodes = pl.concat([_nodes(views, "jobs", "Job"), _nodes(views, "capabilities", "Capability")])
    return Network.of(
        "capabilities", nodes, _edges(views["job_capabilities"], "job", "capability", "NEEDS", "relevance")
    )


def _stakeholders(views: Views) -> Network:
    nodes = pl.concat([_nodes(views, "personas", "Persona"), _nodes(views, "stakeholders", "StakeholderInfluence")])
    influences = views["stakeholders"].with_columns(pl.col("iri").alias("stakeholder"))
    edges = _edges(influences, "stakeholder", "persona", "INFLUENCES", "score")
    return Network.of("stakeholders", nodes, edges)


# The networks by name.
NETWORKS: Mapping[str, Callable[[Views], Network]] = {
    "activities": _activities,
    "capabilities": _capabilities,
    "dependencies": _dependencies,
    "organization": _organization,
    "stakeholders": _stakeholders,
    "steps": _steps,
    "work": _work,
}
