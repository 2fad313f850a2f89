"""The page of inheritance shows the pairs of the analysis, each with its way, its conflict and its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.server.live import NORTHWIND
from tests.server.views.small_tenants import (
    BAD_NAMES,
    EMPTY,
    JOBS_OF_ROLE,
    ODD,
    PERSONAS,
    PLANNED,
    WIDE,
    opened,
    show,
)

from jobgraph.analysis import ANALYSES, EVIDENCE, Choices
from jobgraph.errors import UsageError
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_inheritance_state import COLUMNS, ROWS
from jobgraph.server.workers.jobs import AnswerError

LIAISONS = ("Wren the Curious Liaison", "Augustin the Seasoned Liaison")  # who play the role


@pytest.fixture(scope="module")
def sample(sample_home: Path) -> Iterator[Tenant]:
    with opened(sample_home, NORTHWIND) as tenant:
        yield tenant


@pytest.fixture(scope="module")
def pairs(sample: Tenant) -> pl.DataFrame:
    return ANALYSES["inheritance"].answer(source_of(sample), Choices()).table


def read(tenant: Tenant, arguments: Mapping[str, str] | None = None) -> ReadPage:
    return read_page(show(tenant, "inheritance_page", arguments))


def cells(page: ReadPage) -> list[dict[str, str]]:
    """The cells of the matrix that hold a letter."""
    return [a for a in page.all("a") if a.get("class", "").startswith("way ")]


def ends(cell: dict[str, str], base: str) -> tuple[str, str]:
    """The persona and the job of a cell, by its way to the reason."""
    parts = urlsplit(cell["href"])
    return base + parts.path.removeprefix("/page/"), parse_qs(parts.query)["value"][0].strip("<>")


def test_cells_are_the_pairs_of_the_analysis(sample: Tenant, pairs: pl.DataFrame) -> None:
    shown = {
        ends(cell, sample.names.base): (cell["class"].split()[1], "conflict" in cell["class"])
        for cell in cells(read(sample))
    }
    rows = pairs.select("how", "conflict", EVIDENCE).iter_rows()
    assert shown == {(evidence[0], evidence[1]): (how, conflict) for how, conflict, evidence in rows}


def test_figures_count_the_pairs(sample: Tenant, pairs: pl.DataFrame) -> None:
    text = read(sample).text
    counts = dict(pairs.group_by("how").len().iter_rows())
    for how, count in counts.items():
        assert f"{count} {how}" in text
    assert f"{pairs['conflict'].sum()} conflicts" in text


@pytest.mark.parametrize(
    ("arguments", "condition"),
    [
        pytest.param({"show": "direct"}, pl.col("how") == "direct", id="way"),
        pytest.param({"show": "conflict"}, pl.col("conflict"), id="conflicts"),
        pytest.param({"role": "SCIENCE liaison"}, pl.col("persona").is_in(LIAISONS), id="role"),
        pytest.param({"persona": "wren"}, pl.col("persona") == "Wren the Curious Liaison", id="persona"),
        pytest.param({"function": "Regulatory"}, pl.col("job").str.contains("_RA_"), id="function"),
        pytest.param({"persona": "nobody"}, pl.lit(False), id="none"),
    ],
)
def test_filter_shows_the_rows_that_fit(
    sample: Tenant, pairs: pl.DataFrame, arguments: dict[str, str], condition: pl.Expr
) -> None:
    shown = {ends(cell, sample.names.base) for cell in cells(read(sample, arguments))}
    assert shown == {(evidence[0], evidence[1]) for evidence in pairs.filter(condition)[EVIDENCE]}


def test_label_says_what_differs(sample: Tenant, pairs: pl.DataFrame) -> None:
    labels = [cell["aria-label"] for cell in cells(read(sample, {"show": "conflict"}))]
    rows = pairs.filter("conflict").select("inherited_relevance", "direct_relevance").iter_rows()
    for by_role, directly in rows:
        words = f"relevance {by_role.normalize():f} through the role, relevance {directly.normalize():f} directly"
        why = "the relevances differ" if by_role != directly else "only one of them is primary"
        assert any(words in label and label.endswith(f"conflict: {why}") for label in labels)


def test_reason_of_each_way_can_be_read(sample: Tenant) -> None:
    for way in ("inherited", "direct", "both"):
        (cell, *_) = cells(read(sample, {"show": way}))
        persona, job_iri = ends(cell, sample.names.base)
        asked = parse_qs(urlsplit(cell["href"]).query)
        page = show(sample, "reason_page", {"iri": persona, "property": asked["why"][0], "value": f"<{job_iri}>"})
        assert "Why does this stand?" in page


def test_personas_stand_under_their_role(sample: Tenant) -> None:
    html = show(sample, "inheritance_page")
    personas = {row["name"]: row["role"] for row in source_of(sample).views["personas"].to_dicts()}
    roles = dict(source_of(sample).views["roles"].select("name", "iri").iter_rows())
    for body in re.findall(r"<tbody>(?:(?!</tbody>).)*?rowgroup.*?</tbody>", html, re.DOTALL):
        role, *rest = re.findall(r"<bdi>(.*?)</bdi>", body)
        assert {personas[name] for name in rest if name in personas} == {roles[role]}


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        pytest.param(EMPTY, "There are no personas.", id="no_personas"),
        pytest.param(PLANNED, "No persona does any job.", id="no_jobs"),
    ],
)
def test_what_is_missing_is_said(small_home: Path, slug: str, words: str) -> None:
    with opened(small_home, slug) as tenant:
        page = read(tenant)
    assert words in page.text
    assert "/quality" in page.addresses


def test_large_matrix_comes_in_pages_each_way(small_home: Path) -> None:
    seen: set[tuple[str, str]] = set()
    with opened(small_home, WIDE) as tenant:
        for row in range(1, -(-PERSONAS // ROWS) + 1):
            for column in range(1, -(-JOBS_OF_ROLE // COLUMNS) + 1):
                found = cells(read(tenant, {"page": str(row), "jobs": str(column)}))
                assert len(found) <= ROWS * COLUMNS
                seen |= {ends(cell, tenant.names.base) for cell in found}
        for behind in ({"page": "3"}, {"jobs": "3"}, {"page": "-1"}, {"page": "x"}):
            with pytest.raises(AnswerError):
                read(tenant, behind)
    assert len(seen) == PERSONAS * JOBS_OF_ROLE


def test_ways_to_other_pages_keep_the_filter(small_home: Path) -> None:
    with opened(small_home, WIDE) as tenant:
        page = read(tenant, {"show": "inherited", "page": "2"})
    assert {
        "/inheritance?show=inherited&page=1",
        "/inheritance?show=inherited&page=2&jobs=2",
    } <= set(page.addresses)


def test_hostile_names_are_texts_and_told_apart(small_home: Path) -> None:
    with opened(small_home, ODD) as tenant:
        page = read(tenant)
    assert is_safe(page)
    labels = [cell["aria-label"] for cell in cells(page)]
    assert len(labels) == len(set(labels)) == len(BAD_NAMES) + 1
    assert all(any(name in label for label in labels) for name in BAD_NAMES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"function": "nothing"}, "There is no function 'nothing'", id="function"),
        pytest.param({"show": "other"}, "choose one of inherited, direct, both, conflict", id="way"),
    ],
)
def test_bad_choice_is_a_sentence(sample: Tenant, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        read(sample, arguments)
