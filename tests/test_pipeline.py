"""The build as a function: its stages, its report, its work folder, and what an error in the middle leaves behind."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest
from tests.small_source import small_tables, write_tables

from jobgraph.contract.coverage import Coverage
from jobgraph.errors import InputError, StorageError, UsageError
from jobgraph.pipeline import BuildReport, Plan, read_coverage, run_mapping
from jobgraph.pipeline.build import run_build
from jobgraph.pipeline.mapped import Task, map_source
from jobgraph.pipeline.report import Unowned
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.store.durable import exclusive_lock


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(str(write_tables(tmp_path / "source", small_tables())))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def current(settings: Settings) -> dict[str, str | None]:
    tenants = {slug: Home(settings.home).tenant(slug, missing_ok=True).current() for slug in ("acme", "bolt")}
    return {slug: generation.name if generation else None for slug, generation in tenants.items()}


class Stages:
    """Progress that is remembered; it raises an error in the first call that matches `stage` and comes at `after`."""

    def __init__(self, stop_at: str = "", *, after: int = 0) -> None:
        self.counts: dict[str, int] = {}
        self.stop_at, self.left = stop_at, after

    def __call__(self, stage: str, count: int, unit: str = "rows") -> None:
        assert unit
        self.counts[stage] = self.counts.get(stage, 0) + count
        if stage == self.stop_at and not count:
            self.left -= 1
            if self.left < 0:
                raise InputError("Stopped here.")


def test_stages_follow_each_other(plan: Plan, settings: Settings) -> None:
    stages = Stages()
    run_build(plan, settings, progress=stages)
    assert list(stages.counts) == ["check", "map", "ontology", "load", "infer", "validate", "publish"]
    assert (stages.counts["check"], stages.counts["map"], stages.counts["publish"]) == (8, 8, 2)


@pytest.mark.parametrize("stage", ["check", "map", "ontology", "load", "infer", "validate", "publish"])
def test_error_before_the_first_tenant_is_done_publishes_nothing(plan: Plan, settings: Settings, stage: str) -> None:
    with pytest.raises(InputError, match="Stopped here"):
        run_build(plan, settings, progress=Stages(stage))
    assert current(settings) == {"acme": None, "bolt": None}
    assert not list(settings.home.rglob(".*"))


@pytest.mark.parametrize("error", [InputError("Stopped here."), KeyboardInterrupt("Stopped here.")])
def test_error_is_told_while_the_table_engine_writes_the_record(
    plan: Plan, settings: Settings, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    is_asked, write = threading.Event(), Unowned.write

    def write_slowly(connection: duckdb.DuckDBPyConnection, work: Path) -> Unowned:
        is_asked.set()
        connection.execute("SELECT count(*) FROM range(200000000) numbers(n) WHERE n % 7 = 3")
        return write(connection, work)

    def stop(stage: str, count: int, unit: str = "rows") -> None:
        assert count >= 0, unit
        if stage == "load":
            assert is_asked.wait(timeout=60)
            raise error

    monkeypatch.setattr(Unowned, "write", write_slowly)
    with pytest.raises(type(error), match="Stopped here"):
        run_build(plan, settings, progress=stop)
    assert current(settings) == {"acme": None, "bolt": None}


def test_error_in_the_second_tenant_leaves_its_old_state(plan: Plan, settings: Settings) -> None:
    run_build(plan, settings)
    with pytest.raises(InputError):
        run_build(plan, settings, progress=Stages("publish", after=1))
    assert current(settings) == {"acme": "000002", "bolt": "000001"}
    assert not list(settings.home.rglob(".*"))


def test_report_counts_what_was_published(plan: Plan, settings: Settings) -> None:
    report = run_build(plan, settings)
    assert [(tenant.slug, tenant.generation) for tenant in report.tenants] == [("acme", "000001"), ("bolt", "000001")]
    assert report.coverage_totals() == {"read": 8, "stated": 8, "quarantined": 0, "deleted": 0}
    assert read_coverage(settings.home)["tables"] == report.coverage.to_json()["tables"]


def test_manifest_says_where_the_graph_came_from(plan: Plan, settings: Settings) -> None:
    run_build(plan, settings)
    generation = Home(settings.home).tenant("acme").current()
    assert generation
    facts = generation.manifest
    assert (facts["source"], facts["base"]) == (plan.location, settings.base)
    assert facts["rows"] == {"tenants": 1, "jobs_to_be_done": 2, "jtbd_outcomes": 2}


def test_remarks_name_ten_columns_and_count_the_rest() -> None:
    columns = {"jobs": {f"column_{n:02}": "unknown" for n in range(12)}}
    coverage = Coverage((), columns, ("mystery",), (), {})
    remarks = list(BuildReport((), coverage, shared=1, unplaced=2).remarks())
    assert remarks[:2] == [
        "3 entries are in quarantine; see jobgraph quarantine.",
        "Unknown tables, left out: mystery.",
    ]
    assert remarks[2].endswith("jobs.column_09 and 2 more.")


def test_mapping_leaves_quads_alone_in_its_folder(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    files = run_mapping(plan, tmp_path / "quads", settings)
    assert sorted(files.values()) == sorted((tmp_path / "quads").iterdir())


def test_mapping_to_a_file_is_refused(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "quads").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        run_mapping(plan, tmp_path / "quads", settings)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            duckdb.OutOfMemoryException("Out of Memory Error: could not allocate."),
            "Out of Memory Error: could not allocate",
        ),
        (duckdb.IOException('IO Error: {"text": "write: No space left on device"}'), "No space left on device"),
    ],
)
def test_want_of_memory_or_disk_is_a_storage_error(
    plan: Plan, settings: Settings, tmp_path: Path, error: duckdb.Error, reason: str
) -> None:
    with pytest.raises(StorageError) as caught, map_source(Task(plan, tmp_path, settings, Stages())):
        raise error
    assert str(caught.value).startswith(f"{tmp_path}: {reason}. Free disk space, or raise JOBGRAPH_MEMORY_LIMIT_MB.")


def test_work_folder_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), work_folder(tmp_path / "home") as work:
        (work / "quads" / "acme.nq").write_text("", encoding="utf-8")
    assert list((tmp_path / "home").iterdir()) == []


def test_work_folder_of_a_dead_build_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".work.dead.partial"
    left.mkdir()
    with work_folder(tmp_path):
        assert not left.exists()


def test_work_folder_of_a_living_build_stays(tmp_path: Path) -> None:
    with work_folder(tmp_path) as one, work_folder(tmp_path) as other:
        assert one.is_dir()
        assert one != other


def test_work_folder_is_held_by_its_build(tmp_path: Path) -> None:
    with work_folder(tmp_path) as work, pytest.raises(StorageError), exclusive_lock(work, wait=False):
        pytest.fail("two hold it")
