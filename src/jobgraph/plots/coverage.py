"""How far the collection has come: its seven steps by function, department or role."""

from __future__ import annotations

import altair as alt
import polars as pl

from jobgraph.analysis.answers import Answer
from jobgraph.errors import UsageError
from jobgraph.plots.matrix import Matrix
from jobgraph.plots.style import shortened, titled

_CELL = 104  # px
_NAME = 44  # letters
_DARK = 60  # percent from which a cell is too dark for black text


def plot_coverage(answer: Answer, *, kind: str = "function", top: int = 30) -> alt.LayerChart:
    """Groups by steps: how many of the things that can take a step have taken it.

    Parameters
    ----------
    answer : of `progress` by the same `kind`.
    top : groups that are shown, those with most to collect first.

    Raises
    ------
    UsageError : there is nothing to collect for.
    """
    counted = answer.table.filter(pl.col("of") > 0)
    if not counted.height:
        raise UsageError(f"There is no {kind} with anything to collect; load roles, personas and jobs first.")
    missing = pl.col("of").sum() - pl.col("done").sum()
    groups = (
        counted.group_by(kind).agg(missing.alias("missing")).sort("missing", kind, descending=[True, False]).head(top)
    )
    steps = answer.table.select("step", pl.format("{}. {}", "step", "what").alias("column")).unique().sort("step")
    cells = counted.join(groups, on=kind, how="semi").select(
        pl.col(kind).map_elements(lambda name: shortened(name, _NAME), return_dtype=pl.String).alias("row"),
        pl.format("{}. {}", "step", "what").alias("column"),
        (100 * pl.col("done") / pl.col("of")).alias("percent"),
        pl.format("{} of {}", "done", "of").alias("text"),
    )
    cells = cells.with_columns((pl.col("percent") > _DARK).alias("is_dark"))
    rows = [shortened(name, _NAME) for name in groups[kind]]
    chart = Matrix(cells, rows, steps["column"].to_list(), _colour(), _CELL, column_lines=14).draw()
    totals = counted.group_by("step", "what").agg(pl.col("done", "of").sum())
    least = totals.with_columns((pl.col("done") / pl.col("of")).alias("share")).sort("share", "step").row(0, named=True)
    sentence = f"“{least['what']}” is furthest behind: {least['done']:,} of {least['of']:,} are done"
    notes = (
        f"Cells: roles, personas or jobs of the {kind} that have taken the step, of all that can. "
        "No cell: nothing there can take it.",
        " ".join(answer.notes),
    )
    return titled(chart, sentence, notes, width=steps.height * _CELL + 260)


def _colour() -> alt.Color:
    legend = alt.Legend(title="Done (percent)", gradientLength=140)
    return alt.Color("percent:Q", scale=alt.Scale(scheme="blues", domain=[0, 100]), legend=legend)
