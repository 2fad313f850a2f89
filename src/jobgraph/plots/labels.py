"""Where labels go so that none covers another, nor a point that has one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jobgraph.plots.style import TEXT_SIZE, text_width

_REACHES = (18, 28, 40)  # px from a point to the middle of its label's nearer side
_WAYS = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))


@dataclass(frozen=True)
class Box:
    """A rectangle in px; y runs down."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether they share more than an edge.

        >>> Box(0, 0, 2, 2).overlaps(Box(1, 1, 3, 3)), Box(0, 0, 1, 1).overlaps(Box(1, 0, 2, 1))
        (True, False)
        """
        beside = self.left >= other.right or other.left >= self.right
        return not (beside or self.top >= other.bottom or other.top >= self.bottom)

    def holds(self, other: Box) -> bool:
        """Whether all of the other is inside."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True)
class Label:
    """A text with its middle at a point, and the point (`x2`, `y2`) that it speaks of."""

    x: float
    y: float
    text: str
    x2: float = 0.0
    y2: float = 0.0

    @property
    def box(self) -> Box:
        """The place that it takes."""
        half, height = text_width(self.text) / 2, TEXT_SIZE * 0.6
        return Box(self.x - half, self.y - height, self.x + half, self.y + height)

    def lead(self, *, free: float = 9) -> tuple[float, float, float, float]:
        """The ends of a line to the point, `free` px away from the middle of the text, nothing where it is nearer."""
        across, down = self.x2 - self.x, self.y2 - self.y
        part = min(1.0, (free + text_width(self.text) / 2 - 4) / max(math.hypot(across, down), 1))
        return self.x + part * across, self.y + part * down, self.x2, self.y2


def place_labels(
    points: Sequence[Label], bounds: Box, *, others: Iterable[tuple[float, float]] = (), radius: float = 6
) -> list[Label]:
    """The labels, each moved beside its point; one that finds no free place is left out.

    Parameters
    ----------
    others : points that a label covers only where it finds no other place.
    radius : of the mark at a point with a label, which no label covers, in px.
    """
    taken = [_around(point.x, point.y, radius) for point in points]
    marks = [_around(x, y, radius - 1) for x, y in others]
    placed: list[Label] = []
    for point in points:
        free = [label for label in _places(point) if _is_free(label.box, taken, bounds)]
        best = (label for label in free if _is_free(label.box, marks, bounds))
        label = next(best, free[0] if free else None)
        if label:
            placed.append(label)
            taken.append(label.box)
    return placed


def _around(x: float, y: float, radius: float) -> Box:
    return Box(x - radius, y - radius, x + radius, y + radius)


def _places(point: Label) -> Iterator[Label]:
    half = text_width(point.text) / 2
    for reach in _REACHES:
        for across, down in _WAYS:
            yield Label(point.x + across * (reach + half - 4), point.y + down * reach, point.text, point.x, point.y)


def _is_free(box: Box, taken: Iterable[Box], bounds: Box) -> bool:
    return bounds.holds(box) and not any(box.overlaps(other) for other in taken)
