"""A drawing of what comes first: nodes in rows by level, so that few lines cross and none runs through a box."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

_SWEEPS = 12


@dataclass(frozen=True)
class Drawing:
    """Where things are: `x` is the middle of each node, `lines` are the corners of each pair's line by (x, level)."""

    x: Mapping[int, float]
    lines: Mapping[tuple[int, int], Sequence[tuple[float, int]]]


@dataclass
class _Item:
    """A node, or the place (`node` is -1) where a line crosses a level."""

    node: int
    level: int
    width: float
    x: float = 0.0
    near: list[_Item] = field(default_factory=list)


def draw_layers(
    levels: Mapping[int, int], pairs: Iterable[tuple[int, int]], *, width: float, line_width: float
) -> Drawing:
    """The drawing of nodes with their levels and of pairs from a lower to a higher level.

    Rows are put in order by the mean place of neighbours, up and down in turn. Source: Sugiyama, Tagawa and Toda 1981.

    Parameters
    ----------
    width : of a node with the space around it, in px.
    line_width : that a line takes where it crosses a level, in px.
    """
    items = {node: _Item(node, level, width) for node, level in levels.items()}
    rows: dict[int, list[_Item]] = defaultdict(list)
    for item in items.values():
        rows[item.level].append(item)
    routes = {pair: _route(items[pair[0]], items[pair[1]], rows, line_width) for pair in pairs}
    for row in rows.values():
        _spread(row)
    for sweep in range(_SWEEPS):
        _settle([rows[level] for level in sorted(rows, reverse=bool(sweep % 2))], downwards=sweep % 2 == 0)
    lowest = min((item.x - item.width / 2 for row in rows.values() for item in row), default=0.0)
    return Drawing(
        {node: item.x - lowest for node, item in items.items()},
        {pair: [(item.x - lowest, item.level) for item in route] for pair, route in routes.items()},
    )


def _route(start: _Item, end: _Item, rows: Mapping[int, list[_Item]], width: float) -> list[_Item]:
    """The items of a line, with a new one at each level between its ends."""
    between = [_Item(-1, level, width) for level in range(start.level + 1, end.level)]
    route = [start, *between, end]
    for item in between:
        rows[item.level].append(item)
    for first, second in pairwise(route):
        first.near.append(second)
        second.near.append(first)
    return route


def _settle(rows: Iterable[list[_Item]], *, downwards: bool) -> None:
    """Move the items of each row under or over the middle of their neighbours in the rows before."""
    for row in rows:
        for item in row:
            near = [n.x for n in item.near if (n.level < item.level) == downwards and n.level != item.level]
            item.x = sum(near) / len(near) if near else item.x
        row.sort(key=lambda item: item.x)
        _spread(row)


def _spread(row: Sequence[_Item]) -> None:
    """Move items apart, in their order, until none overlap; together they stay where they were.

    Items that touch form a block, which has its middle where its items would be on average.
    """
    blocks: list[tuple[list[_Item], float]] = []  # with the place of the left end
    for item in row:
        members, left = [item], item.x - item.width / 2
        while blocks and blocks[-1][1] + _width(blocks[-1][0]) > left:
            members = [*blocks.pop()[0], *members]
            left = _best_left(members)
        blocks.append((members, left))
    for members, left in blocks:
        ends = accumulate((item.width for item in members), initial=left)
        for item, start in zip(members, ends, strict=False):
            item.x = start + item.width / 2


def _width(members: Iterable[_Item]) -> float:
    return sum(item.width for item in members)


def _best_left(members: Sequence[_Item]) -> float:
    """The left end at which the members are nearest to where they would be."""
    offset, total = 0.0, 0.0
    for item in members:
        total += item.x - item.width / 2 - offset
        offset += item.width
    return total / len(members)
