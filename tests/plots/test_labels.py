"""Labels stay apart, wherever the points are."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from jobgraph.plots.labels import Box, Label, place_labels

BOUNDS = Box(0, 0, 300, 200)
POINTS = st.lists(
    st.builds(Label, st.floats(0, 300), st.floats(0, 200), st.text("0123456789, ", min_size=1, max_size=9)), max_size=25
)


@given(POINTS)
def test_labels_cover_neither_each_other_nor_a_point(points: list[Label]) -> None:
    placed = place_labels(points, BOUNDS)
    marks = [Box(point.x - 6, point.y - 6, point.x + 6, point.y + 6) for point in points]
    assert not any(a.box.overlaps(b.box) for a, b in combinations(placed, 2))
    assert not any(label.box.overlaps(mark) for label in placed for mark in marks)
    assert all(BOUNDS.holds(label.box) for label in placed)


def test_label_of_a_lone_point_is_beside_it() -> None:
    (label,) = place_labels([Label(100, 100, "1")], BOUNDS)
    assert ((label.x2, label.y2), label.y, 100 < label.x < 130) == ((100, 100), 100, True)


def test_other_points_are_left_free_where_there_is_room() -> None:
    (label,) = place_labels([Label(100, 100, "1")], BOUNDS, others=[(115, 100)])
    assert label.x < 100
