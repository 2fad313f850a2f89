"""Every plot of the sample can be read at once, and says what it shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.plots.texts import drawn_texts

from jobgraph.analysis import Source
from jobgraph.errors import StorageError, UsageError
from jobgraph.plots import PLOTS, Subject, draw_plot, style

# Each plot, and the choices that change what has to fit on it.
DRAWN = [
    *(pytest.param(name, {}, id=name) for name in PLOTS),
    pytest.param("landscape", {"scheme_name": "ulwick", "top": 12}, id="landscape with four tiers"),
    pytest.param("ranking", {"by": "function", "scheme_name": "ulwick"}, id="ranking of functions"),
    pytest.param("ranking", {"by": "job", "top": 40}, id="ranking of jobs"),
    pytest.param("dependencies", {"top": 15}, id="few dependencies"),
    pytest.param("gaps", {"top": 30}, id="all gaps"),
    pytest.param("inheritance", {"top": 10}, id="some personas"),
    pytest.param("coverage", {"by": "role"}, id="coverage of roles"),
    pytest.param("coverage", {"by": "tenant"}, id="coverage of all"),
]
PALETTE = {style.BLACK, style.GREY, style.LIGHT, style.ORANGE, style.SKY, style.GREEN, style.YELLOW, style.BLUE}
PALETTE |= {style.VERMILLION, style.PURPLE, "#FBE5D6"}  # and a paler vermillion, under black text


@pytest.mark.parametrize(("name", "choices"), DRAWN)
def test_no_text_covers_another(source: Source, name: str, choices: dict[str, Any]) -> None:
    texts = drawn_texts(draw_plot(name, Subject(source, **choices)).chart)
    assert [(a.text, b.text) for a, b in combinations(texts, 2) if a.box.overlaps(b.box)] == []
    assert len(texts) > 10


@pytest.mark.parametrize("name", PLOTS)
def test_title_is_a_sentence_with_a_figure(source: Source, name: str) -> None:
    spec = draw_plot(name, Subject(source)).chart.to_dict()
    title = " ".join(spec["title"]["text"])
    assert re.search(r"\d", title)
    assert len(title.split()) > 5
    assert spec["title"]["subtitle"]


@pytest.mark.parametrize("name", PLOTS)
def test_colours_are_of_the_palette(source: Source, name: str) -> None:
    text = str(draw_plot(name, Subject(source)).chart.to_dict())
    assert {colour.upper() for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", text)} <= PALETTE


@pytest.mark.parametrize(
    ("name", "choices", "sentence"),
    [
        ("landscpe", {}, "There is no plot 'landscpe'; did you mean landscape"),
        ("xyz", {}, "choose one of landscape, ranking"),
        ("landscape", {"by": "role"}, "does not take by; it takes scheme, top"),
        ("landscape", {"scheme_name": "ulwic"}, "did you mean ulwick"),
        ("ranking", {"by": "rol"}, "cannot be grouped by 'rol'"),
        ("gaps", {"top": 0}, "at least 1 thing, not 0"),
    ],
)
def test_choice_that_does_not_fit_is_refused(source: Source, name: str, choices: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        draw_plot(name, Subject(source, **choices))


def test_picture_is_written_in_each_format(source: Source, tmp_path: Path) -> None:
    plot = draw_plot("coverage", Subject(source))
    for end in ("svg", "png", "html"):
        plot.save(tmp_path / f"plot.{end}")
    assert ET.parse(tmp_path / "plot.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert "of 79 are done" in plot._repr_svg_()


def test_page_needs_no_network(source: Source) -> None:
    page = draw_plot("coverage", Subject(source)).to_html()
    assert re.findall(r"(?:src|href)=.?https?:|(?:import|fetch)\W{0,3}https?:|jsdelivr|unpkg|@import", page) == []
    assert '<meta charset="utf-8"' in page.lower()


def test_other_format_is_refused_before_anything_is_written(source: Source, tmp_path: Path) -> None:
    plot = draw_plot("coverage", Subject(source))
    with pytest.raises(UsageError, match=r"names no format .* \.html, \.png, \.svg"):
        plot.save(tmp_path / "plot.gif")
    with pytest.raises(StorageError, match="No such file"):
        plot.save(tmp_path / "none" / "plot.svg")
    assert list(tmp_path.iterdir()) == []
