"""The graphs of work: jobs, the activities of a job's workflow, the steps of workflows, and what waits for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from jobgraph.analysis.durations import read_duration, read_effort, to_minutes
from jobgraph.analysis.graph import DependencyGraph
from jobgraph.analysis.views import Views


def job_graph(views: Views) -> DependencyGraph:
    """All jobs, with what waits for what by their dependencies.

    Nodes have `code`, `name`, `function` (an IRI), `opportunity` (the highest of their outcomes, 0 to 20; none where
    no outcome is scored), `effort` and `duration` (working minutes).
    """
    best = views["outcomes"].group_by("job").agg(pl.col("opportunity").max())
    nodes = views["jobs"].join(best, left_on="iri", right_on="job", how="left", maintain_order="left")
    return DependencyGraph.of(_with_minutes(nodes), views["job_dependencies"])


def activity_graph(views: Views, *, job: str | None = None) -> DependencyGraph:
    """The activities of all jobs, or of the job with this IRI, with what waits for what.

    Nodes have `code` (of the job, with the name), `name`, `job`, `stage` (IRIs), `effort` and `duration` (minutes).
    """
    activities = views["activities"] if job is None else views["activities"].filter(pl.col("job") == job)
    codes = dict(views["jobs"].select("iri", pl.coalesce("code", "name", "iri").alias("label")).iter_rows())
    whose = pl.col("job").replace_strict(codes, default=None, return_dtype=pl.String)
    return DependencyGraph.of(_with_minutes(_within(activities, whose)), views["activity_dependencies"])


def step_graph(views: Views) -> DependencyGraph:
    """The steps of all workflows, with what follows what; nodes have `code` (workflow and name), `name`, `workflow`."""
    return DependencyGraph.of(_within(views["steps"], pl.col("workflow_name")), views["step_connections"])


# The graphs by the name under which they can be asked for; each takes the views and gives all of its kind.
GRAPHS: Mapping[str, Callable[[Views], DependencyGraph]] = {
    "jobs": job_graph,
    "activities": activity_graph,
    "steps": step_graph,
}


def _within(nodes: pl.DataFrame, whose: pl.Expr) -> pl.DataFrame:
    """The nodes with a code that says what they are part of, where that is known."""
    return nodes.with_columns(pl.concat_str(whose, "name", separator=" / ").alias("code"))


def _with_minutes(nodes: pl.DataFrame) -> pl.DataFrame:
    return nodes.with_columns(
        to_minutes(nodes["effort"], read_effort).alias("effort"),
        to_minutes(nodes["duration"], read_duration).alias("duration"),
    )
