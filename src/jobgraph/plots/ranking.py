"""Groups of jobs by opportunity, as bars."""

from __future__ import annotations

import altair as alt
import polars as pl

from jobgraph.analysis.answers import Answer
from jobgraph.analysis.schemes import ScoreScheme
from jobgraph.errors import UsageError
from jobgraph.plots.style import BLACK, RANKED, TEXT_SIZE, layered, shortened, titled

_WIDTH, _BAR = 560, 26  # px


def plot_ranking(answer: Answer, scheme: ScoreScheme, *, kind: str, top: int = 15) -> alt.LayerChart:
    """The groups with the highest opportunity, as bars, with the mean of their outcomes as a line across.

    Parameters
    ----------
    answer : of `ranking`.
    kind : of the groups, in words.
    top : groups that are shown.

    Raises
    ------
    UsageError : no group has a score.
    """
    table = answer.table.filter(pl.col("highest").is_not_null())
    if not table.height:
        raise UsageError(f"No {kind} has an outcome with both scores, so none can be ranked.")
    names = [tier.name for tier in scheme.tiers]
    rows = table.head(top).select(
        pl.col("name").map_elements(lambda name: shortened(name, 48), return_dtype=pl.String),
        pl.col("highest", "mean").cast(pl.Float64),
        scheme.to_tiers(pl.col("highest")).alias("tier"),
        pl.format("{} · {} outcomes", pl.col("highest").cast(pl.Float64).round(2), "scored").alias("text"),
    )
    first = table.row(0, named=True)
    shown = f"the {rows.height} highest of {table.height:,}" if table.height > rows.height else f"all {table.height:,}"
    equal = table.filter(pl.col("highest") == first["highest"]).height - 1
    who = f"{first['name']} and {equal:,} more share" if equal else f"{first['name']} has"
    sentence = f"{who} the highest opportunity: {first['highest'].normalize():f} of 20"
    notes = (f"Bars: highest opportunity of each {kind}; black lines: mean of its outcomes; {shown}.", *answer.notes)
    return titled(_bars(rows, names, scheme), sentence, (notes[0], " ".join(notes[1:])), width=_WIDTH + 200)


def _bars(rows: pl.DataFrame, tiers: list[str], scheme: ScoreScheme) -> alt.LayerChart:
    colour = alt.Color(
        "tier:N",
        scale=alt.Scale(domain=tiers, range=list(RANKED[: len(tiers)])),
        legend=alt.Legend(title=f"Highest outcome by the scheme {scheme.name}", titleLimit=0, orient="top"),
    )
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "name:N", sort=rows["name"].to_list(), title=None, axis=alt.Axis(labelLimit=400, ticks=False, domain=False)
        )
    )
    across = alt.Scale(domain=[0, 20])
    bars = base.mark_bar(height=16).encode(
        x=alt.X("highest:Q", scale=across, title="Opportunity (0 to 20)"), color=colour
    )
    means = base.mark_tick(color=BLACK, thickness=2, height=22).encode(x=alt.X("mean:Q", scale=across))
    texts = base.mark_text(align="left", dx=6, fontSize=TEXT_SIZE).encode(x="highest:Q", text="text:N")
    return layered(bars, means, texts).properties(width=_WIDTH, height=alt.Step(_BAR))
