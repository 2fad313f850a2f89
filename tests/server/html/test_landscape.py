"""Regions of the landscape are the tiers, point by point; the drawing holds every place, or counts them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.html.reading import read_page

from jobgraph.analysis.schemes import ScoreScheme, read_schemes
from jobgraph.resources import resource_path
from jobgraph.server.html.landscape import Region, Window, draw_landscape, kinds_of, regions_of

SCHEMES = read_schemes(resource_path("ontology", "schemes"))
tenths = st.integers(0, 100).map(lambda number: Decimal(number) / 10)


def holds(region: Region, x: float, y: float) -> bool:
    """Whether a point lies inside the corners, by the number of sides that a line to the right crosses."""
    inside = False
    for (x1, y1), (x2, y2) in zip(region.corners, [*region.corners[1:], region.corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def place(importance: float, satisfaction: float, **facts: object) -> dict[str, object]:
    usual = {"tier": "high", "outcomes": 1, "evidenced": 1, "is_tie": False, "relevance": 0.5, "opportunity": 9.0}
    return {"name": "A", "outcome": "O", "importance": importance, "satisfaction": satisfaction, **usual, **facts}


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@given(tenths, tenths)
def test_point_lies_in_the_region_of_its_tier(scheme: ScoreScheme, importance: Decimal, satisfaction: Decimal) -> None:
    # a hundredth off the tenths, no point lies on a border
    x, y = min(importance + Decimal("0.01"), Decimal("9.99")), min(satisfaction + Decimal("0.003"), Decimal("9.993"))
    tier = scheme.tier(x + max(x - y, Decimal(0)))
    found = [region.tier for region in regions_of(scheme) if holds(region, float(x), float(y))]
    assert found == [tier]


def test_tiers_have_colours_of_their_own() -> None:
    for scheme in SCHEMES.values():
        assert len(set(kinds_of(scheme).values())) == len(scheme.tiers)


def test_points_stand_where_their_scores_are() -> None:
    drawing = draw_landscape([place(8.0, 4.0), place(6.0, 10.0, evidenced=0)], [], Window(6.0, 2.0), "All")
    circles = read_page(drawing).all("circle")
    assert [(each["cx"], each["cy"]) for each in circles] == [("0.00%", "0.00%"), ("50.00%", "75.00%")]
    assert ["hollow" in each["class"].split() for each in circles] == [True, False]


def test_many_places_are_counted_in_cells() -> None:
    scores = [(i / 10, s / 10) for i in range(101) for s in range(0, 101, 5)]
    drawing = draw_landscape([place(i, s, outcomes=3) for i, s in scores], [], Window(0.0, 0.0), "All")
    counts = [int(text.replace(",", "")) for text in re.findall(r"<title>([\d,]+) outcomes", drawing)]
    assert sum(counts) == 3 * len(scores)
    assert len(counts) == 20 * 20
    assert read_page(drawing).all("circle") == []


@pytest.mark.parametrize(
    ("lows", "window"), [((4.5, 2.6), (4, 2)), ((10, 10), (9, 9)), ((None, None), (0, 0)), ((0, 9.9), (0, 9))]
)
def test_window_begins_at_the_whole_number_below(
    lows: tuple[float | None, float | None], window: tuple[float, float]
) -> None:
    assert Window.of(*lows) == Window(*window)
