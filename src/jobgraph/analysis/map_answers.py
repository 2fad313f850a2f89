"""The map of jobs as two tables: what stands on it, and the dependencies in between."""

from __future__ import annotations

import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer
from jobgraph.analysis.dependencies import shape_notes
from jobgraph.analysis.job_map import JobMap
from jobgraph.analysis.map_focus import Focus, show

_NO_FUNCTION = "No function"
_MOST_EVIDENCE = 10  # statements behind one line, which may stand for thousands
_READ = ("jobs", "job_dependencies", "outcomes", "functions", "role_jobs", "roles", "departments")
_OF_JOBS = ("cycle", "department", "steps_before", "steps_after")
_UNITS = {
    "level": "dependencies on the longest way from a job that waits for nothing; the mean of several jobs",
    "jobs": "jobs that it stands for",
    "opportunity": "highest opportunity of the outcomes, 0 to 20",
    "cycle": "number of the cycle, if any",
    "in_cycles": "jobs in cycles",
    "on_chain": "jobs on the longest chain",
    "held_up": "others that wait for it, directly or not; the most of several jobs",
    "waits_for": "direct dependencies; the sum of several jobs",
    "is_waited_for_by": "direct dependencies; the sum of several jobs",
    "steps_before": "dependencies on the way from it to the job in focus",
    "steps_after": "dependencies on the way from the job in focus to it",
}
_LINK_UNITS = {
    "dependencies": "statements",
    "on_chain": "those on the longest chain",
    "to_cut": "those to cut so that no cycle is left",
    "in_cycles": "those inside a cycle",
    "crosses_function": "those between jobs without a function in common",
    "crosses_department": "those between jobs without a department in common",
}


def map_nodes(found: JobMap, focus: Focus) -> Answer:
    """What stands on a map: jobs, functions, and the rest of a function where not all of its jobs stand alone."""
    shown = show(found, focus)
    jobs = found.jobs.hstack(shown.marks).filter(pl.col("kind").is_not_null())
    rows = jobs.group_by("id", "kind").agg(
        pl.col("function_name").first().fill_null(_NO_FUNCTION).alias("function"),
        pl.col("level").mean().round(1),
        pl.len().cast(pl.Int64).alias("jobs"),
        pl.col("opportunity", "held_up").max(),
        pl.col("cycle").count().cast(pl.Int64).alias("in_cycles"),
        pl.col("on_chain", "waits_for", "is_waited_for_by").cast(pl.Int64).sum(),
        pl.col("node", "name", *_OF_JOBS).first(),
        pl.when(pl.col("kind") == "job").then("iri").otherwise("function").first().alias("about"),
    )
    named = _named(rows).sort("level", "cycle", "function", "node", "id", nulls_last=True)
    columns = ("kind", "node", "name", "function", "department", "level", "jobs", *_UNITS)
    table = named.with_columns(pl.concat_list("about").list.drop_nulls().alias(EVIDENCE))
    return Answer(table.select(*dict.fromkeys((*columns, "id", EVIDENCE))), _UNITS, _notes(found, shown.notes), _READ)


def map_links(found: JobMap, focus: Focus) -> Answer:
    """The dependencies between what stands on a map; those between the same two are one row.

    The evidence of a row is its first 10 statements.
    """
    nodes, shown = map_nodes(found, focus).table, show(found, focus)
    ends = _ended(found, shown.marks)
    if focus.within not in {None, "all"}:  # of what the function has to do with others, not of these alone
        ends = ends.filter((pl.col("first_kind") != "function") | (pl.col("next_kind") != "function"))
    texts = [pl.col(name).drop_nulls().unique().sort().str.join(", ") for name in ("type", "strength")]
    counts = pl.col("on_chain", "to_cut", "in_cycles", "crosses_function", "crosses_department").cast(pl.Int64).sum()
    statements = pl.col("iri").sort().head(_MOST_EVIDENCE).alias(EVIDENCE)
    rows = ends.group_by("first_id", "next_id").agg(
        *texts, pl.len().cast(pl.Int64).alias("dependencies"), counts, statements
    )
    for end in ("first", "next"):
        names = nodes.select(pl.col("id").alias(f"{end}_id"), pl.col("node").alias(end))
        rows = rows.join(names, on=f"{end}_id", how="left")
    columns = ("first", "next", "type", "strength", *_LINK_UNITS, "first_id", "next_id", EVIDENCE)
    table = rows.select(columns).sort("first", "next", "first_id", "next_id")
    return Answer(table, _LINK_UNITS, _notes(found, shown.notes), _READ)


def _ended(found: JobMap, marks: pl.DataFrame) -> pl.DataFrame:
    """The dependencies with what stands for both ends; those inside of what stands for several jobs are left out."""
    numbered = marks.with_row_index("number").filter(pl.col("kind").is_not_null())
    edges = found.dependencies
    for end in ("first", "next"):
        names = (pl.col(name).alias(f"{end}_{name}") for name in ("id", "kind"))
        marked = numbered.select(pl.col("number").cast(pl.Int64).alias(end), *names)
        edges = edges.join(marked, on=end, how="inner", maintain_order="left")
    return edges.filter((pl.col("first_id") != pl.col("next_id")) | (pl.col("first_kind") == "job"))


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what they are called; what is true of one job only is not said of several."""
    is_job = pl.col("kind") == "job"
    left = pl.format("{} more of {}", "jobs", "function")
    name = pl.when(pl.col("kind") == "rest").then(left).otherwise("function")
    alone = [pl.when(is_job).then(column).alias(column) for column in _OF_JOBS]
    called = [pl.when(is_job).then(column).otherwise(name).alias(column) for column in ("node", "name")]
    function = pl.when(is_job & pl.col("function").eq(_NO_FUNCTION)).then(None).otherwise("function").alias("function")
    return rows.with_columns(*alone, *called, function)


def _notes(found: JobMap, shown: tuple[str, ...]) -> tuple[str, ...]:
    return (*shown, *shape_notes(found.graph))
