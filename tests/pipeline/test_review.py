"""The work list and the repairs of a small graph in which little is wrong, so that all of it can be written down."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.small_source import MOMENT, Row, small_tables, write_tables

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.pipeline.review import find_repairs, keep_work_list, read_results, read_work_list, review
from jobgraph.settings import Settings
from jobgraph.store import Generation, Home
from jobgraph.store.generations import WORK
from jobgraph.validation import WorkItem, WorkList

FUNCTION: Row = {
    "id": "f1", "tenant_id": "key-of-acme", "name": "Medical Affairs", "slug": "ma",
    "created_at": MOMENT, "updated_at": MOMENT,
}  # fmt: skip


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Tenant acme: its first job belongs to a function, and both of its outcomes have wrong cells."""
    folder, tables = tmp_path_factory.mktemp("review"), small_tables()
    tables["org_functions"] = [FUNCTION]
    for row in tables["jobs_to_be_done"]:
        row |= {"org_function_id": "", "complexity": ""}
    tables["jobs_to_be_done"][0] |= {"org_function_id": "f1", "complexity": " HIGH"}
    tables["jobs_to_be_done"][1]["complexity"] = "fiendish"
    first, second, other = tables["jtbd_outcomes"]
    first |= {"opportunity_score": "11.5", "opportunity_priority": "low"}
    second |= {"opportunity_score": "11.0", "opportunity_priority": "MEDIUM", "satisfaction_score": "5.25"}
    other |= {"opportunity_score": "", "opportunity_priority": ""}
    run_build(Plan(str(write_tables(folder / "source", tables))), Settings(home=folder / "home"))
    current = Home(folder / "home").tenant("acme").current()
    assert current
    return current


@pytest.fixture
def store(generation: Generation) -> Iterator[Store]:
    with generation.open() as opened:
        yield opened


@pytest.fixture
def work_list(generation: Generation, store: Store) -> WorkList:
    return review(store, generation, read_results(generation))


@pytest.fixture
def copy(generation: Generation, tmp_path: Path) -> Generation:
    """The files of the generation but for its store, to change them."""
    path = tmp_path / generation.name
    shutil.copytree(generation.path, path, ignore=shutil.ignore_patterns("oxigraph"))
    return Generation(generation.slug, path)


def item_of(work_list: WorkList, column: str) -> WorkItem:
    return next(item for item in work_list.items if column in item.columns)


def test_gravest_and_most_frequent_come_first(work_list: WorkList) -> None:
    order = [({"violation": 0, "warning": 1, "info": 2}[item.severity], -item.count) for item in work_list.items]
    assert order == sorted(order)
    assert work_list.left_out == 0
    assert sum(item.count for item in work_list.items) == sum(work_list.counts.values())


def test_item_names_shape_rules_column_and_what_to_do(work_list: WorkList) -> None:
    item = item_of(work_list, "jobs_to_be_done.complexity")
    assert (item.severity, item.shape, item.rules, item.count) == (
        "violation", "job to be done shape: complexity", ("Node",), 2,
    )  # fmt: skip
    assert "one of the codes in the list 'complexity'" in item.message


def test_examples_lead_to_their_rows(work_list: WorkList) -> None:
    first, second = item_of(work_list, "jobs_to_be_done.complexity").examples
    assert (first.label, first.table, first.key, first.row, first.value) == (
        "Do a1",
        "jobs_to_be_done",
        "a1",
        1,
        " HIGH",
    )
    assert (second.key, second.row, second.value) == ("a2", 2, "fiendish")
    assert (first.repair, second.repair) == ("high", None)


def test_owner_is_the_nearest_function(work_list: WorkList) -> None:
    stated = item_of(work_list, "jtbd_outcomes.opportunity_score")
    assert "Medical Affairs" in stated.owners


def test_owner_is_the_functional_area_where_no_function_is_linked(work_list: WorkList) -> None:
    (example,) = item_of(work_list, "jtbd_outcomes.satisfaction_score").examples
    assert example.key == "outcome-a2"
    assert item_of(work_list, "jtbd_outcomes.satisfaction_score").owners == ("medical affairs",)


def test_build_keeps_the_work_list(copy: Generation, store: Store, work_list: WorkList) -> None:
    assert read_work_list(store, copy) == work_list
    keep_work_list(work_list.beginning().narrowed(lambda item: item.severity == "info"), copy.path)
    assert {item.severity for item in read_work_list(store, copy).items} == {"info"}


@pytest.mark.parametrize("kept", [None, b"", b"{}", b'{"items": [{}], "counts": {}}', b"\xff"])
def test_work_list_that_is_not_kept_is_made(
    kept: bytes | None, copy: Generation, store: Store, work_list: WorkList
) -> None:
    (copy.path / WORK).unlink()
    if kept is not None:
        (copy.path / WORK).write_bytes(kept)
    assert read_work_list(store, copy) == work_list


def test_repairs_are_only_what_is_certain(generation: Generation, store: Store) -> None:
    found = find_repairs(store, generation, read_results(generation))
    assert [repair[:6] for repair in found] == [
        ("jobs_to_be_done", "a1", "complexity", " HIGH", "high", "code"),
        ("jtbd_outcomes", "outcome-a1", "opportunity_priority", "low", "medium", "computed"),
        ("jtbd_outcomes", "outcome-a1", "opportunity_score", "11.5", "11", "computed"),
        ("jtbd_outcomes", "outcome-a2", "opportunity_priority", "MEDIUM", "medium", "code"),
    ]
    assert all(repair.reason.endswith(".") for repair in found)
