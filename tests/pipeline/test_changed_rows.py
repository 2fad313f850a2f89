"""Builds of changes: whatever changed, the homes are what a build of everything makes of the same source."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pipeline.edits import content, edited, read_folder, write_folder
from tests.small_source import Tables, job, outcome, small_tables, tenant, write_tables
from tests.test_pipeline import Stages

from jobgraph.errors import RefusedError, StaleGenerationError, StorageError
from jobgraph.pipeline import BuildReport, Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings
from jobgraph.sources.csv_records import Records
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary
from jobgraph.writing import SparqlUpdate, apply_change

DEFECTS, SAMPLE = resource_path("data", "defects"), resource_path("data", "sample")


def build(source: Path, home: Path, *, changes: bool = True, strict: bool = False) -> BuildReport:
    return run_build(Plan(str(source)), Settings(home=home), changes=changes, strict=strict)


def base_tables() -> Tables:
    """Two tenants, a function that a country is linked to twice, jobs that follow each other, and two shared rows."""
    tables = small_tables()
    moment = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
    tables["countries"] = [{"id": f"c{n}", "name": name, "code": name[:2]} for n, name in enumerate(("Peru", "Fiji"))]
    function = {"id": "f1", "tenant_id": "key-of-acme", "name": "Medical", "slug": "medical", **moment}
    tables["org_functions"] = [function]
    tables["function_countries"] = [
        {"id": key, "function_id": "f1", "country_id": country}
        for key, country in (("x", "c0"), ("y", "c0"), ("z", "c1"))
    ]
    tables["jtbd_dependencies"] = [
        {"id": "d1", "source_jtbd_id": "a1", "dependent_jtbd_id": "a2", "dependency_type": "prerequisite"}
    ]
    return tables


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a build of the small tables, to copy."""
    folder = tmp_path_factory.mktemp("built")
    build(write_tables(folder / "source", base_tables()), folder / "home")
    return folder / "home"


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "home"))


Edit = Callable[[Tables], object]


def row_of(tables: Tables, table: str, key: str) -> dict[str, str]:
    return next(row for row in tables[table] if row["id"] == key)


def delete(table: str, key: str) -> Edit:
    return lambda tables: tables[table].remove(row_of(tables, table, key))


def change(table: str, key: str, **cells: str) -> Edit:
    return lambda tables: row_of(tables, table, key).update(cells)


def insert(table: str, row: dict[str, str]) -> Edit:
    return lambda tables: tables[table].append(row)


def drop_column(tables: Tables) -> None:
    for row in tables["jobs_to_be_done"]:
        del row["status"]


def all_of(*edits: Edit) -> Edit:
    return lambda tables: [edit(tables) for edit in edits]


# Each takes three builds, so what does not meet stands together.
EDITS: dict[str, Edit] = {
    "cells": all_of(
        change("jobs_to_be_done", "a1", name="Do more"),
        change("jobs_to_be_done", "a2", functional_area="none"),
        change("jtbd_outcomes", "outcome-a1", importance_score="9.50", satisfaction_score="1"),
        change("jtbd_outcomes", "outcome-b1", jtbd_id="gone"),
        change("countries", "c1", name="Chile"),
        insert("jtbd_outcomes", outcome("o/é 1", "acme", "a1")),
        lambda tables: tables["jobs_to_be_done"].reverse(),
    ),
    "rows_that_others_link_to_go": all_of(
        delete("jobs_to_be_done", "a1"),
        change("jobs_to_be_done", "b1", deleted_at="2025-02-01T00:00:00Z"),
        delete("countries", "c0"),
    ),
    "rows_that_others_link_to_change_hands": all_of(
        change("jobs_to_be_done", "a2", tenant_id="key-of-bolt"), change("org_functions", "f1", tenant_id="nobody")
    ),
    "keys_that_two_rows_have": all_of(
        insert("jobs_to_be_done", job("a3", "acme", code="A1")),
        insert("jobs_to_be_done", job("a2", "bolt", name="Another")),
        delete("function_countries", "x"),  # y states the same link
        delete("function_countries", "z"),
    ),
    "links_of_which_both_ends_are_broken": all_of(
        change("org_functions", "f1", deleted_at="2025-02-01T00:00:00Z"),
        insert("function_countries", {"id": "v", "function_id": "gone", "country_id": "c0"}),
        insert("function_countries", {"id": "w", "function_id": "f1", "country_id": "gone"}),
    ),
    "columns_and_tables_go": all_of(
        drop_column, lambda tables: tables.pop("jtbd_outcomes"), lambda tables: tables.pop("countries")
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_changes_and_their_undoing_equal_builds_of_everything(
    edit: Edit, home: Path, built: Path, tmp_path: Path
) -> None:
    tables = base_tables()
    edit(tables)
    source = write_tables(tmp_path / "source", tables)
    assert build(source, home).reason == ""
    build(source, tmp_path / "all")
    assert content(home) == content(tmp_path / "all")
    undone = write_tables(tmp_path / "undone", base_tables())
    assert build(undone, home).reason == ""
    assert content(home) == content(built)


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_random_edits_equal_builds_of_everything(defective: Path, tmp_path: Path, seed: int) -> None:
    chance, folder = random.Random(seed), Path(mkdtemp(dir=tmp_path))
    tables = edited(read_folder(DEFECTS), chance, times=chance.randrange(1, 9))
    source = write_folder(folder / "source", tables)
    shutil.copytree(defective, folder / "home")
    build(source, folder / "home")
    build(source, folder / "all")
    expected = content(folder / "all")
    found = content(folder / "home")
    assert {name: found[name] for name in expected} == expected  # a tenant that went keeps its graph


@pytest.fixture(scope="module")
def defective(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("defective")
    build(write_folder(folder / "source", read_folder(DEFECTS)), folder / "home")
    return folder / "home"


@pytest.mark.parametrize("folder", [DEFECTS, SAMPLE], ids=["defects", "sample"])
def test_all_rows_as_changes_are_as_all_rows_at_once(folder: Path, tmp_path: Path) -> None:
    tables = read_folder(folder)
    owners = {name: rows for name, rows in tables.items() if Vocabulary().tables[name].tenancy == "Itself"}
    build(write_folder(tmp_path / "owners", owners), tmp_path / "home")
    source = write_folder(tmp_path / "source", tables)
    assert build(source, tmp_path / "home").reason == ""
    build(source, tmp_path / "all")
    assert content(tmp_path / "home") == content(tmp_path / "all")


def test_only_affected_rows_go_through_the_door(home: Path, tmp_path: Path) -> None:
    tables, checked = base_tables(), []
    for name in ("Do a1", "Do more"):
        change("jobs_to_be_done", "a1", name=name)(tables)
        stages = Stages()
        plan = Plan(str(write_tables(tmp_path / name, tables)))
        run_build(plan, Settings(home=home), changes=True, progress=stages)
        checked.append(stages.counts["check"])
    assert checked[1] == checked[0] + 1 < 8


@pytest.mark.parametrize("name", ["facts.json", "prints", "records.parquet", "owners.parquet", "SHA256SUMS"])
def test_record_with_another_byte_is_not_believed(name: str, home: Path, tmp_path: Path) -> None:
    source, path = write_tables(tmp_path / "source", base_tables()), home / "last_build" / name
    assert run_build(Plan(str(source)), Settings(home=home), changes=True).reason == ""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    report = run_build(Plan(str(source)), Settings(home=home), changes=True)
    assert report.reason == "nothing is known of a build before"
    assert run_build(Plan(str(source)), Settings(home=home), changes=True).reason == ""


def new_tenant(tables: Tables) -> None:
    tables["tenants"].append(tenant("cord"))


@pytest.mark.parametrize(
    ("edit", "options", "reason"),
    [
        pytest.param(new_tenant, {}, "the source has other tenants", id="another_tenant"),
        pytest.param(delete("tenants", "key-of-bolt"), {}, "the source has other tenants", id="a_tenant_less"),
        pytest.param(all_of(), {"include_deleted": True}, "the options are others", id="another_option"),
    ],
)
def test_what_cannot_be_told_from_changes_builds_everything_and_says_so(
    edit: Edit, options: dict[str, bool], reason: str, home: Path, tmp_path: Path
) -> None:
    tables = base_tables()
    edit(tables)
    plan = Plan(str(write_tables(tmp_path / "source", tables)), **options)  # type: ignore[arg-type]
    report = run_build(plan, Settings(home=home), changes=True)
    assert report.reason == reason
    assert any(reason in remark for remark in report.remarks())
    assert run_build(plan, Settings(home=home), changes=True).reason == ""


@pytest.mark.parametrize("spoil", ["written", "rolled_back", "gone"])
def test_base_that_is_not_current_is_refused(spoil: str, home: Path, tmp_path: Path) -> None:
    source = write_tables(tmp_path / "source", base_tables())
    acme = Home(home).tenant("acme")
    if spoil == "written":
        insertion = "INSERT DATA { GRAPH <https://example.org/own> { <urn:a> <urn:b> <urn:c> } }"
        apply_change(acme, SparqlUpdate(insertion), Settings(home=home))
    elif spoil == "rolled_back":
        build(source, home)
        acme.rollback(1)
    else:
        shutil.rmtree(acme.path)
    before = {slug: Home(home).tenant(slug).current() for slug in Home(home).tenants()}
    with pytest.raises(StaleGenerationError, match="build without --changes"):
        build(source, home)
    assert {slug: Home(home).tenant(slug).current() for slug in Home(home).tenants()} == before


def test_build_of_everything_leaves_no_record_of_what_it_replaced(home: Path, tmp_path: Path) -> None:
    source = write_tables(tmp_path / "source", base_tables())
    build(source, home, changes=False)
    assert build(source, home).reason == "nothing is known of a build before"


def test_strict_build_of_changes_publishes_nothing_with_a_flaw(home: Path, tmp_path: Path) -> None:
    tables = base_tables()
    delete("jobs_to_be_done", "a1")(tables)
    before = content(home)
    with pytest.raises(RefusedError):
        build(write_tables(tmp_path / "source", tables), home, strict=True)
    assert content(home) == before


def test_nothing_is_published_before_the_record_is_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("The disk is full.")

    before = content(home)
    monkeypatch.setattr("jobgraph.pipeline.build.write_record", fail)
    with pytest.raises(StorageError):
        build(write_tables(tmp_path / "source", base_tables()), home)
    assert content(home) == before


def test_rows_that_are_unchanged_are_read_only_where_it_matters(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, cells = set(), Records.cells

    def noted(records: Records, numbers: list[int]) -> Iterator[list[str | None] | None]:
        if numbers:
            opened.add(records.path.stem)
        return cells(records, numbers)

    build(write_tables(tmp_path / "source", base_tables()), home)
    monkeypatch.setattr(Records, "cells", noted)
    build(write_tables(tmp_path / "same", base_tables()), home)
    of_flawed_rows = set(opened)
    tables = base_tables()
    delete("countries", "c1")(tables)
    build(write_tables(tmp_path / "changed", tables), home)
    assert "function_countries" not in of_flawed_rows
    assert opened == of_flawed_rows | {"function_countries"} < tables.keys()
