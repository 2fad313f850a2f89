"""How far the collection has come: the seven steps of the requirements, and what to collect next."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer, share
from jobgraph.analysis.groups import persona_jobs
from jobgraph.analysis.views import DECIMAL, Views
from jobgraph.errors import UsageError

# The steps, and what has to be there for a thing to have taken them.
STEPS: Mapping[int, tuple[str, str]] = {
    1: ("Define collection scope", "a role sits in a function and in a department"),
    2: ("Identify personas", "a role is played by a persona"),
    3: ("Gather evidence", "a persona has evidence of some kind"),
    4: ("Document jobs", "a role performs a job"),
    5: ("Enrich jobs", "a job has outcomes, obstacles, KPIs and workflow stages"),
    6: ("Identify AI opportunities", "a job has an AI opportunity with use cases"),
    7: ("Validate", "a job was the subject of a consultation or a panel"),
}
KINDS = ("tenant", "function", "department", "role")
_ENRICHMENT = ("outcomes", "obstacles", "KPIs", "workflow stages")
_AI = ("AI opportunity", "AI use cases")
_VIEWS = ("roles", "personas", "jobs", "role_jobs", "persona_jobs", "persona_evidence", "job_facts")


def progress(views: Views, kind: str = "tenant") -> Answer:
    """For each group of a kind and each step: how many of its roles, personas or jobs have taken the step.

    `state` is done, partly or missing; empty where the group has nothing that could take the step. Roles and personas
    count where they sit, jobs where a role performs them or, for functions, where they say they belong.

    Raises
    ------
    UsageError : there is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(f"Progress cannot be shown by {kind!r}; choose one of {', '.join(KINDS)}.")
    groups = _groups(views, kind)
    steps = pl.DataFrame({"step": list(STEPS), "what": [name for name, _ in STEPS.values()]})
    counted = (
        _checks(views)
        .join(_membership(views, kind), on="iri", how="inner")
        .group_by("group", "step")
        .agg(
            pl.col("is_done").sum().cast(pl.Int64).alias("done"),
            pl.len().cast(pl.Int64).alias("of"),
            pl.col("iri").filter(~pl.col("is_done")).sort().alias(EVIDENCE),
        )
    )
    state = (
        pl.when(pl.col("of") == 0)
        .then(pl.lit(None, pl.String))
        .when(pl.col("done") == pl.col("of"))
        .then(pl.lit("done"))
        .when(pl.col("done") == 0)
        .then(pl.lit("missing"))
        .otherwise(pl.lit("partly"))
    )
    table = (
        groups.join(steps, how="cross")
        .join(counted, on=("group", "step"), how="left")
        .with_columns(pl.col("done", "of").fill_null(0), pl.col(EVIDENCE).fill_null([]))
        .with_columns(state.alias("state"))
        .sort("name", "group", "step")
    )
    notes = tuple(f"{number}. {name}: {rule}." for number, (name, rule) in STEPS.items())
    units = {"done": "roles, personas or jobs", "of": "roles, personas or jobs", EVIDENCE: "those that have not"}
    return Answer(
        table.select(pl.col("name").alias(kind), "step", "what", "state", "done", "of", EVIDENCE), units, notes, _VIEWS
    )


def next_to_collect(views: Views) -> Answer:
    """What is missing, the pieces that would inform the most opportunity first.

    A piece informs the outcomes of its job, of the jobs that its role performs, or that its persona does. Pieces that
    inform no scored outcome come last, in the order of the steps: their opportunity is not known.
    """
    informed = _informed(views)
    table = (
        _missing(views)
        .join(informed, on="iri", how="left")
        .with_columns(
            pl.when(pl.col("opportunity") > 0).then(pl.col("opportunity")), pl.concat_list("iri").alias(EVIDENCE)
        )
    )
    orders = [True, False, False, False]
    table = table.sort("opportunity", "step", "name", "missing", descending=orders, nulls_last=True)
    unknown = table["opportunity"].null_count()
    units = {"opportunity": "sum over the scored outcomes that it informs"}
    notes = (f"Missing pieces that inform no scored outcome: {share(unknown, table.height)}.",)
    return Answer(
        table.select("step", "missing", "kind", "name", "opportunity", EVIDENCE), units, notes, (*_VIEWS, "outcomes")
    )


def _checks(views: Views) -> pl.DataFrame:
    """Every thing that can take a step, and whether it did: `step`, `iri`, `is_done`."""
    roles, personas, jobs = (views[name].unique("iri") for name in ("roles", "personas", "jobs"))
    placed = pl.col("function").is_not_null() & pl.col("department").is_not_null()
    facts = views["job_facts"]
    enriched, ai = (_having(facts, kinds) for kinds in (_ENRICHMENT, _AI))
    discussed = facts.filter(pl.col("kind").is_in(["consultation", "panel"]))["job"]
    return pl.concat(
        [
            roles.select(pl.lit(1).alias("step"), "iri", placed.alias("is_done")),
            _check(2, roles, personas["role"].drop_nulls()),
            _check(3, personas, views["persona_evidence"]["persona"]),
            _check(4, roles, views["role_jobs"]["role"]),
            _check(5, jobs, enriched),
            _check(6, jobs, ai),
            _check(7, jobs, discussed),
        ]
    )


def _check(step: int, things: pl.DataFrame, done: pl.Series) -> pl.DataFrame:
    return things.select(
        pl.lit(step).alias("step"), "iri", pl.col("iri").is_in(done.unique().implode()).alias("is_done")
    )


def _having(facts: pl.DataFrame, kinds: tuple[str, ...]) -> pl.Series:
    """The jobs with facts of all these kinds."""
    counts = facts.filter(pl.col("kind").is_in(kinds)).group_by("job").agg(pl.col("kind").n_unique())
    return counts.filter(pl.col("kind") == len(kinds))["job"]


def _groups(views: Views, kind: str) -> pl.DataFrame:
    if kind == "tenant":
        return pl.DataFrame({"group": [""], "name": [views.names.slug]})
    return (
        views[f"{kind}s"].unique("iri").select(pl.col("iri").alias("group"), pl.coalesce("name", "iri").alias("name"))
    )


def _membership(views: Views, kind: str) -> pl.DataFrame:
    """Which role, persona and job is in which group: `iri`, `group`, each pair once."""
    roles, personas, jobs = views["roles"], views["personas"], views["jobs"]
    if kind == "tenant":
        everything = pl.concat([view.select("iri") for view in (roles, personas, jobs)])
        return everything.unique().with_columns(pl.lit("").alias("group"))
    of_roles = roles.select("iri", pl.col("iri" if kind == "role" else kind).alias("group")).drop_nulls()
    through = of_roles.rename({"iri": "role"})
    of_personas = personas.select("iri", "role").join(through, on="role", how="inner").select("iri", "group")
    if kind != "role":  # where the role does not say, the persona may
        own = personas.select("iri", pl.col(kind).alias("group")).drop_nulls()
        of_personas = pl.concat([of_personas, own.filter(~pl.col("iri").is_in(of_personas["iri"].implode()))])
    of_jobs = views["role_jobs"].join(through, on="role", how="inner").select(pl.col("job").alias("iri"), "group")
    if kind == "function":
        of_jobs = pl.concat([of_jobs, jobs.select("iri", pl.col("function").alias("group")).drop_nulls()])
    return pl.concat([of_roles, of_personas, of_jobs]).unique()


def _missing(views: Views) -> pl.DataFrame:
    """Every missing piece: `step`, `missing`, and the `kind`, `name` and `iri` of what lacks it."""
    open_checks = _checks(views).filter(~pl.col("is_done")).select("step", "iri")
    words = {1: "function and department", 2: "persona", 3: "evidence", 4: "job", 7: "consultation or panel"}
    plain = open_checks.filter(pl.col("step").is_in(list(words))).with_columns(
        pl.col("step").replace_strict(words, return_dtype=pl.String).alias("missing")
    )
    there = views["job_facts"].select(pl.col("job").alias("iri"), pl.col("kind").alias("missing")).unique()
    parts = pl.DataFrame({"step": [5] * len(_ENRICHMENT) + [6] * len(_AI), "missing": [*_ENRICHMENT, *_AI]})
    pieces = open_checks.join(parts, on="step", how="inner").join(there, on=("iri", "missing"), how="anti")
    return pl.concat([plain, pieces.select(plain.columns)]).join(_things(views), on="iri", how="inner")


def _things(views: Views) -> pl.DataFrame:
    kinds = {"role": ("name", "code"), "persona": ("name", "code"), "job": ("code", "name")}
    return pl.concat(
        views[f"{kind}s"]
        .unique("iri")
        .select("iri", pl.lit(kind).alias("kind"), pl.coalesce(*order, "iri").alias("name"))
        for kind, order in kinds.items()
    )


def _informed(views: Views) -> pl.DataFrame:
    """The sum of opportunity of the jobs of every job, role and persona."""
    scores = views["outcomes"].group_by("job").agg(pl.col("opportunity").sum().cast(DECIMAL))
    pairs = [
        views["jobs"].select("iri", pl.col("iri").alias("job")),
        views["role_jobs"].select(pl.col("role").alias("iri"), "job"),
        persona_jobs(views).select(pl.col("persona").alias("iri"), "job"),
    ]
    joined = pl.concat(pairs).unique().join(scores, on="job", how="inner")
    return joined.group_by("iri").agg(pl.col("opportunity").sum().cast(DECIMAL))
