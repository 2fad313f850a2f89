"""The opportunity landscape: how much outcomes matter against how well they are served."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

import altair as alt
import polars as pl

from jobgraph.analysis.answers import Answer
from jobgraph.analysis.schemes import ScoreScheme
from jobgraph.errors import UsageError
from jobgraph.plots.labels import Box, Label, place_labels
from jobgraph.plots.style import BLACK, GREY, RANKED, TEXT_SIZE, layered, shortened, titled

_WIDTH, _HEIGHT = 560, 500  # px of the plot
_KEY_WIDTH = 430  # px of the list beside it
_LINE = 46  # px of one outcome in the list
_AREAS = (60, 200)  # px² of a point with one outcome, and of one with most
_LETTERS = 72  # in a line of the list
_HIGHEST = 10.0  # of importance and satisfaction


def plot_landscape(answer: Answer, scheme: ScoreScheme, names: Mapping[str, str], *, top: int = 8) -> alt.HConcatChart:
    """Importance by satisfaction of all scored outcomes, the regions of the scheme as lines, the top ones listed.

    Parameters
    ----------
    answer : of `landscape`.
    names : of jobs, by what they are called in `answer`.
    top : outcomes that are numbered and listed.

    Raises
    ------
    UsageError : no outcome is scored.
    """
    if not answer.table.height:
        raise UsageError("No outcome has both scores, so there is no landscape; load scores, or name another tenant.")
    facts = _to_points(answer.table)
    frame = _frame(facts)
    numbered = facts.head(top).with_row_index("number", offset=1)
    plot = layered(*_regions(scheme, frame), _points(facts, scheme, frame), _numbers(numbered, facts, frame))
    chart = alt.hconcat(plot.properties(width=_WIDTH, height=_HEIGHT), _key(numbered, names), spacing=30)
    best = scheme.tiers[0]
    count = Counter(answer.table["tier"])[best.name]
    lead = shortened(facts["name"][0], 70)
    sentence = f"{count:,} of {facts.height:,} outcomes are {best.name} opportunities, led by “{lead}”"
    formula = (
        "Opportunity = importance + max(importance - satisfaction, 0), from 0 to 20. "
        "Hollow: no evidence is named. Larger: more outcomes. "
        "Above the dashed line outcomes are over-served."
    )
    return titled(chart, sentence, (formula, " ".join(answer.notes)), width=_WIDTH + _KEY_WIDTH)


def _to_points(table: pl.DataFrame) -> pl.DataFrame:
    scores = pl.col("importance", "satisfaction", "opportunity").cast(pl.Float64)
    return table.select("job", "outcome", pl.coalesce("name", "outcome").alias("name"), scores, "tier", "is_evidenced")


def _frame(facts: pl.DataFrame) -> Box:
    """The scores that the plot shows: from the whole number below the lowest up to 10; x is importance."""
    lows = [min(math.floor(facts[name].min()), 9) for name in ("importance", "satisfaction")]  # type: ignore[arg-type]
    return Box(float(lows[0]), float(lows[1]), _HIGHEST, _HIGHEST)


def _axes(frame: Box) -> tuple[alt.X, alt.Y]:
    grid = alt.Axis(tickMinStep=1, format="d")
    across, up = (alt.Scale(domain=ends, nice=False) for ends in ([frame.left, frame.right], [frame.top, frame.bottom]))
    return (
        alt.X("importance:Q", scale=across, axis=grid, title="Importance (0 to 10)"),
        alt.Y("satisfaction:Q", scale=up, axis=grid, title="Satisfaction (0 to 10)"),
    )


def _points(facts: pl.DataFrame, scheme: ScoreScheme, frame: Box) -> alt.LayerChart:
    names = [tier.name for tier in scheme.tiers]
    colour = alt.Color(
        "tier:N",
        scale=alt.Scale(domain=names, range=list(RANKED[: len(names)])),
        legend=alt.Legend(
            title=f"Opportunity by the scheme {scheme.name}", titleLimit=0, orient="top", symbolOpacity=1
        ),
    )
    across, up = _axes(frame)
    places = facts.group_by("importance", "satisfaction", "tier", maintain_order=True).agg(
        pl.len().alias("count"), pl.col("is_evidenced").any()
    )
    most = max(places["count"].to_list(), default=1)
    scale = alt.Scale(domain=[1, max(most, 2)], range=list(_AREAS))
    base = alt.Chart(places).encode(x=across, y=up, color=colour, size=alt.Size("count:Q", scale=scale, legend=None))
    solid = base.transform_filter("datum.is_evidenced").mark_circle(opacity=0.75)
    hollow = base.transform_filter("!datum.is_evidenced").mark_point(strokeWidth=1.6, filled=False)
    return layered(solid, hollow)


def _regions(scheme: ScoreScheme, frame: Box) -> Iterator[alt.LayerChart]:
    """A line for each lower bound of a tier, and a dashed one above which people get more than they need."""
    for tier in scheme.tiers[:-1]:
        yield _line(frame, list(_border(float(tier.lower), frame)), f"opportunity {tier.lower.normalize():f}", [1, 0])
    start = max(frame.left, frame.top)
    yield _line(frame, [(start, start), (_HIGHEST, _HIGHEST)], "", [4, 4])


def _line(frame: Box, ends: list[tuple[float, float]], text: str, dash: list[int]) -> alt.LayerChart:
    across, up = _axes(frame)
    rows = pl.DataFrame(ends, schema=["importance", "satisfaction"], orient="row").with_row_index("order")
    base = alt.Chart(rows).encode(x=across, y=up)
    line = base.mark_line(color=GREY, strokeDash=dash, strokeWidth=1.2).encode(order="order:O")
    last = alt.Chart(rows.tail(1)).encode(x=across, y=up)
    is_at_top = ends[-1][0] < _HIGHEST
    if is_at_top:
        label = last.mark_text(text=text, color=GREY, fontSize=TEXT_SIZE, align="center", dy=-10)
    else:
        label = last.mark_text(text=text, color=GREY, fontSize=TEXT_SIZE, align="left", dx=6)
    return layered(line, label)


def _border(score: float, frame: Box) -> Iterator[tuple[float, float]]:
    """The corners of the line on which the opportunity is `score`, from the bottom up, inside the frame.

    Below the diagonal it is 2 importance - satisfaction, above it importance alone.
    """
    yield max((score + frame.top) / 2, frame.left), max(2 * frame.left - score, frame.top)
    if score <= _HIGHEST:
        yield max(score, frame.left), max(score, frame.left)
        yield max(score, frame.left), _HIGHEST
    else:
        yield _HIGHEST, 2 * _HIGHEST - score


def _numbers(numbered: pl.DataFrame, facts: pl.DataFrame, frame: Box) -> alt.LayerChart:
    """The numbers of the top outcomes beside their points; outcomes at one point share a label."""
    points = numbered.group_by("importance", "satisfaction", maintain_order=True).agg(pl.col("number"))
    labels = [Label(*_place(row, frame), _counted(row["number"])) for row in points.to_dicts()]
    others = [_place(row, frame) for row in facts.to_dicts()]
    placed = place_labels(labels, Box(0, 0, _WIDTH, _HEIGHT), others=others)
    ends = ("lead_x", "lead_y", "x2", "y2")
    rows = [(label.x, label.y, label.text, *label.lead()) for label in placed]
    schema = {"x": float, "y": float, "text": str, **dict.fromkeys(ends, float)}
    base = alt.Chart(pl.DataFrame(rows, schema=schema, orient="row"))
    x, y, lead_x, lead_y = (
        axis(f"{name}:Q", scale=None, axis=None)
        for axis, name in ((alt.X, "x"), (alt.Y, "y"), (alt.X, "lead_x"), (alt.Y, "lead_y"))
    )
    leader = base.mark_rule(color=GREY, strokeWidth=0.8).encode(x=lead_x, y=lead_y, x2="x2:Q", y2="y2:Q")
    bold = base.mark_text(fontSize=TEXT_SIZE, fontWeight="bold", color=BLACK)
    return layered(leader, bold.encode(x=x, y=y, text="text:N"))


def _place(row: dict[str, float], frame: Box) -> tuple[float, float]:
    """Where a point is in the plot, in px."""
    across = (row["importance"] - frame.left) / (frame.right - frame.left) * _WIDTH
    return across, (frame.bottom - row["satisfaction"]) / (frame.bottom - frame.top) * _HEIGHT


def _key(numbered: pl.DataFrame, names: Mapping[str, str]) -> alt.LayerChart:
    rows = numbered.with_columns(
        pl.format("{}.", "number").alias("place"),
        pl.col("name").map_elements(_short, return_dtype=pl.String).alias("line"),
        (pl.col("number").cast(pl.Int64) * _LINE - 20).alias("y"),
        pl.format("{} for “{}”", pl.col("opportunity").round(2), _named(names)).alias("below"),
    )
    base = alt.Chart(rows).encode(y=alt.Y("y:Q", scale=None, axis=None))
    place = base.mark_text(align="right", fontWeight="bold", fontSize=TEXT_SIZE, x=18).encode(text="place:N")
    line = base.mark_text(align="left", fontSize=TEXT_SIZE, x=26).encode(text="line:N")
    below = base.mark_text(align="left", fontSize=TEXT_SIZE, x=26, dy=16, color=GREY).encode(text="below:N")
    return layered(place, line, below).properties(width=_KEY_WIDTH, height=_HEIGHT)


def _counted(numbers: list[int]) -> str:
    """Numbers in short.

    >>> _counted([1, 2, 3]), _counted([1, 4])
    ('1-3', '1, 4')
    """
    is_run = len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1
    return f"{numbers[0]}-{numbers[-1]}" if is_run else ", ".join(map(str, numbers))


def _named(names: Mapping[str, str]) -> pl.Expr:
    """The names of the jobs, in short."""
    return pl.col("job").replace(dict(names)).map_elements(_short, return_dtype=pl.String)


def _short(text: str) -> str:
    return shortened(text, _LETTERS)
