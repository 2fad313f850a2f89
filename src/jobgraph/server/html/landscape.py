"""The opportunity landscape as a drawing: regions of tiers, axes, and a point for each place, or cells of many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jobgraph.analysis.schemes import ScoreScheme, Tier
from jobgraph.exports.markup import Markup, tag

HIGHEST = 10.0  # of importance and satisfaction
_MOST_POINTS = 1_500  # above that, the drawing shows cells
_CELL = 0.5
_KINDS = (2, 6, 5, 3)  # colours of the tiers, the most pressing first
_LAST_KIND = 8
_RADIUS = (3.0, 9.0)  # px of a point of no relevance, and of one of the highest
_Point = tuple[float, float]
Place = Mapping[str, object]  # scores, tier, outcomes, evidence and relevance of a place


@dataclass(frozen=True)
class Window:
    """The scores that the drawing shows: importance from `left`, satisfaction from `bottom`, both up to 10."""

    left: float
    bottom: float

    @staticmethod
    def of(importance: float | None, satisfaction: float | None) -> Window:
        """From the whole numbers below the lowest scores; at least one score wide."""
        left, bottom = (min(math.floor(low or 0), HIGHEST - 1) for low in (importance, satisfaction))
        return Window(float(left), float(bottom))

    def across(self, importance: float) -> str:
        """Where an importance is, from the left."""
        return f"{100 * (importance - self.left) / (HIGHEST - self.left):.2f}%"

    def down(self, satisfaction: float) -> str:
        """Where a satisfaction is, from the top."""
        return f"{100 * (HIGHEST - satisfaction) / (HIGHEST - self.bottom):.2f}%"


@dataclass(frozen=True)
class Region:
    """What a tier takes of the square from 0 to 10: the corners as importance and satisfaction, and its colour."""

    tier: str
    words: str
    kind: int
    corners: Sequence[_Point]
    border: Sequence[_Point]


def regions_of(scheme: ScoreScheme) -> list[Region]:
    """The regions of a scheme, the highest first; the border of each is the line of its lower bound."""
    kinds = kinds_of(scheme)
    return [
        Region(tier.name, tier.words, kinds[tier.name], _corners(tier), _border(float(tier.lower)))
        for tier in scheme.tiers
    ]


def kinds_of(scheme: ScoreScheme) -> dict[str, int]:
    """The number of the colour of each tier."""
    names = [tier.name for tier in scheme.tiers]
    kinds = [_KINDS[min(place, len(_KINDS) - 1)] for place in range(len(names) - 1)]
    return dict(zip(names, [*kinds, _LAST_KIND], strict=True))


def draw_landscape(places: Sequence[Place], regions: Sequence[Region], window: Window, title: str) -> Markup:
    """The drawing, as large as what holds it.

    Parameters
    ----------
    places : as `places` of the analysis gives them, the highest opportunity first, numbers as floats.
    """
    kinds = {region.tier: region.kind for region in regions}
    shown = _points(places, kinds, window) if len(places) <= _MOST_POINTS else _cells(places, window)
    key = tag("text", "Darker: more outcomes", x="100%", y="0", dy="-1.6em", class_="end")
    return tag(
        "svg",
        _ground(regions, window),
        list(_grid(window)),
        list(_names(regions, window)),
        shown,
        key if len(places) > _MOST_POINTS else None,
        class_="drawing",
        role="img",
        aria_label=title,
    )


def tier_mark(tier: str, kind: int) -> Markup:
    """The name of a tier after a spot of its colour."""
    return tag("span", tag("i", class_=f"spot kind-{kind}"), tier, class_="tier")


def _border(score: float) -> list[_Point]:
    """The line on which the opportunity is `score`, from the bottom of the square to its top or its right side.

    Below the diagonal it is 2 importance - satisfaction, above it importance alone.

    >>> _border(8), _border(12)
    ([(4.0, 0.0), (8.0, 8.0), (8.0, 10.0)], [(6.0, 0.0), (10.0, 8.0)])
    """
    start = (score / 2, 0.0)
    if score > HIGHEST:
        return [start, (HIGHEST, 2 * HIGHEST - score)]
    return [start, (float(score), float(score)), (float(score), HIGHEST)]


def _corners(tier: Tier) -> list[_Point]:
    lower, upper = float(tier.lower), float(tier.upper)
    turn = [(HIGHEST, HIGHEST)] if lower <= HIGHEST < upper else []
    return [*_border(lower), *turn, *reversed(_border(upper))]


def _ground(regions: Sequence[Region], window: Window) -> Markup:
    """Regions, their borders and the line above which people get more than they need, in scores."""
    start = max(window.left, window.bottom)
    diagonal = _line([(start, start), (HIGHEST, HIGHEST)])
    return tag(
        "svg",
        [
            tag("polygon", points=_line(region.corners), class_=f"region kind-{region.kind}", data_tier=region.tier)
            for region in regions
        ],
        [
            tag("polyline", points=_line(region.border), class_="border", vector_effect="non-scaling-stroke")
            for region in regions[:-1]
        ],
        tag("polyline", points=diagonal, class_="border dashed", vector_effect="non-scaling-stroke"),
        viewBox=f"{window.left:g} 0 {HIGHEST - window.left:g} {HIGHEST - window.bottom:g}",
        preserveAspectRatio="none",
        width="100%",
        height="100%",
    )


def _line(points: Iterable[_Point]) -> str:
    return " ".join(f"{x:g},{HIGHEST - y:g}" for x, y in points)


def _grid(window: Window) -> Iterator[Markup]:
    for score in range(int(window.left), 11):
        across = window.across(score)
        yield tag("line", x1=across, x2=across, y1="0", y2="100%", class_="grid")
        yield tag("text", score, x=across, y="100%", dy="1.3em", class_="tick middle")
    for score in range(int(window.bottom), 11):
        down = window.down(score)
        yield tag("line", x1="0", x2="100%", y1=down, y2=down, class_="grid")
        yield tag("text", score, x="0", y=down, dx="-.6em", dy=".35em", class_="tick end")


def _names(regions: Sequence[Region], window: Window) -> Iterator[Markup]:
    """What the axes measure, and what the borders are."""
    yield tag("text", "Importance (0 to 10)", x="50%", y="100%", dy="2.9em", class_="middle")
    yield tag("text", "Satisfaction (0 to 10)", x="0", y="0", dx="-2.4em", dy="-1.6em")
    for region in regions[:-1]:
        x, y = region.border[-1]
        if y == HIGHEST:
            yield tag("text", region.words, x=window.across(x), y="0", dy="-.5em", class_="tick middle")
        else:
            yield tag("text", region.words, x="100%", y=window.down(y), dx=".5em", dy=".35em", class_="tick side")


def _points(places: Sequence[Place], kinds: Mapping[str, int], window: Window) -> list[Markup]:
    """The least pressing first, so that the most pressing lie above."""
    return [_point(place, kinds, window) for place in reversed(places)]


def _point(place: Place, kinds: Mapping[str, int], window: Window) -> Markup:
    importance, satisfaction = (_number(place, name) for name in ("importance", "satisfaction"))
    least, most = _RADIUS
    radius = least + (most - least) * _number(place, "relevance")
    marks = {"hollow": not place["evidenced"], "firm": not place["is_tie"]}
    classes = [
        "place",
        f"kind-{kinds.get(str(place['tier']), _LAST_KIND)}",
        *(name for name, holds in marks.items() if holds),
    ]
    return tag(
        "circle",
        tag("title", _sentence(place)),
        cx=window.across(importance),
        cy=window.down(satisfaction),
        r=f"{radius:.1f}",
        class_=" ".join(classes),
    )


def _sentence(place: Place) -> str:
    count = int(_number(place, "outcomes"))
    others = f" and {count - 1} more" if count > 1 else ""
    scores = f"importance {place['importance']:g}, satisfaction {place['satisfaction']:g}"
    return (
        f"{place['name'] or place['outcome']}{others}: {scores}, opportunity {place['opportunity']:g}, {place['tier']}"
    )


def _cells(places: Sequence[Place], window: Window) -> list[Markup]:
    """Squares of half a score, the darker the more outcomes they hold."""
    counts: Counter[_Point] = Counter()
    for place in places:
        corner = _floor(_number(place, "importance")), _floor(_number(place, "satisfaction"))
        counts[corner] += int(_number(place, "outcomes"))
    most = max(counts.values())
    wide, high = window.across(window.left + _CELL), window.down(HIGHEST - _CELL)
    return [
        tag(
            "rect",
            tag(
                "title",
                f"{count:,} outcomes: importance from {x:g}, satisfaction from {y:g}, each up to {_CELL:g} more",
            ),
            x=window.across(x),
            y=window.down(y + _CELL),
            width=wide,
            height=high,
            fill_opacity=f"{0.08 + 0.8 * math.sqrt(count / most):.2f}",
            class_="cell",
        )
        for (x, y), count in sorted(counts.items())
    ]


def _floor(score: float) -> float:
    """The start of the cell that holds a score; the highest score belongs to the last cell."""
    return min(math.floor(score / _CELL) * _CELL, HIGHEST - _CELL)


def _number(place: Place, name: str) -> float:
    value = place[name]
    return float(value) if isinstance(value, int | float) else 0.0
