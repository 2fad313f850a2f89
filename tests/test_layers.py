"""Boxes of one level stay apart, and lines run beside them."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from jobgraph.layers import draw_layers

WIDTH, LINE = 100.0, 10.0


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[int, int], list[tuple[int, int]]]:
    levels = dict(enumerate(draw(st.lists(st.integers(0, 4), min_size=1, max_size=12))))
    possible = [(a, b) for a in levels for b in levels if levels[a] < levels[b]]
    pairs = draw(st.lists(st.sampled_from(possible), max_size=20, unique=True)) if possible else []
    return levels, pairs


@given(graphs())
def test_nothing_in_a_row_overlaps(graph: tuple[dict[int, int], list[tuple[int, int]]]) -> None:
    levels, pairs = graph
    drawing = draw_layers(levels, pairs, width=WIDTH, line_width=LINE)
    things = [(levels[node], x, WIDTH) for node, x in drawing.x.items()]
    things += [(level, x, LINE) for line in drawing.lines.values() for x, level in line[1:-1]]
    close = [
        (a, b) for a, b in combinations(things, 2) if a[0] == b[0] and abs(a[1] - b[1]) < (a[2] + b[2]) / 2 - 0.001
    ]
    assert close == []
    assert min(x - WIDTH / 2 for x in drawing.x.values()) >= -0.001


@given(graphs())
def test_lines_join_their_pair_level_by_level(graph: tuple[dict[int, int], list[tuple[int, int]]]) -> None:
    levels, pairs = graph
    drawing = draw_layers(levels, pairs, width=WIDTH, line_width=LINE)
    for first, following in pairs:
        line = drawing.lines[first, following]
        assert [level for _, level in line] == list(range(levels[first], levels[following] + 1))
        assert (line[0][0], line[-1][0]) == (drawing.x[first], drawing.x[following])


def test_chain_is_straight() -> None:
    drawing = draw_layers({0: 0, 1: 1, 2: 2}, [(0, 1), (1, 2), (0, 2)], width=WIDTH, line_width=LINE)
    assert max(drawing.x.values()) - min(drawing.x.values()) < WIDTH
