"""The classes of an area as boxes with their links, drawn as SVG that takes its colours from the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from jobgraph.exports.markup import Child, Markup, tag
from jobgraph.exports.ontology_docs.reference import CLASS, LINK, Area, Reference
from jobgraph.layers import draw_layers
from jobgraph.vocabulary import RDFS, SKOS

_BOX, _HEAD, _LINE, _PAD = 208, 26, 16, 8  # px: the width of a box, and heights of its title, a line, and the rest
_BESIDE, _LANE, _BELOW = 24, 14, 58  # px beside a box and a line, and between rows
_LETTERS = 30  # in a line of a box
_LINES = 14  # links that a box names
_A_ROW = 4  # boxes side by side
_SMALLEST = 80  # percent that a diagram is made smaller to where the page is narrow
_MOST_CLASSES = 8  # that a link may start from; one that fits nearly everything is not drawn


@dataclass(frozen=True)
class _Box:
    """A class with the names of the links that start from it; `outside` if another area has it."""

    iri: str
    name: str
    links: Sequence[str]
    is_outside: bool

    @property
    def lines(self) -> list[str]:
        if len(self.links) <= _LINES:
            return list(self.links)
        return [*self.links[: _LINES - 1], f"and {len(self.links) - _LINES + 1} more"]

    @property
    def height(self) -> int:
        return _HEAD + len(self.lines) * _LINE + (_PAD if self.links else 0)


@dataclass(frozen=True)
class _Page:
    """The title of a diagram, where the terms in it are described, and whether it stands on a page of the reference."""

    title: str
    address: Address
    is_own: bool


@dataclass(frozen=True)
class _Plan:
    """The boxes, the row that each stands in, and where rows begin; the last number is where the drawing ends."""

    boxes: Sequence[_Box]
    levels: Mapping[int, int]
    tops: Sequence[int]

    def bottom(self, level: int) -> int:
        """Where a row ends."""
        return self.tops[level + 1] - _BELOW


Address = Callable[[str], str | None]  # of a term by its IRI
Pairs = Mapping[tuple[str, str], Sequence[str]]  # the names of the links from one class to another


def class_diagram(reference: Reference, area: Area, address: Address | None = None) -> Markup | None:
    """The diagram of an area; None where it has no classes.

    Parameters
    ----------
    address : where a term is described, for a page that is none of the reference; its own styles say how small the
        diagram may become.
    """
    own = area.of(CLASS)
    if not own:
        return None
    pairs = _links(reference, area)
    kinds = _kinds(reference, own)
    iris = {*own, *(iri for pair in (*pairs, *kinds) for iri in pair)}
    boxes = [_to_box(reference, iri, pairs, own) for iri in sorted(iris, key=lambda iri: (reference.name(iri), iri))]
    number = {box.iri: index for index, box in enumerate(boxes)}
    joined = sorted({(number[a], number[b]) for a, b in (*pairs, *kinds) if a != b})
    is_kind = {(number[a], number[b]) for a, b in kinds}
    title = f"The classes of {area.title} and the links between them"
    return _drawn(_Page(title, address or reference.address, is_own=address is None), boxes, joined, is_kind)


def _to_box(reference: Reference, iri: str, pairs: Pairs, own: Sequence[str]) -> _Box:
    names = {name for (start, _), found in pairs.items() if start == iri for name in found}
    return _Box(iri, reference.name(iri), sorted(names), iri not in own)


def _links(reference: Reference, area: Area) -> Pairs:
    """The links that start from a class of the area, or that the area defines."""
    own, found = set(area.of(CLASS)), defaultdict(list)
    for iri in (iri for each in reference.areas for iri in each.of(LINK)):
        starts = [term.value for term in reference.values(iri, [f"{RDFS}domain"])]
        ends = [term.value for term in reference.values(iri, [f"{RDFS}range"]) if not term.value.startswith(SKOS)]
        for start in starts if len(starts) <= _MOST_CLASSES else ():
            if start in own or iri in area.of(LINK):
                for end in ends:
                    found[start, end].append(reference.name(iri))
    return found


def _kinds(reference: Reference, own: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of a class of the area and a class that it is a kind of."""
    above = ((iri, term.value) for iri in own for term in reference.values(iri, [f"{RDFS}subClassOf"]))
    return [(iri, term) for iri, term in above if term.startswith(("http://", "https://"))]


def levels_of(count: int, pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The row of each node: below all that lead to it, as far as there are no circles, and at most four in a row.

    >>> levels_of(3, [(0, 1), (1, 2), (2, 0)])
    {0: 0, 1: 1, 2: 2}
    """
    after: dict[int, list[int]] = defaultdict(list)
    for start, end in pairs:
        after[start].append(end)
    order = _depth_first(count, after)
    place = {node: index for index, node in enumerate(order)}
    level = dict.fromkeys(range(count), 0)
    for node in order:
        for end in after[node]:
            if place[end] > place[node]:  # else it closes a circle
                level[end] = max(level[end], level[node] + 1)
    joined = {node for start, ends in after.items() for node in (start, *ends) if ends}
    rows: dict[int, list[int]] = defaultdict(list)
    for node in order:
        rows[level[node] if node in joined else count].append(node)
    result: dict[int, int] = {}
    for number, row in enumerate(part for key in sorted(rows) for part in _parts(rows[key])):
        result |= dict.fromkeys(row, number)
    return dict(sorted(result.items()))


def _depth_first(count: int, after: Mapping[int, Sequence[int]]) -> list[int]:
    """The nodes, each before those that it leads to, but for links that close a circle."""
    has_before = {end for ends in after.values() for end in ends}
    starts = sorted(range(count), key=lambda node: (node in has_before, -len(after.get(node, ())), node))
    seen: set[int] = set()
    done: list[int] = []
    for start in starts:
        waiting = [(start, iter(after.get(start, ())))] if start not in seen else []
        seen.add(start)
        while waiting:
            node, ends = waiting[-1]
            end = next((end for end in ends if end not in seen), None)
            if end is None:
                done.append(node)
                waiting.pop()
            else:
                seen.add(end)
                waiting.append((end, iter(after.get(end, ()))))
    return done[::-1]


def _parts(row: Sequence[int]) -> Iterator[list[int]]:
    """A row in pieces of nearly equal length that fit side by side."""
    pieces = -(-len(row) // _A_ROW)
    left = iter(row)
    for number in range(pieces):
        yield list(islice(left, len(row) // pieces + (number < len(row) % pieces)))


def _drawn(
    page: _Page,
    boxes: Sequence[_Box],
    pairs: Sequence[tuple[int, int]],
    kinds: set[tuple[int, int]],
) -> Markup:
    levels = levels_of(len(boxes), pairs)
    shown = [(a, b) for a, b in pairs if levels[a] != levels[b]]
    downwards = {pair: pair if levels[pair[0]] < levels[pair[1]] else pair[::-1] for pair in shown}
    drawing = draw_layers(levels, sorted(set(downwards.values())), width=_BOX + _BESIDE, line_width=_LANE)
    plan = _Plan(boxes, levels, _tops(boxes, levels))
    lines = []
    for pair in shown:
        places = _places(plan, downwards[pair], drawing.lines[downwards[pair]])
        lines.append(_line(places if pair == downwards[pair] else places[::-1], is_kind=pair in kinds))
    shapes = [_box(page, box, drawing.x[number], plan.tops[levels[number]]) for number, box in enumerate(boxes)]
    right = max([*drawing.x.values(), *(x for corners in drawing.lines.values() for x, _ in corners)])
    return _frame(page, round(right + (_BOX + _BESIDE) / 2), plan.tops[-1] - _BELOW + 2, [lines, shapes])


def _tops(boxes: Sequence[_Box], levels: Mapping[int, int]) -> list[int]:
    heights: dict[int, int] = defaultdict(int)
    for number, box in enumerate(boxes):
        heights[levels[number]] = max(heights[levels[number]], box.height)
    return [*accumulate((heights[level] + _BELOW for level in sorted(heights)), initial=2)]


def _places(plan: _Plan, pair: tuple[int, int], corners: Sequence[tuple[float, int]]) -> list[tuple[int, int]]:
    """The places of a line from its upper box to its lower one; past a row it runs straight down."""
    upper, lower = pair
    start = plan.tops[plan.levels[upper]] + plan.boxes[upper].height
    places = [(round(corners[0][0]), start), (round(corners[0][0]), plan.bottom(plan.levels[upper]))]
    for x, level in corners[1:-1]:
        places += [(round(x), plan.tops[level]), (round(x), plan.bottom(level))]
    return [*places, (round(corners[-1][0]), plan.tops[plan.levels[lower]])]


def _line(places: Sequence[tuple[int, int]], *, is_kind: bool) -> Markup:
    x, y = places[0]
    steps = [f"M{x} {y}"]
    for (x1, y1), (x2, y2) in pairwise(places):
        middle = (y1 + y2) // 2
        steps.append(f"L{x2} {y2}" if x1 == x2 else f"C{x1} {middle} {x2} {middle} {x2} {y2}")
    kind = "kind" if is_kind else "link"
    return tag("path", d="".join(steps), class_=kind, marker_end=f"url(#_{kind}-end)")


def _box(page: _Page, box: _Box, middle: float, top: int) -> Markup:
    left = round(middle - _BOX / 2)
    parts: list[Child] = [
        tag("title", box.name),
        tag("rect", x=left, y=top, width=_BOX, height=box.height, rx=5),
        tag("text", _cut(box.name), x=left + _BOX // 2, y=top + 18, class_="name"),
    ]
    if box.lines:
        parts.append(tag("path", d=f"M{left} {top + _HEAD}h{_BOX}", class_="rule"))
    for number, line in enumerate(box.lines):
        parts.append(tag("text", _cut(line), x=left + 10, y=top + _HEAD + (number + 1) * _LINE))
    address = page.address(box.iri)
    shape = tag("g", parts, class_="outside" if box.is_outside else "class")
    return tag("a", shape, href=address) if address else shape


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1].rstrip()}…"


def _frame(page: _Page, width: int, height: int, content: Child) -> Markup:
    ends = tag(
        "defs",
        *(
            tag(
                "marker",
                tag("path", d="M1 1L9 5L1 9z"),
                id=f"_{kind}-end",
                class_=kind,
                viewBox="0 0 10 10",
                refX=9,
                refY=5,
                markerWidth=9,
                markerHeight=9,
                orient="auto",
            )
            for kind in ("link", "kind")
        ),
    )
    return tag(
        "svg",
        tag("title", page.title, id="_diagram-title"),
        ends,
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        style=f"min-width:{width * _SMALLEST // 100}px" if page.is_own else None,
        role="group",
        aria_labelledby="_diagram-title",
    )
