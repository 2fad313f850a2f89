"""The texts of a drawn chart, and how much room each takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import vl_convert

from jobgraph.plots import Chart
from jobgraph.plots.labels import Box

_MEAN_WIDTH = 0.5  # of a letter of the font, of its size
_ABOVE = {"top": 0.0, "middle": 0.5, "bottom": 1.0, "alphabetic": 0.8, "line-top": 0.0, "line-bottom": 1.0}


@dataclass(frozen=True)
class Text:
    """A line or a block of text and its place on the picture, in px."""

    text: str
    box: Box


def drawn_texts(chart: Chart) -> list[Text]:
    """All texts of a chart, as the drawing engine places them."""
    drawn: Mapping[str, Any] = vl_convert.vegalite_to_scenegraph(chart.to_dict())
    return list(_iter_texts(drawn["scenegraph"], 0.0, 0.0))


def _iter_texts(mark: Mapping[str, Any], left: float, top: float) -> Iterator[Text]:
    for item in mark.get("items", []):
        if mark["marktype"] == "text":
            yield from _to_text(item, left, top)
        else:
            for inner in item.get("items", []):
                yield from _iter_texts(inner, left + item.get("x", 0.0), top + item.get("y", 0.0))


def _to_text(item: Mapping[str, Any], left: float, top: float) -> Iterator[Text]:
    given = item.get("text", "")
    lines = given if isinstance(given, list) else str(given).split("\n")
    if not "".join(map(str, lines)).strip():
        return
    size = item["fontSize"]
    width = max(len(str(line)) for line in lines) * size * _MEAN_WIDTH
    line_height = item.get("lineHeight", size + 2)
    height = size + (len(lines) - 1) * line_height
    start = {"left": 0.0, "center": -width / 2, "right": -width}[item.get("align", "left")]
    # The baseline is that of the first line; empty lines on top take room and show nothing.
    above = -_ABOVE[item.get("baseline", "alphabetic")] * size
    blank = next(number for number, line in enumerate(lines) if str(line).strip()) * line_height
    x, y = left + item.get("x", 0.0) + item.get("dx", 0.0), top + item.get("y", 0.0) + item.get("dy", 0.0)
    box = Box(x + start, y + above + blank, x + start + width, y + above + height)
    if item.get("angle") in (-90, 270):  # upright: along it runs up
        box = Box(x + above, y - start - width, x + above + height, y - start)
    yield Text(" / ".join(str(line) for line in lines if str(line).strip()), box)
