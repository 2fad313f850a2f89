from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exports.ontology_docs.conftest import Page

from jobgraph.exports.ontology_docs.diagram import class_diagram, levels_of
from jobgraph.exports.ontology_docs.reference import CLASS, LINK, Reference
from jobgraph.vocabulary import RDFS

_BOX = re.compile(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx="5">')
_LINE = re.compile(r'<path d="M(\d+) (\d+)[^"]* (\d+) (\d+)" class="(?:link|kind)"')
pairs = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] != pair[1]), max_size=40)


@given(pairs)
def test_every_node_has_a_row_and_no_row_is_too_long(found: list[tuple[int, int]]) -> None:
    levels = levels_of(12, found)
    assert sorted(levels) == list(range(12))
    assert max(Counter(levels.values()).values()) <= 4
    assert set(levels.values()) == set(range(max(levels.values()) + 1))


@given(pairs)
def test_links_without_circles_lead_down(found: list[tuple[int, int]]) -> None:
    downwards = [(min(pair), max(pair)) for pair in found]
    levels = levels_of(12, downwards)
    assert all(levels[a] < levels[b] for a, b in downwards)


def drawn_areas(reference: Reference) -> list[str]:
    return [area.page for area in reference.areas if area.of(CLASS)]


def test_every_area_with_classes_has_a_diagram(pages: Mapping[str, Page], reference: Reference) -> None:
    assert len(drawn_areas(reference)) > 15
    assert sorted(name for name, page in pages.items() if "<svg" in page.html) == sorted(drawn_areas(reference))


def test_boxes_do_not_overlap_and_lines_join_them(pages: Mapping[str, Page], reference: Reference) -> None:
    for name in drawn_areas(reference):
        boxes = [tuple(map(int, found)) for found in _BOX.findall(pages[name].html)]
        for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
            assert x1 + w1 < x2 or x2 + w2 < x1 or y1 + h1 < y2 or y2 + h2 < y1, name
        edges = {(x + w // 2, end) for x, y, w, h in boxes for end in (y, y + h)}
        for line in _LINE.findall(pages[name].html):
            x1, y1, x2, y2 = map(int, line)
            for x, y in ((x1, y1), (x2, y2)):
                assert any(abs(x - middle) <= 1 and y == end for middle, end in edges), (name, line)


@pytest.mark.parametrize("area", ["job", "organization", "workflow"])
def test_classes_of_the_area_and_their_links_are_shown(reference: Reference, area: str) -> None:
    found = next(each for each in reference.areas if each.page == f"{area}.html")
    picture = class_diagram(reference, found)
    assert picture is not None
    for iri in found.of(CLASS):
        assert f'href="{reference.address(iri)}"' in picture
    own = set(found.of(CLASS))
    for iri in found.of(LINK):
        starts = {term.value for term in reference.values(iri, [f"{RDFS}domain"])}
        ends = {term.value for term in reference.values(iri, [f"{RDFS}range"])}
        if starts & own and ends & own and len(starts) == 1 and starts != ends and area != "job":
            assert reference.name(iri)[:20] in picture, iri
