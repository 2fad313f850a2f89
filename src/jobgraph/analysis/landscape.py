"""The places of a landscape: the outcomes that have the same two scores, as one."""

from __future__ import annotations

import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer

_UNITS = {"outcomes": "at these two scores", "evidenced": "outcomes whose scores name a source"}


def places(answer: Answer) -> Answer:
    """The places of scored outcomes, the highest opportunity first: how many there are, and who leads.

    What follows from the two scores is the same for all at a place: opportunity, tier, ranks, whether it is a tie.
    `relevance` is the highest there; `job`, `outcome` and `name` are those of the first. With scores of one decimal
    place there are at most 10,201 places, however many outcomes there are.

    Parameters
    ----------
    answer : of `opportunities.landscape`.
    """
    same = ("rank", "best_rank", "worst_rank", "is_tie", "opportunity", "tier", "is_over_served")
    table = answer.table.group_by("importance", "satisfaction", maintain_order=True).agg(
        pl.col(*same).first(),
        pl.len().cast(pl.Int64).alias("outcomes"),
        pl.col("is_evidenced").sum().cast(pl.Int64).alias("evidenced"),
        pl.col("relevance").max(),
        pl.col("job", "outcome", "name").first(),
        pl.col(EVIDENCE).list.first(),
    )
    return Answer(table, {**answer.units, **_UNITS}, answer.notes, answer.views)
