"""Which outcomes are looked at: those of a function, department, role, persona, job or type, and a range of scores."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from jobgraph.analysis.answers import Answer, share
from jobgraph.analysis.entities import find_entity
from jobgraph.analysis.groups import jobs_by
from jobgraph.analysis.views import DECIMAL, Views
from jobgraph.errors import UsageError

TYPE = "outcome_type"
# What outcomes are chosen by, and the view that lists the entities of that kind.
WHOSE: Mapping[str, str] = {
    "function": "functions",
    "department": "departments",
    "role": "roles",
    "persona": "personas",
    "job": "jobs",
}
SELECTS = (*WHOSE, TYPE)
RANGES = ("importance_from", "importance_to", "satisfaction_from", "satisfaction_to")
HIGHEST_MARK = Decimal(10)


def select_outcomes(views: Views, chosen: Mapping[str, str]) -> pl.DataFrame:
    """The outcomes of all that is chosen, all outcomes for nothing; each with the `relevance` of its job.

    That is the highest relevance that a chosen persona, else role, else any role of a chosen department, else any role
    or persona gives the job; none where no link says one.

    Parameters
    ----------
    chosen : IRIs, codes or names by `SELECTS`; an outcome type by its notation.

    Raises
    ------
    UsageError : there is no such entity or type, or several entities are called so.
    """
    found = find_chosen(views, chosen)
    outcomes = views["outcomes"]
    for kind, iri in found.items():
        jobs = jobs_by(views, kind).filter(pl.col("group") == iri).select("job")
        outcomes = outcomes.join(jobs, on="job", how="semi", maintain_order="left")
    if TYPE in chosen:
        outcomes = _of_type(outcomes, chosen[TYPE], views["outcomes"]["type"])
    return outcomes.join(_relevances(views, found), on="job", how="left", maintain_order="left")


def find_chosen(views: Views, chosen: Mapping[str, str]) -> dict[str, str]:
    """The IRIs of the entities that are chosen, by `WHOSE`.

    Raises
    ------
    UsageError : there is no such entity, or several are called so.
    """
    return {kind: find_entity(views[view], chosen[kind], kind=kind) for kind, view in WHOSE.items() if kind in chosen}


def within(answer: Answer, ranges: Mapping[str, Decimal]) -> Answer:
    """The rows whose importance and satisfaction are in the ranges, bounds included; ranks stay those among all rows.

    Raises
    ------
    UsageError : a bound is not from 0 to 10, or the lower one is above the upper one.
    """
    if not ranges:
        return answer
    table = answer.table
    for column in ("importance", "satisfaction"):
        lower = ranges.get(f"{column}_from", Decimal(0))
        upper = ranges.get(f"{column}_to", HIGHEST_MARK)
        if not 0 <= lower <= upper <= HIGHEST_MARK:
            raise UsageError(f"{column} from {lower} to {upper} is no range; give two scores from 0 to 10 that ascend.")
        table = table.filter(pl.col(column).is_between(pl.lit(lower, DECIMAL), pl.lit(upper, DECIMAL)))
    note = f"In the range of scores: {share(table.height, answer.table.height)}."
    return Answer(table, answer.units, (*answer.notes, note), answer.views)


def _of_type(outcomes: pl.DataFrame, named: str, known: pl.Series) -> pl.DataFrame:
    types = sorted(known.drop_nulls().unique())
    if types and named not in types:
        raise UsageError(f"No outcome is of the type {named!r}; there are {', '.join(types)}.")
    return outcomes.filter(pl.col("type") == named)


def _relevances(views: Views, found: Mapping[str, str]) -> pl.DataFrame:
    """The highest relevance of each job to those who are chosen."""
    links = _links(views, found)
    return links.group_by("job").agg(pl.col("relevance").max())


def _links(views: Views, found: Mapping[str, str]) -> pl.DataFrame:
    of_roles = views["role_jobs"]
    if "persona" in found:
        is_chosen = pl.col("persona") == found["persona"]
        roles = views["personas"].filter(pl.col("iri") == found["persona"]).select("role")
        links = [of_roles.join(roles, on="role", how="semi"), views["persona_jobs"].filter(is_chosen)]
    elif "role" in found:
        links = [of_roles.filter(pl.col("role") == found["role"])]
    elif "department" in found:
        roles = views["roles"].filter(pl.col("department") == found["department"])
        links = [of_roles.join(roles.select(role="iri"), on="role", how="semi")]
    else:
        links = [of_roles, views["persona_jobs"]]
    return pl.concat([each.select("job", "relevance") for each in links])
