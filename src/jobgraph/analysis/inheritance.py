"""Who does which job, and how it came to that: through a role, directly, or both."""

from __future__ import annotations

import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer, share
from jobgraph.analysis.groups import persona_jobs
from jobgraph.analysis.views import Views

_VIEWS = ("personas", "roles", "jobs", "role_jobs", "persona_jobs")
_UNITS = {
    "inherited_relevance": "of the job for the role, 0 to 1",
    "direct_relevance": "of the job for the persona itself, 0 to 1",
    "relevance": "of the job for the role, 0 to 1",
}


def matrix(views: Views) -> Answer:
    """Every persona and every job that it does: `how` is inherited (through its role), direct or both.

    With both, `conflict` says whether the two links disagree on relevance or on who is primary.
    """
    pairs = persona_jobs(views)
    inherited, direct = (_way(pairs, how) for how in ("inherited", "direct"))
    both = inherited.join(direct, on=("persona", "job"), how="full", coalesce=True)
    way = (
        pl.when(pl.col("direct").is_null())
        .then(pl.lit("inherited"))
        .when(pl.col("inherited").is_null())
        .then(pl.lit("direct"))
        .otherwise(pl.lit("both"))
    )
    differ = [pl.col(f"inherited{end}").ne_missing(pl.col(f"direct{end}")) for end in ("_relevance", "_is_primary")]
    named = _named(views, both.with_columns(way.alias("how")), "persona", "role", "job")
    table = named.with_columns(
        ((pl.col("how") == "both") & pl.any_horizontal(differ)).alias("conflict"),
        pl.col("inherited_is_primary").fill_null(pl.col("direct_is_primary")).alias("is_primary"),
        pl.concat_list(
            "persona_iri", "job_iri", pl.col("inherited").fill_null([]), pl.col("direct").fill_null([])
        ).alias(EVIDENCE),
    ).sort("persona", "job", "persona_iri", "job_iri")
    columns = ("persona", "role", "job", "how", "inherited_relevance", "direct_relevance", "is_primary", "conflict")
    counts = {str(how): count for how, count in table.group_by("how").len().sort("how").iter_rows()}
    notes = [f"{way.capitalize()}: {share(count, table.height)} pairs." for way, count in counts.items()]
    without = views["personas"]["role"].null_count()
    if without:
        notes.append(f"Personas without a role inherit nothing: {share(without, views['personas'].height)}.")
    return Answer(table.select(*columns, EVIDENCE), _UNITS, tuple(notes) or ("No persona does any job.",), _VIEWS)


def same_jobs(views: Views) -> Answer:
    """The groups of personas that do exactly the same jobs, the largest first."""
    sets = _job_sets(views)
    named = _named(views, sets, "persona")
    groups = named.group_by("jobs").agg(
        pl.col("persona").sort().alias("personas"), pl.col("persona_iri").sort().alias(EVIDENCE)
    )
    table = groups.filter(pl.col("personas").list.len() > 1).with_columns(
        pl.col("personas").list.len().cast(pl.Int64).alias("count"),
        pl.col("jobs").list.len().cast(pl.Int64).alias("shared"),
    )
    table = table.sort("count", "shared", pl.col("personas").list.first(), descending=[True, True, False])
    texts = table.select("count", "personas", pl.col("shared").alias("jobs"), EVIDENCE)
    return Answer(texts, {"count": "personas", "jobs": "that each of them does"}, (), _VIEWS)


def disagreements(views: Views) -> Answer:
    """The jobs that some personas of a role do and others of the same role do not, by role."""
    roles = views["personas"].select(pl.col("iri").alias("persona"), "role").drop_nulls()
    sizes = roles.group_by("role").agg(pl.col("persona").sort().alias("everyone"))
    done = persona_jobs(views).select("persona", "job", "iri").join(roles, on="persona", how="inner")
    pairs = done.group_by("role", "job").agg(
        pl.col("persona").unique().sort(), pl.col("iri").unique().sort().alias("links")
    )
    open_pairs = pairs.join(sizes, on="role").filter(pl.col("persona").list.len() < pl.col("everyone").list.len())
    names = pl.col("persona").list.eval(pl.element().replace_strict(_names(views, "personas"), default=pl.element()))
    others = pl.col("everyone").list.set_difference("persona").list.sort()
    table = _named(views, open_pairs.with_columns(others.alias("others")), "role", "job").with_columns(
        names.list.sort().alias("done_by"),
        pl.col("others")
        .list.eval(pl.element().replace_strict(_names(views, "personas"), default=pl.element()))
        .list.sort(),
        pl.concat_list("role_iri", "job_iri", "links").alias(EVIDENCE),
    )
    table = table.select("role", "job", "done_by", pl.col("others").alias("not_done_by"), EVIDENCE)
    return Answer(table.sort("role", "job"), {}, (), _VIEWS)


def idle_jobs(views: Views) -> Answer:
    """The jobs that no persona does, with the roles that perform them, if any, and that no persona plays."""
    done = persona_jobs(views)["job"].unique()
    jobs = views["jobs"].filter(~pl.col("iri").is_in(done.implode()))
    roles = _named(views, views["role_jobs"].select("job", "role", pl.col("iri").alias("link")), "role")
    per_job = roles.group_by("job").agg(pl.col("role").sort().alias("roles"), pl.col("link").sort())
    table = jobs.join(per_job, left_on="iri", right_on="job", how="left").with_columns(
        pl.col("roles").fill_null([]), pl.concat_list("iri", pl.col("link").fill_null([])).alias(EVIDENCE)
    )
    note = f"No persona does {share(table.height, views['jobs'].height)} jobs."
    return Answer(table.select("code", "name", "roles", EVIDENCE).sort("code", "name"), {}, (note,), _VIEWS)


def inherited_attributes(views: Views, persona: str | None = None) -> Answer:
    """What every persona, or the one with this IRI, has through its role: responsibilities, scopes, levels and more."""
    personas = views["personas"].select(pl.col("iri").alias("persona"), "role").drop_nulls()
    chosen = personas if persona is None else personas.filter(pl.col("persona") == persona)
    facts = chosen.join(views["role_attributes"], on="role", how="inner").unique()
    table = _named(views, facts, "persona", "role").with_columns(
        pl.coalesce("name", "iri").alias("attribute"), pl.concat_list("persona_iri", "role_iri", "iri").alias(EVIDENCE)
    )
    table = table.select("persona", "role", "kind", "attribute", EVIDENCE).sort("persona", "kind", "attribute")
    return Answer(table, {}, (), ("personas", "roles", "role_attributes"))


def _way(pairs: pl.DataFrame, how: str) -> pl.DataFrame:
    """One row a persona and job for a way, with the links of that way; the most relevant link counts."""
    links = [pl.col("iri").sort().alias(how), pl.col("relevance").max().alias(f"{how}_relevance")]
    role = [pl.col("role").first()] if how == "inherited" else []
    primary = pl.col("is_primary").any().alias(f"{how}_is_primary")
    return pairs.filter(pl.col("how") == how).group_by("persona", "job").agg(*links, primary, *role)


def _job_sets(views: Views) -> pl.DataFrame:
    return persona_jobs(views).group_by("persona").agg(pl.col("job").unique().sort().alias("jobs"))


def _names(views: Views, view: str) -> dict[str, str]:
    order = ("code", "name", "iri") if view == "jobs" else ("name", "code", "iri")
    return dict(views[view].select("iri", pl.coalesce(order).alias("label")).iter_rows())


def _named(views: Views, table: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The table with names in these columns instead of IRIs, which move to columns that end with `_iri`."""
    for column in columns:
        names = _names(views, f"{column}s")
        named = pl.col(column).replace_strict(names, default=pl.col(column), return_dtype=pl.String)
        table = table.with_columns(pl.col(column).alias(f"{column}_iri"), named.alias(column))
    return table
