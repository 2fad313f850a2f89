"""Whose jobs they are: the jobs of every role, persona, department, function and domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from jobgraph.analysis.views import Views
from jobgraph.errors import UsageError


def jobs_by(views: Views, kind: str) -> pl.DataFrame:
    """The jobs of each group of a kind: `group` and `job` (IRIs), `name` of the group; each pair once, sorted.

    Jobs are a role's by `jtbd_roles`, a persona's through its role or directly, a department's through the roles that
    sit in it, and a function's or domain's as they say themselves. A job can be in no group.

    Raises
    ------
    UsageError : there is no such kind.
    """
    if kind not in GROUPS:
        raise UsageError(f"Jobs cannot be grouped by {kind!r}; choose one of {', '.join(GROUPS)}.")
    names, pairs = GROUPS[kind](views)
    known = names.select(pl.col("iri").alias("group"), pl.coalesce("name", "iri").alias("name")).unique("group")
    return (
        pairs.drop_nulls().unique().join(known, on="group", how="inner").select("group", "name", "job").sort(pl.all())
    )


def persona_jobs(views: Views) -> pl.DataFrame:
    """Every pair of a `persona` and a `job` that it does, once for each way: `how` is inherited or direct.

    With `relevance`, `is_primary` and the IRIs of `role` (none for direct) and of the link `iri`.
    """
    roles = views["personas"].select(pl.col("iri").alias("persona"), "role").drop_nulls()
    inherited = roles.join(views["role_jobs"], on="role", how="inner").with_columns(pl.lit("inherited").alias("how"))
    direct = views["persona_jobs"].with_columns(pl.lit(None, pl.String).alias("role"), pl.lit("direct").alias("how"))
    columns = ("persona", "job", "how", "relevance", "is_primary", "role", "iri")
    return pl.concat([inherited.select(columns), direct.select(columns)]).sort(pl.all())


def _of_jobs(views: Views) -> tuple[pl.DataFrame, pl.DataFrame]:
    jobs = views["jobs"]
    names = jobs.select("iri", pl.coalesce("code", "name").alias("name"))
    return names, jobs.select(pl.col("iri").alias("group"), pl.col("iri").alias("job"))


def _of_roles(views: Views) -> tuple[pl.DataFrame, pl.DataFrame]:
    return views["roles"], views["role_jobs"].select(pl.col("role").alias("group"), "job")


def _of_personas(views: Views) -> tuple[pl.DataFrame, pl.DataFrame]:
    return views["personas"], persona_jobs(views).select(pl.col("persona").alias("group"), "job")


def _of_departments(views: Views) -> tuple[pl.DataFrame, pl.DataFrame]:
    roles = views["roles"].select(pl.col("iri").alias("role"), pl.col("department").alias("group"))
    return views["departments"], views["role_jobs"].join(roles, on="role", how="inner").select("group", "job")


def _of_functions(views: Views) -> tuple[pl.DataFrame, pl.DataFrame]:
    return views["functions"], views["jobs"].select(pl.col("function").alias("group"), pl.col("iri").alias("job"))


def _of_domains(views: Views) -> tuple[pl.DataFrame, pl.DataFrame]:
    return views["domains"], views["jobs"].select(pl.col("domain").alias("group"), pl.col("iri").alias("job"))


# What gives the names and the jobs of the groups of each kind.
GROUPS: Mapping[str, Callable[[Views], tuple[pl.DataFrame, pl.DataFrame]]] = {
    "job": _of_jobs,
    "role": _of_roles,
    "persona": _of_personas,
    "department": _of_departments,
    "function": _of_functions,
    "domain": _of_domains,
}
