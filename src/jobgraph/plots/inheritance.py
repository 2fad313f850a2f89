"""Who does which job: personas by jobs, and the way in which each came to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import altair as alt
import polars as pl

from jobgraph.analysis.answers import Answer
from jobgraph.errors import UsageError
from jobgraph.plots.matrix import Matrix
from jobgraph.plots.style import BLUE, ORANGE, SKY, shortened, titled

_CELL = 22  # px
_NAME = 46  # letters
# The colour of each way, and the letter that says the same without it.
_WAYS: Mapping[str, tuple[str, str]] = {"inherited": (SKY, "i"), "direct": (ORANGE, "d"), "both": (BLUE, "b")}


def plot_inheritance(answer: Answer, names: Mapping[str, str], *, top: int = 45) -> alt.LayerChart:
    """Personas by jobs: inherited from the role, linked directly, or both.

    Parameters
    ----------
    answer : of `matrix`.
    names : of jobs, by what they are called in `answer`.
    top : jobs that are shown, those of most personas first; and as many personas, those with most jobs first.

    Raises
    ------
    UsageError : no persona does any job.
    """
    if not answer.table.height:
        raise UsageError("No persona does any job, so there is no matrix; give personas roles, and roles jobs.")
    frequent = (pl.col(name).is_in(_most_frequent(answer.table[name], top)) for name in ("job", "persona"))
    shown = answer.table.filter(*frequent)
    shortest = _heads(shown["job"].unique(), names)
    letters = {way: letter for way, (_, letter) in _WAYS.items()}
    cells = shown.select(
        pl.col("persona").alias("row"),
        pl.col("job").replace(shortest).alias("column"),
        "how",
        pl.format(
            "{}{}", pl.col("how").replace_strict(letters), pl.when("conflict").then(pl.lit("!")).otherwise(pl.lit(""))
        ).alias("text"),
        (pl.col("how") == "both").alias("is_dark"),
    )
    by_role = shown.select("role", "persona").unique().sort("role", "persona", nulls_last=True)
    rows = by_role["persona"].unique(maintain_order=True).to_list()
    columns = _along(cells, rows)
    chart = Matrix(cells, rows, columns, _colour(), _CELL, cell_height=_CELL).draw()
    counts = Counter(answer.table["how"])
    people, tasks = (answer.table[name].n_unique() for name in ("persona", "job"))
    share = 100 * counts["inherited"] / answer.table.height
    links = f"{answer.table.height:,} links between {people:,} personas and {tasks:,} jobs"
    sentence = f"{share:.0f} % of the {links} are inherited"
    conflicts = int(answer.table["conflict"].sum())
    note = (
        "i: inherited from the role; d: linked directly; b: both; !: the two links disagree on relevance "
        f"or on who is primary ({conflicts:,}). Personas of one role are neighbours."
    )
    shown_note = f"{len(columns):,} jobs and {len(rows):,} personas are shown."
    width = max(len(columns) * _CELL + 220, 700)
    return titled(chart, sentence, (note, f"{shown_note} {' '.join(answer.notes)}"), width=width)


def _heads(jobs: pl.Series, names: Mapping[str, str]) -> dict[str, str]:
    """The names of jobs in short; where two would be equal, what the answer calls them."""
    short = {job: shortened(names.get(job, job), _NAME) for job in jobs}
    counts = Counter(short.values())
    return {job: name if counts[name] == 1 else job for job, name in short.items()}


def _along(cells: pl.DataFrame, rows: list[str]) -> list[str]:
    """The columns in the order in which their cells come from the top down."""
    places = pl.col("row").replace_strict({row: place for place, row in enumerate(rows)}, return_dtype=pl.Float64)
    return cells.group_by("column").agg(places.mean().alias("place")).sort("place", "column")["column"].to_list()


def _most_frequent(names: pl.Series, top: int) -> list[str]:
    counts = Counter(names)
    return sorted(counts, key=lambda name: (-counts[name], name))[:top]


def _colour() -> alt.Color:
    scale = alt.Scale(domain=list(_WAYS), range=[colour for colour, _ in _WAYS.values()])
    return alt.Color(
        "how:N", scale=scale, legend=alt.Legend(title="The persona does the job", orient="right", titleLimit=0)
    )
