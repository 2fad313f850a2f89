"""Rules and checks are written in one style, so that they read alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobgraph.resources import resource_path

QUERIES = [path for folder in ("checks", "rules") for path in sorted(resource_path("ontology", folder).glob("*.rq"))]
each_query = pytest.mark.parametrize(
    "path", [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in QUERIES]
)


@each_query
def test_first_line_says_it_in_words(path: Path) -> None:
    assert re.match(r"# [A-Z][^\n]+[.?]\n", path.read_text())


@each_query
def test_prefixes_are_sorted_and_used(path: Path) -> None:
    text = path.read_text()
    prefixes = re.findall(r"^PREFIX (\w+): <\S+>$", text, re.MULTILINE)
    body = re.sub(r"^(PREFIX|#).*$|<[^>]*>", "", text, flags=re.MULTILINE)
    assert prefixes == sorted(prefixes)
    assert [prefix for prefix in prefixes if not re.search(rf"\b{prefix}:", body)] == []


@each_query
def test_each_line_has_one_triple_at_most(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [line for line in lines if len(re.findall(r" \.(?= |$)", line)) > 1] == []


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in QUERIES if path.parent.name == "checks"])
def test_findings_of_a_check_have_an_order(path: Path) -> None:
    assert re.search(r"^ORDER BY \?term( \?problem)?$", path.read_text(), re.MULTILINE)
