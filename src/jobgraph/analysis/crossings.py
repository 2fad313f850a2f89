"""Dependencies between jobs of different functions or departments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer, share
from jobgraph.analysis.graph import DependencyGraph, Indices
from jobgraph.analysis.groups import jobs_by
from jobgraph.analysis.views import Views
from jobgraph.errors import UsageError

CROSSED = ("function", "department")


@dataclass(frozen=True)
class Crossing:
    """The edges between jobs that have no unit in common, how many have units at both ends, and the units by node.

    `edges` are those of the graph, each statement once; `units` has `node`, `group` (a number) and `name`.
    """

    edges: pl.DataFrame
    crossing: pl.DataFrame
    known: int
    units: pl.DataFrame


def crossing_edges(views: Views, graph: DependencyGraph, by: str) -> Crossing:
    """The dependencies whose two jobs have no function, or no department, in common.

    A job is in the departments of the roles that perform it. Dependencies of a job in none are not among them.

    Raises
    ------
    UsageError : `by` is neither function nor department.
    """
    if by not in CROSSED:
        raise UsageError(f"Dependencies cannot cross a {by!r}; choose one of {', '.join(CROSSED)}.")
    units = _units_of_nodes(graph, jobs_by(views, by))
    edges = graph.edges.unique("iri", keep="first", maintain_order=True).with_row_index("row")
    first, following = (_units_of_ends(edges, units, end) for end in ("first", "next"))
    known = first.select("row").join(following.select("row"), on="row", how="semi").unique()
    inside = first.join(following, on=("row", "group"), how="semi").select("row").unique()
    crossing = edges.join(known, on="row", how="semi").join(inside, on="row", how="anti")
    return Crossing(edges, crossing, known.height, units)


def crossings(views: Views, graph: DependencyGraph, *, by: str = "function", limit: int | None = None) -> Answer:
    """The dependencies whose two jobs have no function, or no department, in common; a note counts those of neither.

    Raises
    ------
    UsageError : `by` is neither function nor department.
    """
    found = crossing_edges(views, graph, by)
    edges, crossing, known = found.edges, found.crossing, found.known
    names = found.units.group_by("node").agg(pl.col("name").unique().sort().str.join(", "))
    table = _described(graph, crossing[_order(graph, crossing, names)][:limit], names)
    notes = (
        f"Crossing: {share(crossing.height, known)} dependencies between jobs with a known {by}.",
        f"At least one job has no {by}: {share(edges.height - known, edges.height)} dependencies.",
    )
    columns = ("from", "to", "first", "next", "type", "strength", EVIDENCE)
    answer = {"from": f"{by} of the first job", "to": f"{by} of the job that waits for it"}
    return Answer(table.select(columns), answer, notes, ("jobs", "job_dependencies", "role_jobs", "roles"))


def _units_of_nodes(graph: DependencyGraph, units: pl.DataFrame) -> pl.DataFrame:
    """The units of the nodes by number: `node`, `group` (numbers, which join faster than IRIs) and `name`."""
    nodes = (
        graph.nodes.select(pl.col("iri").alias("job"))
        .with_row_index("node")
        .with_columns(pl.col("node").cast(pl.Int64))
    )
    joined = units.join(nodes, on="job", how="inner")
    return joined.select("node", pl.col("group").rank("dense").cast(pl.Int64), "name")


def _units_of_ends(edges: pl.DataFrame, units: pl.DataFrame, end: str) -> pl.DataFrame:
    return edges.select("row", pl.col(end).alias("node")).join(units, on="node", how="inner").select("row", "group")


def _order(graph: DependencyGraph, edges: pl.DataFrame, names: pl.DataFrame) -> Indices:
    """The edges by the units of the first and of the next job, then by the jobs; ranks sort faster than texts."""
    jobs = graph.nodes.select(pl.coalesce("code", "name", "iri").rank("ordinal")).to_series().to_numpy()
    units = np.zeros(graph.size, dtype=np.int64)
    units[names["node"].to_numpy()] = names["name"].rank("dense").to_numpy()
    first, following = edges["first"].to_numpy(), edges["next"].to_numpy()
    return np.lexsort((edges["row"].to_numpy(), jobs[following], jobs[first], units[following], units[first]))


def _described(graph: DependencyGraph, edges: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The edges with the names of both jobs and of their units, and with evidence."""
    jobs = graph.nodes.select(pl.coalesce("code", "name", "iri").alias("label"), "iri")
    table = edges
    for end, column in (("first", "from"), ("next", "to")):
        ends = jobs[edges[end].to_numpy()]
        named = names.rename({"node": end, "name": column})
        table = table.join(named, on=end, how="left", maintain_order="left")
        table = table.with_columns(ends["label"].alias(f"{end}_label"), ends["iri"].alias(f"{end}_iri"))
    evidence = pl.concat_list("iri", "first_iri", "next_iri").alias(EVIDENCE)
    return table.with_columns(evidence, pl.col("first_label").alias("first"), pl.col("next_label").alias("next"))
