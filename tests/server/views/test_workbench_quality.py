"""The page on quality and the overview show what the REST interface and the work list say of a source with defects."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.small_source import small_tables, write_tables

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.pipeline.review import read_results, read_work_list, review
from jobgraph.resources import resource_path
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.catalog import VIEWS
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.settings import Settings
from jobgraph.store import Generation, Home
from jobgraph.store.generations import WORK
from jobgraph.validation import Guide, WorkItem, WorkList, read_all_shapes, severity_word, validate_graph


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source with defects, and after it one without for two other tenants."""
    folder = tmp_path_factory.mktemp("quality")
    run_build(Plan(str(resource_path("data", "defects"))), Settings(home=folder / "home"))
    tables = small_tables()
    run_build(Plan(str(write_tables(folder / "small", tables))), Settings(home=folder / "home"))
    tables["jtbd_outcomes"].pop()
    run_build(Plan(str(write_tables(folder / "fewer", tables))), Settings(home=folder / "home"))
    return folder / "home"


@pytest.fixture(scope="module")
def alpha(home: Path) -> Iterator[Tenant]:
    yield from _open(home, "alpha")


@pytest.fixture(scope="module")
def bolt(home: Path) -> Iterator[Tenant]:
    yield from _open(home, "bolt")


@pytest.fixture(scope="module")
def listed(alpha: Tenant) -> WorkList:
    return review(alpha.store, alpha.generation, read_results(alpha.generation))


def _open(home: Path, slug: str) -> Iterator[Tenant]:
    generation = Home(home).tenant(slug).current()
    assert generation
    with generation.open() as store:
        yield Tenant(store, generation, generation.names)


def body(tenant: Tenant, view: str, media_type: str, **arguments: str) -> bytes:
    parts = VIEWS[view](tenant, arguments, media_type)
    return b"".join(parts.parts if isinstance(parts, Linked) else parts)


def shown(tenant: Tenant, view: str, **arguments: str) -> ReadPage:
    page = read_page(body(tenant, view, "text/html", **arguments))
    assert is_safe(page)
    return page


def api(tenant: Tenant, view: str, **arguments: str) -> Any:
    return json.loads(body(tenant, view, "application/json", limit="1000", **arguments))


def results_of(page: ReadPage) -> int:
    """The results of all items that a page shows."""
    badges = " ".join(page.texts.get("span", []))
    return sum(int(number.replace(",", "")) for number in re.findall(r"([\d,]+) results?\b", badges))


def test_work_list_has_all_results_or_says_how_many_not(alpha: Tenant) -> None:
    counts = api(alpha, "validation")["counts"]
    for severity, count in counts.items():
        page = shown(alpha, "quality_page", severity=severity.lower())
        assert f"({count:,})" in page.text
        assert (results_of(page) < count) == ("more kinds of results are not shown" in page.text)
    assert results_of(shown(alpha, "quality_page", severity="info")) == counts["Info"] > 0


def test_work_list_can_be_narrowed_and_grouped(alpha: Tenant, listed: WorkList) -> None:
    shape, count = Counter(row["shape"] for row in api(alpha, "validation")["rows"]).most_common(1)[0]
    assert results_of(shown(alpha, "quality_page", shape=shape)) == count
    owner = next(item.owners[0] for item in listed.items if item.owners)
    of_owner = sum(item.count for item in listed.items if owner in item.owners)
    assert results_of(shown(alpha, "quality_page", owner=owner)) == of_owner
    headings = shown(alpha, "quality_page", by="owner").texts["bdi"]
    assert {owner for item in listed.items for owner in item.owners} <= set(headings)
    assert "Nothing fits" in shown(alpha, "quality_page", shape="noSuchShape").text


def test_examples_say_the_row_and_the_certain_repair(alpha: Tenant, listed: WorkList) -> None:
    page = shown(alpha, "quality_page")
    rows = [row for caption, table in page.tables.items() if caption.startswith("Examples") for row in table[1:]]
    for example in (each for item in listed.beginning().items for each in item.examples):
        source = f"{example.table} {example.key}" + (f", row {example.row:,}" if example.row else "")
        fitting = [row for row in rows if row[1].replace("\N{REPLACEMENT CHARACTER}", "") == source]
        assert (example.repair or "none") in {row[3] for row in fitting}, example


def test_work_list_of_a_build_is_that_of_the_graph(alpha: Tenant, listed: WorkList) -> None:
    """But for what the values are spelled like: the graph has no zeros at the end of a number."""
    shapes = read_all_shapes(vocabulary())
    found = validate_graph(alpha.store, alpha.names, shapes).results
    of_graph = review(alpha.store, alpha.generation, found, guide=Guide.of(vocabulary()), vocabulary=vocabulary())
    kept = read_work_list(alpha.store, alpha.generation)
    assert kept == listed
    assert [_without_values(item) for item in kept.items] == [_without_values(item) for item in of_graph.items]


def _without_values(item: WorkItem) -> WorkItem:
    return replace(item, examples=tuple(replace(example, value="") for example in item.examples))


def test_page_is_the_same_where_no_work_list_was_kept(alpha: Tenant, tmp_path: Path) -> None:
    older = tmp_path.joinpath(*alpha.generation.path.parts[-4:])
    shutil.copytree(alpha.generation.path, older, ignore=shutil.ignore_patterns("oxigraph", WORK))
    tenant = replace(alpha, generation=Generation(alpha.generation.slug, older))
    for choice in ({}, {"severity": "warning", "by": "owner"}):
        assert body(tenant, "quality_page", "text/html", **choice) == body(alpha, "quality_page", "text/html", **choice)


def test_quarantine_and_coverage_are_those_of_the_api(alpha: Tenant) -> None:
    page, entries = shown(alpha, "quality_page"), api(alpha, "quarantine")["rows"]
    kinds = Counter((entry["table"], entry["rule"]) for entry in entries)
    rows = page.tables["Entries in quarantine by table and rule"][1:]
    assert {(row[0], row[1]): int(row[2]) for row in rows} == kinds
    covered = {row["table"]: row for row in api(alpha, "coverage")["rows"]}
    tables = [row for caption, table in page.tables.items() if " rows of alpha" in caption for row in table[1:]]
    assert {row[0] for row in tables} == set(covered)
    names = ("columns", "stated", "quarantinedRows", "quarantinedEntries")
    for name, _, _, *numbers in tables:
        assert [int(each.replace(",", "")) for each in numbers] == [covered[name][each] for each in names]


def test_columns_of_a_table_are_those_of_the_api(alpha: Tenant) -> None:
    (table,) = shown(alpha, "quality_page", table="jtbd_roles").tables.values()
    rows = api(alpha, "coverage_of_table", **{":name": "jtbd_roles"})["rows"]
    assert [row[:2] for row in table[1:]] == [[row["column"], row["state"]] for row in rows]
    with pytest.raises(AnswerError, match="no_such_table"):
        shown(alpha, "quality_page", table="no_such_table")


def test_what_is_good_is_said(bolt: Tenant) -> None:
    assert "Nothing is in quarantine." in shown(bolt, "quality_page").text


def test_overview_has_the_figures_of_the_api(alpha: Tenant) -> None:
    text = " ".join(shown(alpha, "home_page").text.split())
    counts = Counter(severity_word(result.severity) for result in read_results(alpha.generation))
    unscored = api(alpha, "analysis", **{":name": "unscored"})["total"]
    for figure in (
        f"{counts['violation']} violation",
        f"{counts['warning']} warning",
        f"{api(alpha, 'quarantine')['total']} entries in quarantine",
        f"{unscored} of ",
    ):
        assert figure in text


def test_overview_shows_the_progress_of_the_api(alpha: Tenant) -> None:
    (table,) = (rows for caption, rows in shown(alpha, "home_page").tables.items() if caption.startswith("Roles, p"))
    for by, rows in (("tenant", table[1:2]), ("function", table[2:])):
        answer = api(alpha, "analysis", **{":name": "progress", "by": by})["rows"]
        cells = [f"{row['done']:,} of {row['of']:,}" if row["of"] else "none" for row in answer]
        assert [cell for row in rows for cell in row[1:]] == cells


def test_overview_says_what_changed(bolt: Tenant) -> None:
    page, changes = shown(bolt, "home_page"), api(bolt, "changes")
    assert changes["since"] == "000001"
    assert changes["deleted"] == sum(row["deleted"] for row in changes["rows"]) > 0
    assert f"{changes['added']:,} statements were added and {changes['deleted']:,} removed." in page.text
    table = page.tables["Generation 000001 and generation 000002"]
    assert ["outcome", "1", "0", "-1"] in table
    assert [row for row in table if row[0] == "Entries in quarantine"] == [["Entries in quarantine", "0", "0", "same"]]


def test_first_generation_changed_nothing(alpha: Tenant) -> None:
    assert "It is the first one." in shown(alpha, "home_page").text
    found = api(alpha, "changes")
    assert (found["since"], found["rows"]) == (None, [])
