"""How all plots look: colours that colour-blind people tell apart, one font, a sentence as title."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any, TypeVar

import altair as alt

# Okabe and Ito 2008, Color Universal Design.
BLACK, GREY, LIGHT = "#000000", "#767676", "#DDDDDD"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
RANKED = (VERMILLION, ORANGE, SKY, BLUE, GREEN, PURPLE)  # for ordered kinds, the most pressing first

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # three fonts of the same widths
TEXT_SIZE = 12  # px
_WIDEST = 0.61  # of the font's size, the mean width of a letter in a wide text
_TITLE_SIZE, _SUBTITLE_SIZE = 18, 12

AnyChart = TypeVar("AnyChart", alt.LayerChart, alt.HConcatChart)


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """The width of a text in px, rather too much than too little."""
    return len(text) * size * _WIDEST


def shortened(text: str, length: int) -> str:
    """The text in at most `length` letters, cut at a word.

    >>> shortened("Minimize the time to assemble data", 20)
    'Minimize the time…'
    """
    return textwrap.shorten(text, length, placeholder="…") if " " in text else text[:length]


def layered(*charts: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    """The charts over each other, the last on top."""
    return alt.LayerChart(layer=list(charts))


def titled(chart: AnyChart, sentence: str, notes: Iterable[str], *, width: int) -> AnyChart:
    """The chart with its finding as title and what one must know below it, in the one style.

    Parameters
    ----------
    width : px that the title may take before it goes on in another line.
    """
    title = alt.TitleParams(
        text=textwrap.wrap(sentence, int(width / (_TITLE_SIZE * _WIDEST * 0.9))),
        subtitle=[
            line
            for note in notes
            for line in textwrap.wrap(note, int(width / (_SUBTITLE_SIZE * 0.52)), break_on_hyphens=False)
        ],
        anchor="start",
        fontSize=_TITLE_SIZE,
        subtitleFontSize=_SUBTITLE_SIZE,
        subtitleColor=GREY,
        subtitlePadding=6,
        offset=16,
    )
    sizes: dict[str, Any] = {"labelFontSize": TEXT_SIZE, "titleFontSize": TEXT_SIZE, "titleFontWeight": "normal"}
    lines = {"domainColor": GREY, "gridColor": LIGHT, "tickColor": GREY}
    config = {"font": FONT, "view": {"stroke": None}, "axis": {**sizes, **lines}, "legend": sizes}
    return chart.properties(title=title, padding=16, background="white", config=config)
