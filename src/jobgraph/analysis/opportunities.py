"""Where outcomes matter and are badly served: landscape, ranking, tiers under any scheme, and how firm the order is.

Scores are decimals throughout. Importance and satisfaction run from 0 to 10, opportunity from 0 to 20. Every answer
says how many outcomes have no score, and how many scores name no evidence.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer, share
from jobgraph.analysis.graph import Indices
from jobgraph.analysis.schemes import ScoreScheme
from jobgraph.analysis.views import DECIMAL
from jobgraph.errors import UsageError

ROUNDING = Decimal("0.05")  # half of the last place of a score
_SCALE = 1_000_000
_TEN = 10 * _SCALE
_UNITS = {
    "importance": "0 to 10",
    "satisfaction": "0 to 10",
    "opportunity": "importance + max(importance - satisfaction, 0), 0 to 20",
    "rank": "1 is the highest opportunity; equal scores share a rank",
    "best_rank": "rank if the rounding of the scores favours it",
    "worst_rank": "rank if the rounding of the scores disfavours it",
    "relevance": "highest that a chosen role or persona gives the job, 0 to 1",
}
_VIEWS = ("outcomes", "jobs")


def landscape(outcomes: pl.DataFrame, jobs: pl.DataFrame, scheme: ScoreScheme, *, margin: Decimal = ROUNDING) -> Answer:
    """The scored outcomes, the highest opportunity first, with importance, satisfaction, tier and firmness of rank.

    `is_tie` marks outcomes that could change places with another if each score were off by at most `margin`, which
    is what rounding to one decimal place hides; `best_rank` and `worst_rank` say how far. `is_evidenced` says whether
    the scores name a source, `evidence_source` which.

    Parameters
    ----------
    outcomes : as `select_outcomes` gives them.

    Raises
    ------
    UsageError : `margin` is negative.
    """
    if margin < 0:
        raise UsageError(f"The margin {margin} is negative; name one from 0, such as 0.05.")
    scored = _scored(outcomes, jobs)
    best, worst = _ranks(scored, margin)
    table = scored.with_columns(
        pl.col("opportunity").rank("min", descending=True).cast(pl.Int64).alias("rank"),
        pl.Series("best_rank", best),
        pl.Series("worst_rank", worst),
        pl.Series("is_tie", worst > best),
        scheme.to_tiers(pl.col("opportunity")).alias("tier"),
        (pl.col("satisfaction") > pl.col("importance")).alias("is_over_served"),
    )
    facts = ("outcome", "name", "importance", "satisfaction", "opportunity", "tier", "is_over_served", "is_evidenced")
    more = ("evidence_source", "outcome_type", "relevance")
    table = table.select("rank", "best_rank", "worst_rank", "is_tie", "job", *facts, *more, EVIDENCE)
    ties = f"Order open within +-{margin}: {share(int(table['is_tie'].sum()), table.height)}."
    return Answer(table, _UNITS, (scheme.sentence, *score_notes(outcomes), ties), _VIEWS)


def ranking(outcomes: pl.DataFrame, grouped: pl.DataFrame, scheme: ScoreScheme) -> Answer:
    """The groups of jobs by their highest, then by their mean opportunity, with the number of outcomes in each tier.

    Parameters
    ----------
    grouped : `group`, `name` and `job`, as `jobs_by` gives them.
    """
    tiers = [tier.name for tier in scheme.tiers]
    facts = outcomes.with_columns(
        scheme.to_tiers(pl.col("opportunity")).alias("tier"),
        (pl.col("opportunity").is_not_null() & pl.col("evidence_source").is_null()).alias("unevidenced"),
    )
    table = (
        grouped.join(facts.select("job", "iri", "opportunity", "tier", "unevidenced"), on="job", how="left")
        .group_by("group", "name")
        .agg(
            pl.col("job").n_unique().alias("jobs"),
            pl.col("iri").count().alias("outcomes"),
            pl.col("opportunity").count().alias("scored"),
            pl.col("opportunity").max().alias("highest"),
            pl.col("opportunity").sum().alias("total"),
            *((pl.col("tier") == tier).sum().alias(tier) for tier in tiers),
            pl.col("unevidenced").sum().alias("without_evidence"),
            pl.concat_list(pl.col("group").first(), pl.col("iri").drop_nulls().implode()).alias(EVIDENCE),
        )
    )
    table = table.with_columns(_means(table["total"], table["scored"]).alias("mean"))
    table = table.sort("highest", "mean", "name", "group", descending=[True, True, False, False], nulls_last=True)
    ranks = pl.int_range(1, table.height + 1).alias("rank")
    columns = ("name", "highest", "mean", "jobs", "outcomes", "scored", *tiers, "without_evidence", EVIDENCE)
    units = {"highest": "opportunity, 0 to 20", "mean": "opportunity, 0 to 20, to two places", "scored": "outcomes"}
    return Answer(table.select(ranks, *columns), units, (scheme.sentence, *score_notes(outcomes)), _VIEWS)


def over_served(outcomes: pl.DataFrame, jobs: pl.DataFrame) -> Answer:
    """The outcomes with more satisfaction than importance, the greatest excess first."""
    table = _scored(outcomes, jobs).filter(pl.col("satisfaction") > pl.col("importance"))
    table = table.with_columns((pl.col("satisfaction") - pl.col("importance")).cast(DECIMAL).alias("excess"))
    table = table.sort("excess", "job", "outcome", descending=[True, False, False])
    columns = ("job", "outcome", "name", "importance", "satisfaction", "excess", "is_evidenced", EVIDENCE)
    units = {**_UNITS, "excess": "satisfaction - importance, 0 to 10"}
    scored = outcomes["opportunity"].count()
    notes = (f"Over-served: {share(table.height, int(scored))} scored outcomes.", *score_notes(outcomes))
    return Answer(table.select(columns), units, notes, _VIEWS)


def unscored(outcomes: pl.DataFrame, jobs: pl.DataFrame) -> Answer:
    """The outcomes without opportunity, because a score is missing or out of bounds."""
    table = _labelled(outcomes.filter(pl.col("opportunity").is_null()), jobs).sort("job", "outcome")
    columns = ("job", "outcome", "name", "importance", "satisfaction", EVIDENCE)
    return Answer(table.select(columns), _UNITS, score_notes(outcomes), _VIEWS)


def compare_schemes(outcomes: pl.DataFrame, jobs: pl.DataFrame, first: ScoreScheme, second: ScoreScheme) -> Answer:
    """Every scored outcome with its tier under two schemes; those whose tier has another name come first."""
    table = _scored(outcomes, jobs).with_columns(
        first.to_tiers(pl.col("opportunity")).alias("first_tier"),
        second.to_tiers(pl.col("opportunity")).alias("second_tier"),
    )
    differs = pl.col("first_tier").ne_missing(pl.col("second_tier")).alias("differs")
    table = table.with_columns(differs)
    orders = [True, True, False, False]
    table = table.sort("differs", "opportunity", "job", "outcome", descending=orders)
    columns = ("job", "outcome", "name", "opportunity", "first_tier", "second_tier", "differs", EVIDENCE)
    counts = (
        table.group_by("first_tier", "second_tier").len("count").sort("count", "first_tier", descending=[True, False])
    )
    pairs = ", ".join(f"{row['first_tier']} to {row['second_tier']} {row['count']:,}" for row in counts.to_dicts())
    moved = (
        f"Another name under {second.name} than under {first.name}: {share(int(table['differs'].sum()), table.height)}."
    )
    notes = (
        first.sentence,
        second.sentence,
        f"Tiers with different names: {moved}.",
        *([f"{pairs}."] if pairs else []),
        *score_notes(outcomes),
    )
    return Answer(table.select(columns), _UNITS, notes, _VIEWS)


def distribution(outcomes: pl.DataFrame, scheme: ScoreScheme) -> Answer:
    """The number of scored outcomes in each tier, the highest first."""
    scores = outcomes.select("iri", "opportunity").drop_nulls()
    tiers = scores.with_columns(scheme.to_tiers(pl.col("opportunity")).alias("tier"))
    counts = tiers.group_by("tier").agg(pl.len().cast(pl.Int64).alias("outcomes"), pl.col("iri").alias(EVIDENCE))
    names = pl.DataFrame({"tier": [tier.name for tier in scheme.tiers]})
    table = names.join(counts, on="tier", how="left", maintain_order="left").with_columns(
        pl.col("outcomes").fill_null(0), pl.col(EVIDENCE).fill_null([])
    )
    table = table.with_columns((100 * pl.col("outcomes") / max(scores.height, 1)).round(1).alias("percent"))
    notes = [scheme.sentence, *score_notes(outcomes)]
    if scores.height:
        ordered = scores["opportunity"].sort()
        low, middle, high = (ordered[place].normalize() for place in (0, (len(ordered) - 1) // 2, -1))
        notes.append(f"Lowest {low:f}, median {middle:f}, highest {high:f}.")
    return Answer(
        table.select("tier", "outcomes", "percent", EVIDENCE), {"percent": "of scored outcomes"}, tuple(notes), _VIEWS
    )


def score_notes(outcomes: pl.DataFrame) -> tuple[str, ...]:
    """How many outcomes have no opportunity, and how many scores name no evidence: said with every answer."""
    if not outcomes.height:
        return ("There are no outcomes.",)
    scored = outcomes.filter(pl.col("opportunity").is_not_null())
    bare = scored["evidence_source"].null_count()
    return (
        f"Unscored: {share(outcomes.height - scored.height, outcomes.height)} outcomes.",
        f"Scores without evidence: {share(bare, scored.height)}.",
    )


def _labelled(outcomes: pl.DataFrame, jobs: pl.DataFrame) -> pl.DataFrame:
    """Outcomes with `outcome` (code) and `job` (code or name) instead of IRIs, and with evidence."""
    names = jobs.select(pl.col("iri").alias("job_iri"), pl.coalesce("code", "name", "iri").alias("job"))
    return (
        outcomes.rename({"job": "job_iri", "code": "outcome", "type": "outcome_type"})
        .join(names.unique("job_iri"), on="job_iri", how="left", maintain_order="left")
        .with_columns(
            pl.col("evidence_source").is_not_null().alias("is_evidenced"),
            pl.concat_list("iri", "job_iri").alias(EVIDENCE),
        )
    )


def _scored(outcomes: pl.DataFrame, jobs: pl.DataFrame) -> pl.DataFrame:
    """The scored outcomes, the highest first, then by job, code and IRI."""
    table = _labelled(outcomes.filter(pl.col("opportunity").is_not_null()), jobs)
    return table.sort("opportunity", "job", "outcome", "iri", descending=[True, False, False, False])


def _ranks(scored: pl.DataFrame, margin: Decimal) -> tuple[Indices, Indices]:
    """The best and the worst rank of each outcome if no score is off by more than `margin`, nor out of bounds."""
    importance, satisfaction = (_to_units(scored[name]) for name in ("importance", "satisfaction"))
    off = int(margin * _SCALE)
    lows = _opportunity(np.clip(importance - off, 0, _TEN), np.clip(satisfaction + off, 0, _TEN))
    highs = _opportunity(np.clip(importance + off, 0, _TEN), np.clip(satisfaction - off, 0, _TEN))
    best = 1 + scored.height - np.searchsorted(np.sort(lows), highs, side="right")
    may_be_above = scored.height - np.searchsorted(np.sort(highs), lows, side="right") - (highs > lows)
    return best, 1 + may_be_above


def _opportunity(importance: Indices, satisfaction: Indices) -> Indices:
    both: Indices = importance + np.maximum(importance - satisfaction, 0)
    return both


def _to_units(scores: pl.Series) -> Indices:
    """Decimals as whole millionths."""
    return (scores * _SCALE).cast(pl.Int64).to_numpy()


def _means(totals: pl.Series, counts: pl.Series) -> pl.Series:
    pairs = zip(totals, counts, strict=True)
    return pl.Series([round(total / count, 2) if count else None for total, count in pairs], dtype=DECIMAL)
