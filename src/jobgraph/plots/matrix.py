"""Tables of coloured cells with a text in each: what all matrix plots share."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import altair as alt
import polars as pl

from jobgraph.plots.style import BLACK, TEXT_SIZE, layered

_CELL_TEXT, _LINE_HEIGHT = 11, 14  # px


@dataclass(frozen=True)
class Matrix:
    """Cells with `row`, `column`, `text`, `is_dark` (the text has to be white), and what they are coloured by.

    `rows` and `columns` are in order. `column_lines` are the letters after which the name of a column goes on in
    another line; 0 turns the names upright instead.
    """

    cells: pl.DataFrame
    rows: list[str]
    columns: list[str]
    colour: alt.Color
    cell_width: int
    cell_height: int = 28
    column_lines: int = 0

    def draw(self) -> alt.LayerChart:
        """The chart."""
        heads = self._heads()
        cells = self.cells.with_columns(pl.col("column").replace_strict(heads, return_dtype=pl.String))
        base = alt.Chart(cells).encode(
            x=alt.X("column:N", sort=[heads[column] for column in self.columns], title=None, axis=self._column_axis()),
            y=alt.Y(
                "row:N",
                sort=self.rows,
                title=None,
                axis=alt.Axis(labelLimit=400, ticks=False, domain=False, labelPadding=8),
            ),
        )
        squares = base.mark_rect(stroke="white", strokeWidth=2).encode(color=self.colour)
        is_dark = alt.condition("datum.is_dark", alt.value("white"), alt.value(BLACK))
        texts = base.mark_text(fontSize=_CELL_TEXT, baseline="middle").encode(text="text:N", color=is_dark)
        size = {"width": alt.Step(self.cell_width), "height": alt.Step(self.cell_height)}
        return layered(squares, texts).properties(**size)

    def _column_axis(self) -> alt.Axis:
        lines = max((head.count("\n") for head in self._heads().values()), default=0)
        return alt.Axis(
            orient="top",
            ticks=False,
            domain=False,
            labelFontSize=TEXT_SIZE,
            labelLimit=400,
            labelAngle=0 if self.column_lines else -90,
            labelExpr="split(datum.label, '\\n')",
            labelLineHeight=_LINE_HEIGHT,
            labelPadding=8 + lines * _LINE_HEIGHT,
        )

    def _heads(self) -> dict[str, str]:
        """The names of the columns, broken into lines; shorter ones get empty lines on top."""
        if not self.column_lines:
            return {column: column for column in self.columns}
        broken = {c: textwrap.wrap(c, self.column_lines, break_on_hyphens=False) for c in self.columns}
        most = max(map(len, broken.values()), default=0)
        return {column: "\n".join([*[" "] * (most - len(lines)), *lines]) for column, lines in broken.items()}
