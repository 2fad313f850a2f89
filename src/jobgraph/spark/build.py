"""A build on Spark: quads, quarantine, coverage and validation results of a source, in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pyspark.sql import DataFrame, Row
from pyspark.taskcontext import TaskContext

from jobgraph.contract import Admitted, admit
from jobgraph.contract.coverage import Coverage, measure
from jobgraph.contract.sql import thread_count
from jobgraph.errors import UsageError
from jobgraph.exports.compression import compressed
from jobgraph.mapping.quads import line_queries
from jobgraph.pipeline.last_build import meaning_of
from jobgraph.pipeline.mapped import chosen_tenants, graph_names
from jobgraph.pipeline.mapped_folder import COLUMNS, COVERAGE, QUADS, QUARANTINE, REPORTS, RESULTS, Facts
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.settings import Settings
from jobgraph.sources import open_source
from jobgraph.spark.connection import SparkConnection
from jobgraph.spark.session import spark_session
from jobgraph.spark.source import Reading, SparkSource
from jobgraph.store.durable import storage_errors, sync_tree
from jobgraph.validation import door_results, write_report
from jobgraph.vocabulary import Vocabulary

if TYPE_CHECKING:
    import duckdb

_PARTIAL = ".partial"

QUARANTINE_QUERY = """SELECT coalesce(o.slug, q.tenant) AS tenant, q.table_name AS "table", q.key,
                        q.row_number AS "row", q.column_name AS "column", q.value, q.rule, q.sentence
                 FROM quarantine q LEFT JOIN owners o ON o.tenant_ = q.tenant"""
RESULTS_QUERY = """SELECT DISTINCT coalesce(o.slug, f.tenant) AS tenant, f.table_name AS "table", f.key,
                     f.row_number AS "row", f.column_name AS "column", f.path, f.value, f.component, f.shape,
                     f.severity, f.message
              FROM findings f LEFT JOIN owners o ON o.tenant_ = f.tenant"""
_COVERAGE_COLUMNS = "`table` STRING, read BIGINT, stated BIGINT, quarantined BIGINT, deleted BIGINT, cells BIGINT"
_COLUMN_COLUMNS = "`table` STRING, `column` STRING, state STRING"


@dataclass(frozen=True)
class SparkReport:
    """What a build on Spark wrote: quads and validation results by severity by tenant, entries in quarantine.

    `quads` has those that all tenants share under `jobgraph.mapping.SHARED`.
    """

    quads: Mapping[str, int]
    severities: Mapping[str, Mapping[str, int]]
    quarantined: int
    coverage: Coverage

    def to_json(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return {**asdict(self), "coverage": self.coverage.to_json()}


def run_spark_build(
    plan: Plan,
    out: Path,
    settings: Settings,
    *,
    master: str = "",
    progress: Progress = lambda _stage, _count, _unit="": None,
) -> SparkReport:
    """Read the source, check every row and map it on Spark; write what comes of it to the new folder `out`.

    `out` appears when it is whole. It must be in a folder that all executors see, as must be a source that is one.

    Raises
    ------
    UsageError : `out` is there already, Spark is not installed, or what `map_source` says.
    ClusterError : the cluster cannot be reached or was lost.
    InputError, SourceGoneError, StorageError : as their names say.
    """
    if out.exists():
        raise UsageError(f"{out} is there already; name a new folder, or remove it.")
    log = out.with_name(f"{out.name}.spark.log")
    with (
        work_folder(out.absolute().parent) as work,
        storage_errors(out, known_only=True),
        closing(open_source(plan.location, schema=plan.schema, work_dir=work)) as source,
        spark_session(master, log=log, wait_s=settings.spark_wait_s) as spark,
    ):
        reading = Reading(plan, settings, source.snapshot, work / "source")
        read = SparkSource(source, spark, reading, Vocabulary().table_names)
        done = _Build(SparkConnection(spark, work / "tables"), read, plan, settings, progress).write(work / "out")
        sync_tree(work / "out")
        (work / "out").rename(out)
    return done


class _Build:
    """The steps of `run_spark_build` with what they share."""

    def __init__(
        self, connection: SparkConnection, source: SparkSource, plan: Plan, settings: Settings, progress: Progress
    ) -> None:
        self.connection, self.source, self.plan = connection, source, plan
        self.settings, self.progress = settings, progress
        self.vocabulary = Vocabulary(extensions=plan.codes)

    def write(self, out: Path) -> SparkReport:
        """Write everything to the new folder `out`."""
        progress = self.progress
        progress("check", 0)
        admitted = admit(
            cast("duckdb.DuckDBPyConnection", self.connection),  # which answers all that is asked of it
            self.source,
            self.vocabulary,
            only_tenant=self.plan.only_tenant,
            include_deleted=self.plan.include_deleted,
            progress=lambda _table, rows: progress("check", rows),
        )
        tenants = chosen_tenants(admitted, self.plan)
        progress("map", 0)
        quads = self._write_quads(admitted, tenants, out / QUADS)
        progress("report", 0, "results")
        coverage = measure(admitted, self.source, self.vocabulary)
        self._write_tables(coverage, out)
        severities = {slug: self._write_report(admitted, key, out / REPORTS) for key, slug in tenants.items()}
        progress("report", sum(sum(found.values()) for found in severities.values()), "results")
        quarantined = self.connection.spark.read.parquet(str(out / QUARANTINE)).count()
        self._facts(quads, coverage).write(out)
        return SparkReport(quads, severities, quarantined, coverage)

    def _facts(self, quads: Mapping[str, int], coverage: Coverage) -> Facts:
        base, meaning, location = self.settings.base, meaning_of(self.vocabulary), self.source.location
        return Facts(base, self.plan.include_deleted, meaning, location, quads, coverage.to_json())

    def _write_quads(self, admitted: Admitted, tenants: Mapping[str, str], out: Path) -> dict[str, int]:
        graphs = graph_names(tenants, self.settings.base)
        queries = line_queries(admitted, self.vocabulary, base=self.settings.base, graphs=graphs)
        for slug in graphs:
            (out / f"tenant={slug}").mkdir(parents=True)

        def write_table(table: str) -> Counter[str]:
            rows = admitted.profiles[table].rows
            written = _write_lines(self.connection.frame(queries[table]), table, out) if rows else Counter()
            self.progress("map", rows)
            return written

        with ThreadPoolExecutor(thread_count(admitted.connection)) as pool:
            written = sum(pool.map(write_table, queries), Counter[str]())
        for left in out.glob(f"*/*{_PARTIAL}"):  # of tasks that died
            left.unlink()
        return {slug: written[slug] for slug in graphs}

    def _write_tables(self, coverage: Coverage, out: Path) -> None:
        rows = [astuple(table) for table in coverage.tables]
        columns = [(table, c, state) for table, known in coverage.columns.items() for c, state in known.items()]
        frames = {
            QUARANTINE: self.connection.frame(QUARANTINE_QUERY),
            RESULTS: self.connection.frame(RESULTS_QUERY),
            COVERAGE: self.connection.spark.createDataFrame(rows, _COVERAGE_COLUMNS).coalesce(1),
            COLUMNS: self.connection.spark.createDataFrame(columns, _COLUMN_COLUMNS).coalesce(1),
        }
        for name, frame in frames.items():
            frame.write.parquet(str(out / name))

    def _write_report(self, admitted: Admitted, key: str, out: Path) -> dict[str, int]:
        """Write the validation report of a tenant's rows and of the shared ones."""
        out.mkdir(exist_ok=True)
        results = door_results(admitted, self.vocabulary, tenant=key, base=self.settings.base)
        return write_report(results, out / f"{admitted.tenants[key]}.ttl")


def _write_lines(frame: DataFrame, table: str, out: Path) -> Counter[str]:
    """Write the lines of a table, a file for each tenant and partition; give the number of quads by tenant."""

    def write(number: int, rows: Iterable[Row]) -> Iterator[tuple[str, int]]:
        return _write_partition(rows, out, f"{table}-{number:05}.nq.zst")

    counted: Counter[str] = Counter()
    for slug, count in frame.rdd.mapPartitionsWithIndex(write).collect():
        counted[slug] += count
    return counted


def _write_partition(rows: Iterable[Row], out: Path, name: str) -> Iterator[tuple[str, int]]:
    """Write files that are there when they are whole: a task that is tried again may meet the other one running."""
    context = TaskContext.get()
    attempt = f"{name}.{context.taskAttemptId() if context else 0}{_PARTIAL}"
    counted: Counter[str] = Counter()
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        for lines, slug in rows:
            if slug not in files:
                stream = stack.enter_context((out / f"tenant={slug}" / attempt).open("wb"))
                files[slug] = stack.enter_context(compressed(stream, "zstd"))
            files[slug].write(lines.encode())
            counted[slug] += lines.count("\n")
    for slug in counted:
        folder = out / f"tenant={slug}"
        (folder / attempt).replace(folder / name)
    yield from counted.items()
