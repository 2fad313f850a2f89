"""The heat map of capability gaps: where closing a capability would help most."""

from __future__ import annotations

import altair as alt
import polars as pl

from jobgraph.analysis.answers import Answer
from jobgraph.errors import UsageError
from jobgraph.plots.matrix import Matrix
from jobgraph.plots.style import shortened, titled

_CELL = 104  # px
_NAME = 44  # letters
_DARK = 0.55  # share of the greatest value from which a cell is too dark for black text
_OTHER = "no function"


def plot_gaps(answer: Answer, *, top: int = 15) -> alt.LayerChart:
    """Capability by function: the gap that goes when the capability is brought to full maturity.

    Parameters
    ----------
    answer : of `heat_map`.
    top : capabilities that are shown, those that remove most first.

    Raises
    ------
    UsageError : no job needs a capability.
    """
    if not answer.table.height:
        raise UsageError("No job is mapped to a capability, so there are no gaps to show; map capabilities first.")
    facts = answer.table.select(
        "capability",
        pl.col("function").fill_null(_OTHER).alias("column"),
        pl.col("maturity", "removed").cast(pl.Float64),
        "jobs",
    )
    totals = (
        facts.group_by("capability", "maturity")
        .agg(pl.col("removed").sum())
        .sort("removed", "capability", descending=[True, False])
    )
    chosen = totals.head(top).with_columns(
        pl.format(
            "{}: {}", pl.col("capability").map_elements(_short, return_dtype=pl.String), _percent("maturity")
        ).alias("row")
    )
    cells = facts.join(chosen.select("capability", "row"), on="capability", how="inner")
    most = float(cells["removed"].max() or 0)  # type: ignore[arg-type]
    cells = cells.with_columns(
        pl.Series("text", [f"{value:.2f}" for value in cells["removed"]]),
        (pl.col("removed") > _DARK * most).alias("is_dark"),
    )
    columns = cells.group_by("column").agg(pl.col("removed").sum()).sort("removed", "column", descending=[True, False])
    matrix = Matrix(cells, chosen["row"].to_list(), columns["column"].to_list(), _colour(most), _CELL, column_lines=14)
    first = totals.row(0, named=True)
    sentence = f"Bringing “{first['capability']}” to full maturity removes most gap: {first['removed']:.2f}"
    notes = (
        "Cells: sum over the jobs of the gap (demand x what is not covered, 0 to 1 a job) that full maturity removes; "
        "beside a capability its maturity today.",
        f"{chosen.height:,} of {totals.height:,} capabilities that jobs need. {' '.join(answer.notes)}",
    )
    return titled(matrix.draw(), sentence, notes, width=max(columns.height * _CELL + 260, 700))


def _colour(most: float) -> alt.Color:
    scale = alt.Scale(scheme="blues", domain=[0, most or 1])
    legend = alt.Legend(title=["Gap removed", "(sum over jobs)"], format=".1f", gradientLength=140)
    return alt.Color("removed:Q", scale=scale, legend=legend)


def _short(name: str) -> str:
    return shortened(name, _NAME)


def _percent(column: str) -> pl.Expr:
    return pl.format("{} %", (100 * pl.col(column)).round(0).cast(pl.Int64))
