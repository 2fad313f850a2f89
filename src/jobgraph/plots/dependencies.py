"""The map of dependencies: what comes first on top, what waits for it below, the longest chain marked."""

from __future__ import annotations

import textwrap
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import altair as alt
import numpy as np
import polars as pl

from jobgraph.analysis.graph import DependencyGraph
from jobgraph.analysis.sequence import longest_chain, sequence
from jobgraph.errors import UsageError
from jobgraph.layers import Drawing, draw_layers
from jobgraph.plots.style import BLACK, GREY, PURPLE, VERMILLION, layered, titled

_BOX_WIDTH, _BOX_HEIGHT = 138, 48  # px
_SPACE, _LINE_SPACE, _ROW = 14, 12, 92  # px beside a box and a line, and from row to row
_TEXT, _LETTERS = 11, 23  # px, and letters in a line of a box
_PALE = "#FBE5D6"
_LEAST_WIDTH = 700  # px


def plot_dependencies(graph: DependencyGraph, *, top: int = 60) -> alt.LayerChart:
    """The graph as rows of boxes by level, its longest chain marked; what has no dependency is left out.

    Parameters
    ----------
    graph : as `job_graph` gives it; nodes have `name`.
    top : boxes at most: those of the longest chain first, then what is joined to them.

    Raises
    ------
    UsageError : nothing depends on anything.
    """
    first, following = (ends.tolist() for ends in graph.pairs)
    if not first:
        raise UsageError("Nothing depends on anything here, so there is no map; load dependencies first.")
    chain = list(longest_chain(graph, np.ones(graph.size, dtype=np.int64)).nodes)
    shown = _chosen(graph, chain, top)
    pairs = [(a, b) for a, b in zip(first, following, strict=True) if a in shown and b in shown]
    levels = {node: int(graph.levels[node]) for node in sequence(graph).tolist() if node in shown}
    forward = [(a, b) for a, b in pairs if levels[a] < levels[b]]
    drawing = draw_layers(levels, forward, width=_BOX_WIDTH + _SPACE, line_width=_LINE_SPACE)
    circular = [(a, b) for a, b in pairs if levels[a] >= levels[b]]
    boxes, lines = _boxes(graph, drawing, levels, chain), _lines(drawing, levels, chain, circular)
    width = max(_LEAST_WIDTH, max(drawing.x.values()) + _BOX_WIDTH / 2 + _SPACE)
    chart = _layers(boxes, lines, width, (max(levels.values()) + 1) * _ROW)
    return titled(chart, _sentence(graph, chain), _notes(graph, shown, circular), width=int(width))


def _chosen(graph: DependencyGraph, chain: list[int], top: int) -> set[int]:
    """The chain, then what is nearest to it, then the rest from what has most dependencies on."""
    degrees = np.diff(graph.later.starts) + np.diff(graph.earlier.starts)
    starts = [node for node in np.argsort(-degrees, kind="stable").tolist() if degrees[node]]
    shown, waiting = dict.fromkeys(chain), deque([*chain, *starts])
    while waiting and len(shown) < top:
        node = waiting.popleft()
        near = [node, *graph.later[node].tolist(), *graph.earlier[node].tolist()]
        new = [other for other in near if other not in shown]
        shown |= dict.fromkeys(new[: top - len(shown)])
        waiting.extendleft(reversed(new))
    return set(shown)


def _boxes(graph: DependencyGraph, drawing: Drawing, levels: dict[int, int], chain: list[int]) -> pl.DataFrame:
    names = graph.nodes.select(pl.coalesce("name", "iri")).to_series()
    rows = []
    for node, x in drawing.x.items():
        y = levels[node] * _ROW + _ROW / 2
        lines = textwrap.wrap(names[node], _LETTERS, max_lines=3, placeholder="…")
        ends = (x - _BOX_WIDTH / 2, x + _BOX_WIDTH / 2, y - _BOX_HEIGHT / 2, y + _BOX_HEIGHT / 2)
        rows.append((x, y, *ends, "\n".join(lines), node in chain))
    columns = ("x", "y", "left", "right", "top", "bottom")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, float) | {"text": str, "chain": bool}, orient="row")


def _lines(drawing: Drawing, levels: dict[int, int], chain: list[int], circular: list[tuple[int, int]]) -> pl.DataFrame:
    steps = set(pairwise(chain))
    rows = []
    for number, (pair, corners) in enumerate(drawing.lines.items()):
        kind = "chain" if pair in steps else "other"
        rows += [(number, order, x, y, kind) for order, (x, y) in enumerate(_corners(corners))]
    for number, (a, b) in enumerate(circular, start=len(drawing.lines)):
        ends = [(drawing.x[node], levels[node] * _ROW + _ROW / 2) for node in (a, b)]
        rows += [(number, order, x, y, "cycle") for order, (x, y) in enumerate(ends)]
    schema = {"line": int, "order": int, "x": float, "y": float, "kind": str}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _corners(corners: Sequence[tuple[float, int]]) -> list[tuple[float, float]]:
    """The places of a line in px: past a level it runs straight down, beside the boxes."""
    places = []
    for number, (x, level) in enumerate(corners):
        middle = level * _ROW + _ROW / 2
        ends = (middle - _BOX_HEIGHT / 2, middle + _BOX_HEIGHT / 2)
        kept = ends[1:] if number == 0 else ends[:1] if number == len(corners) - 1 else ends
        places += [(x, y) for y in kept]
    return places


def _layers(boxes: pl.DataFrame, lines: pl.DataFrame, width: float, height: float) -> alt.LayerChart:
    across, down = alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None)
    kinds = {"chain": (VERMILLION, 3.0), "other": (GREY, 1.0), "cycle": (PURPLE, 2.0)}
    drawn = [
        alt.Chart(lines.filter(pl.col("kind") == kind))
        .mark_line(color=colour, strokeWidth=stroke, strokeDash=[5, 3] if kind == "cycle" else [1, 0])
        .encode(x=across, y=down, detail="line:N", order="order:Q")
        for kind, (colour, stroke) in sorted(kinds.items(), key=lambda kind: kind[1][1])
        if (lines["kind"] == kind).any()
    ]
    base = alt.Chart(boxes)
    is_chain = alt.datum.chain
    rectangles = base.mark_rect(cornerRadius=5).encode(
        x=alt.X("left:Q", scale=None, axis=None),
        x2="right:Q",
        y=alt.Y("top:Q", scale=None, axis=None),
        y2="bottom:Q",
        fill=alt.condition(is_chain, alt.value(_PALE), alt.value("white")),
        stroke=alt.condition(is_chain, alt.value(VERMILLION), alt.value(GREY)),
        strokeWidth=alt.condition(is_chain, alt.value(2), alt.value(1)),
    )
    texts = base.mark_text(fontSize=_TEXT, lineBreak="\n", lineHeight=13, baseline="middle", color=BLACK)
    labels = texts.encode(x=across, y=alt.Y("middle:Q", scale=None, axis=None), text="text:N")
    labels = labels.transform_calculate(middle="datum.y - (length(split(datum.text, '\\n')) - 1) * 6.5")
    return layered(*drawn, rectangles, labels).properties(width=width, height=height)


def _sentence(graph: DependencyGraph, chain: list[int]) -> str:
    names = graph.nodes.select(pl.coalesce("name", "iri")).to_series()
    return f"{len(chain)} steps in a row at the most: from “{names[chain[0]]}” to “{names[chain[-1]]}”"


def _notes(graph: DependencyGraph, shown: set[int], circular: list[tuple[int, int]]) -> list[str]:
    first, following = graph.pairs
    linked = len({*first.tolist(), *following.tolist()})
    notes = ["Each box waits for those above it that a line joins it to; the longest chain is thick and shaded."]
    counts = f"{len(shown):,} of {linked:,} with dependencies are shown; {graph.size - linked:,} more have none."
    cycles = f"{len(circular):,} dashed lines belong to cycles, which no order can keep." if circular else ""
    return [notes[0], f"{counts} {cycles}".strip()]
