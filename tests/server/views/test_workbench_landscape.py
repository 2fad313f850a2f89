"""The landscape shows what the analyses say of what is chosen, also where there is little or bad to say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.server.live import NORTHWIND
from tests.server.views.small_tenants import BAD_NAMES, BARE, EMPTY, ODD, PLANNED, opened, show

from jobgraph.analysis import ANALYSES, Choices
from jobgraph.errors import UsageError
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant

ROLE = "medical-science-liaison"
CHOICES: list[Mapping[str, str]] = [
    {},
    {"scheme": "ulwick"},
    {"role": ROLE, "outcome_type": "speed"},
    {"persona": "seasoned-liaison", "scheme": "ulwick"},
    {"department": "evidence-generation", "function": ""},
]
PARTS: list[Mapping[str, str]] = [{}, {"importance_from": "8.5", "satisfaction_to": "4"}]


@pytest.fixture(scope="module")
def sample(sample_home: Path) -> Iterator[Tenant]:
    with opened(sample_home, NORTHWIND) as tenant:
        yield tenant


def answer(tenant: Tenant, name: str, values: Mapping[str, str]) -> pl.DataFrame:
    numbers = {key: Decimal(text) if key.endswith(("_from", "_to")) else text for key, text in values.items() if text}
    return ANALYSES[name].answer(source_of(tenant), Choices(**numbers)).table  # type: ignore[arg-type]


def page_of(tenant: Tenant, values: Mapping[str, str]) -> ReadPage:
    return read_page(show(tenant, "landscape_page", values))


def data_of(tenant: Tenant, values: Mapping[str, str]) -> dict[str, list[str]]:
    """The places that the script draws, by column."""
    found = re.search(r'id="data">(.*?)</script>', show(tenant, "landscape_page", values))
    assert found is not None
    return {name: text.split(" ") for name, text in json.loads(found[1])["places"].items()}


def listed(page: ReadPage) -> list[tuple[str, str, str, str]]:
    """Rank, opportunity, importance and satisfaction of the rows of the list."""
    (rows,) = [rows for caption, rows in page.tables.items() if caption.endswith("by opportunity")]
    return [(re.split(r"[ t]", row[0])[0], re.match(r"[\d.]+", row[1])[0], *row[3:]) for row in rows[1:]]  # type: ignore[index,misc]


def expected(table: pl.DataFrame) -> list[tuple[str, str, str, str]]:
    columns = table.select("rank", "opportunity", "importance", "satisfaction").cast(pl.Float64).rows()
    return [tuple(f"{value:g}" for value in row) for row in columns]  # type: ignore[misc]


@pytest.mark.parametrize("values", CHOICES, ids=str)
@pytest.mark.parametrize("part", PARTS, ids=["all", "part"])
def test_list_is_the_answer_of_the_analysis(sample: Tenant, values: Mapping[str, str], part: Mapping[str, str]) -> None:
    table = answer(sample, "opportunities", {**values, **part})
    shown: list[tuple[str, str, str, str]] = []
    for number in range(-(-table.height // 25)):
        shown += listed(page_of(sample, {**values, **part, "page": str(number + 1)}))
    assert shown == expected(table) != []
    alone = page_of(sample, {**values, **part, "part": "ranked"})
    assert listed(alone) == expected(table.head(25))
    assert alone.all("svg") == []


@pytest.mark.parametrize("values", CHOICES, ids=str)
def test_tiers_and_unscored_are_those_of_the_analyses(sample: Tenant, values: Mapping[str, str]) -> None:
    page = page_of(sample, values)
    (tiers,) = [rows for caption, rows in page.tables.items() if caption.startswith("Tiers")]
    scheme = values.get("scheme", "requirements")
    counts = answer(sample, "distribution", {**values, "scheme": scheme})
    assert [(row[0], row[2]) for row in tiers[1:]] == [
        (tier, str(count)) for tier, count in counts.select("tier", "outcomes").rows()
    ]
    chosen = {name: text for name, text in values.items() if name != "scheme"}
    missing = answer(sample, "unscored", chosen).height
    assert (f"{missing} outcome{'' if missing == 1 else 's'} without a score" in page.text) == (missing > 0)


@pytest.mark.parametrize("values", CHOICES, ids=str)
def test_script_draws_the_places_of_the_analysis(sample: Tenant, values: Mapping[str, str]) -> None:
    data, table = data_of(sample, values), answer(sample, "landscape", values)
    for name in ("importance", "satisfaction", "opportunity", "relevance", "outcomes", "evidenced", "worst_rank"):
        assert [float(text) for text in data[name]] == table[name].cast(pl.Float64).to_list()
    tiers = list(dict.fromkeys(table["tier"]))
    assert sorted(set(data["tier"])) == [str(place) for place in range(len(tiers))]
    circles = page_of(sample, values).all("circle")
    assert len(circles) == table.height


def test_choice_that_is_named_otherwise_is_marked(sample: Tenant) -> None:
    html = show(sample, "landscape_page", {"role": ROLE})
    role = source_of(sample).views["roles"].filter(pl.col("code") == ROLE)["iri"][0]
    assert f'<option value="{role.removeprefix(sample.names.base)}" selected="">' in html


@pytest.mark.parametrize("slug", [EMPTY, PLANNED])
def test_tenant_without_outcomes_says_so(small_home: Path, slug: str) -> None:
    with opened(small_home, slug) as tenant:
        page = page_of(tenant, {})
    assert "This graph has no outcomes" in page.text
    assert page.all("svg") == page.all("circle") == []
    assert not [each for each in page.all("script") if "landscape" in each.get("src", "")]


def test_one_outcome_is_one_point(small_home: Path) -> None:
    with opened(small_home, BARE) as tenant:
        page = page_of(tenant, {})
    assert len(page.all("circle")) == 1
    assert listed(page) == [("1", "11", "8", "5")]
    assert "0 of 1 scored outcomes are high opportunities (0 %)" in page.text


def test_choice_without_outcomes_says_so(sample: Tenant) -> None:
    views = source_of(sample).views
    pairs = views["outcomes"].select("job", "type").unique()
    lacking = views["jobs"].join(pairs.filter(pl.col("type") == "cost"), left_on="iri", right_on="job", how="anti")
    page = page_of(sample, {"job": str(lacking["code"].sort()[0]), "outcome_type": "cost"})
    assert "None of the 0 outcomes that are chosen has both scores" in page.text
    assert "/landscape" in page.addresses
    assert page.all("circle") == []


def test_part_without_outcomes_says_so(sample: Tenant) -> None:
    page = page_of(sample, {"importance_to": "1"})
    assert "No outcome has such scores" in page.text
    assert len(page.all("circle")) > 100


def test_bad_names_are_texts_and_those_of_one_name_are_told_apart(small_home: Path) -> None:
    with opened(small_home, ODD) as tenant:
        html = show(tenant, "landscape_page", {})
    page = read_page(html)
    assert is_safe(page)
    for select in re.findall(r"<select.*?</select>", html, re.DOTALL):
        options = re.findall(r"<option[^>]*>(.*?)</option>", select, re.DOTALL)
        assert len(options) == len(set(options))
    assert all(" ".join(name.split()) in " ".join(page.text.split()) for name in BAD_NAMES if len(name) < 90)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"part": "chart"}, "no part 'chart'", id="part"),
        pytest.param({"colour": "red"}, "no parameter 'colour'", id="field"),
        pytest.param({"page": "8"}, "no page 8; the last is 7", id="page"),
        pytest.param({"scheme": "ulwik"}, "requirements, ulwick", id="scheme"),
        pytest.param({"role": "medical-science-liason"}, f"did you mean {ROLE}", id="role"),
        pytest.param({"importance_from": "11"}, "from 0 to 10", id="too_high"),
        pytest.param({"importance_from": "6", "importance_to": "5"}, "that ascend", id="order"),
    ],
)
def test_value_that_does_not_fit_is_refused(sample: Tenant, values: Mapping[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        show(sample, "landscape_page", values)
