"""The page of capability gaps says what the analyses say, also where there is little or bad to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.server.html.reading import is_safe, read_page
from tests.server.live import NORTHWIND
from tests.server.views.small_tenants import (
    BAD_NAMES,
    BARE,
    CAPABILITIES,
    EMPTY,
    FUNCTIONS,
    ODD,
    PLANNED,
    UNMAPPED,
    WIDE,
    opened,
    show,
)

from jobgraph.analysis import ANALYSES, EVIDENCE, Choices, Source
from jobgraph.errors import UsageError
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError

A_LEVEL = {"levels[data-governance]": "expert"}


@pytest.fixture(scope="module")
def sample(sample_home: Path) -> Iterator[Tenant]:
    with opened(sample_home, NORTHWIND) as tenant:
        yield tenant


def heat_map(html: str) -> list[list[str]]:
    """The rows of the map, the headings first."""
    (table,) = (rows for caption, rows in read_page(html).tables.items() if caption.startswith("Sum of gap that goes"))
    return table


def answer(source: Source, name: str, **choices: object) -> list[dict[str, object]]:
    return ANALYSES[name].answer(source, Choices(**choices)).table.to_dicts()  # type: ignore[arg-type]


def test_cells_are_those_of_the_heat_map(sample: Tenant) -> None:
    html = show(sample, "gaps_page")
    source = source_of(sample)
    (_, _, *functions), *rows = heat_map(html)
    expected = {(row["capability"], row["function"]): f"{row['removed']:.2f}" for row in answer(source, "heat-map")}
    shown = {
        (row[0], function): text for row in rows for function, text in zip(functions, row[2:], strict=True) if text
    }
    assert shown == expected
    worth = {row["capability"]: f"{row['removed']:.2f}" for row in answer(source, "closing")}
    assert {row[0]: row[1] for row in rows} == worth


def test_what_if_is_that_of_the_analyses(sample: Tenant) -> None:
    text = read_page(show(sample, "gaps_page", A_LEVEL)).text
    source = source_of(sample)
    levels = {"data-governance": "expert"}
    totals = answer(source, "gap-totals", levels=levels)
    for column in ("before", "after"):
        assert f"{sum((Decimal(str(row[column])) for row in totals), Decimal(0)):.2f}" in text
    assert f"{len(answer(source, 'what-if', levels=levels))} jobs whose gap changes" in text
    assert "With 1 level changed" in text


def test_levels_of_other_pages_are_kept(small_home: Path) -> None:
    with opened(small_home, WIDE) as tenant:
        html = show(
            tenant, "gaps_page", {"levels[w-c7]": "expert", "levels[w-c199]": "expert", "find": "capability 19"}
        )
    page = read_page(html)
    hidden = [field for field in page.all("input") if field.get("type") == "hidden"]
    assert hidden == [{"type": "hidden", "name": "levels[w-c7]", "value": "expert"}]
    names = [select["name"] for select in page.all("select")]
    assert names == ["function", *(f"levels[w-c{n}]" for n in range(190, 200))]


def test_level_that_is_stated_is_no_change(small_home: Path) -> None:
    with opened(small_home, WIDE) as tenant:
        assert "As it is" in read_page(show(tenant, "gaps_page", {"levels[w-c7]": "foundational"})).text


def test_closing_set_is_that_of_the_analysis(sample: Tenant) -> None:
    page = read_page(show(sample, "gaps_page", {"threshold": "0.4"}))
    rows = answer(source_of(sample), "closing-set", threshold=Decimal("0.4"))
    assert f"{len(rows)} capabilities to close, in this order" in page.text
    (everything,) = [a["href"] for a in page.all("a") if a["href"].startswith("/gaps?levels")]
    assert everything.count("thought_leader") == len(rows)


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        pytest.param(EMPTY, "There are no jobs", id="nothing"),
        pytest.param(PLANNED, "No capability is known", id="no_capabilities"),
        pytest.param(UNMAPPED, "No job says which capabilities it needs", id="no_mapping"),
        pytest.param(BARE, "No capability has a level of maturity", id="nothing_assessed"),
    ],
)
def test_what_is_missing_is_said(small_home: Path, slug: str, words: str) -> None:
    with opened(small_home, slug) as tenant:
        page = read_page(show(tenant, "gaps_page"))
    assert words in page.text
    assert page.all("form") or "/quality" in page.addresses


def test_one_cell_that_nobody_assessed(small_home: Path) -> None:
    with opened(small_home, BARE) as tenant:
        html = show(tenant, "gaps_page")
    demand = Decimal("11") / 20
    assert heat_map(html)[1:] == [["Not assessed", f"{demand / 2:.2f}", f"{demand / 2:.2f}"]]
    assert "as it is: not assessed, 0" in html


def test_wide_map_comes_in_pages(small_home: Path) -> None:
    with opened(small_home, WIDE) as tenant:
        seen = [heat_map(show(tenant, "gaps_page", {"page": str(number)}))[1:] for number in range(1, 5)]
        with pytest.raises(AnswerError):
            show(tenant, "gaps_page", {"page": "5"})
    assert [len(rows) for rows in seen] == [50] * 4
    assert len({row[0] for rows in seen for row in rows}) == CAPABILITIES
    assert {len(row) for rows in seen for row in rows} == {2 + FUNCTIONS}


@pytest.mark.parametrize("arguments", [{}, {"levels[odd-c0]": "expert", "function": "odd-twin", "find": BAD_NAMES[0]}])
def test_hostile_names_are_texts(small_home: Path, arguments: dict[str, str]) -> None:
    with opened(small_home, ODD) as tenant:
        html = show(tenant, "gaps_page", arguments)
    assert is_safe(read_page(html))
    assert BAD_NAMES[0] in read_page(html).text


def test_two_of_one_name_are_told_apart(small_home: Path) -> None:
    with opened(small_home, ODD) as tenant:
        page = read_page(show(tenant, "gaps_page"))
    labels = [select["aria-label"] for select in page.all("select") if "aria-label" in select]
    assert len(labels) == len(set(labels)) == len(BAD_NAMES) + 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"levels[nothing]": "expert"}, "There is no capability 'nothing'", id="capability"),
        pytest.param({"levels[data-governance]": "best"}, "There is no level of maturity 'best'", id="level"),
        pytest.param({"function": "nothing"}, "There is no function 'nothing'", id="function"),
        pytest.param({"threshold": "2"}, "a number from 0 to 1", id="threshold"),
    ],
)
def test_bad_choice_is_a_sentence(sample: Tenant, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        show(sample, "gaps_page", arguments)


def test_evidence_of_heat_map_begins_with_capability_and_job(sample: Tenant) -> None:
    """The page reads the function of a cell from its first job."""
    source = source_of(sample)
    jobs, capabilities = (set(source.views[view]["iri"]) for view in ("jobs", "capabilities"))
    table = ANALYSES["heat-map"].answer(source, Choices()).table
    assert all(evidence[0] in capabilities and evidence[1] in jobs for evidence in table[EVIDENCE])
