"""A source after the door: its rows checked and written as N-Quads, one file per tenant."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import duckdb

from jobgraph.contract import Admitted, admit
from jobgraph.contract.changed_tables import Before
from jobgraph.contract.changes import admit_changes
from jobgraph.contract.coverage import Coverage, measure, measure_records
from jobgraph.contract.prints import is_of_loaded
from jobgraph.contract.record import owners_of, record_all
from jobgraph.contract.sql import text
from jobgraph.errors import InputError, StorageError, UsageError
from jobgraph.mapping import SHARED, write_quads
from jobgraph.mapping.few_quads import FewQuads
from jobgraph.pipeline.last_build import LastBuild, load_prints, load_record, place_of
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.settings import Settings
from jobgraph.sources import Source, open_source
from jobgraph.sources.csv_records import NONE, Prints
from jobgraph.sources.tables import first_line
from jobgraph.store import GraphNames
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import Vocabulary


@dataclass(frozen=True)
class Task:
    """A plan to carry out in the folder `work`; `connect` gives the table engine, where the caller has started one."""

    plan: Plan
    work: Path
    settings: Settings
    progress: Progress
    connect: Callable[[], duckdb.DuckDBPyConnection] | None = None


@dataclass(frozen=True)
class Mapped:
    """What was read: the rows, the quarantine and the findings in `admitted`, and the N-Quads of every tenant.

    `tenants` are the short names of the tenants to build, by their keys; `files` has the shared rows under `SHARED`.
    `location` is where the rows were, without a password. `count` tells what became of them, while they are there.
    With `is_change`, only the rows that a change affects went through the door; the record of the door has all.
    `fingerprints` tell what the tables held before they were loaded, where that is kept; `prints` is what a record says
    of that, and `owners` the SQL of what it says of the tenants.
    """

    vocabulary: Vocabulary
    admitted: Admitted
    location: str
    tenants: Mapping[str, str]
    files: Mapping[str, Path]
    count: Callable[[], Coverage]
    is_change: bool = False
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    prints: Mapping[str, Prints] = field(default_factory=dict)
    owners: str = ""

    @cached_property
    def coverage(self) -> Coverage:
        """What became of every row and column.

        But for changes, the rows must not be released yet when it is first asked for.
        """
        return self.count()


@contextmanager
def map_source(task: Task, *, vocabulary: Vocabulary | None = None, is_recorded: bool = False) -> Iterator[Mapped]:
    """Open the source, let its rows through the door and write their N-Quads below the folder.

    The table engine stays open inside the block, with rows, quarantine and findings.

    Parameters
    ----------
    vocabulary : that of the plan, where the caller has read it.

    Raises
    ------
    UsageError : there is no such tenant, or it must be named.
    InputError, SourceGoneError : the source cannot be read, or not any longer.
    StorageError : the disk is full, or the memory is not enough.
    """
    plan, settings, progress = task.plan, task.settings, task.progress
    with _opened(task) as (connection, source):
        vocabulary = vocabulary or Vocabulary(extensions=plan.codes)
        fingerprints = _fingerprints(source, source.tables) if is_recorded else {}
        progress("check", 0)
        admitted = admit(
            connection,
            source,
            vocabulary,
            only_tenant=plan.only_tenant,
            include_deleted=plan.include_deleted,
            progress=lambda _table, rows: progress("check", rows),
        )
        prints = record_all(admitted, source, vocabulary) if is_recorded else {}
        tenants = chosen_tenants(admitted, plan)
        progress("map", 0)
        files = write_quads(
            admitted,
            vocabulary,
            task.work / "quads",
            base=settings.base,
            graphs=graph_names(tenants, settings.base),
            progress=lambda _table, rows: progress("map", rows),
        )
        source.close()  # a database need not keep its snapshot any longer
        count, owners = partial(measure, admitted, source, vocabulary), owners_of(source, vocabulary)
        mapped = Mapped(vocabulary, admitted, source.location, tenants, files, count)
        yield replace(mapped, fingerprints=fingerprints, prints=prints, owners=owners)


@contextmanager
def map_changes(task: Task, last: LastBuild, vocabulary: Vocabulary) -> Iterator[Mapped | None]:
    """The same for the rows that a change since the last build affects; None if the tenants are others now.

    The engine has the records of old rows as well, and those of all rows for the next build.

    Raises
    ------
    UsageError, InputError, SourceGoneError, StorageError : as for `map_source`.
    """
    plan, settings, progress = task.plan, task.settings, task.progress
    with _opened(task) as (connection, source):
        before = load_prints(settings.home)
        loaded = [table for table, names in source.tables.items() if is_of_loaded(before.get(table, NONE).rows, names)]
        fingerprints = _fingerprints(source, loaded)
        is_trusted = plan.trust_updated and last.source == place_of(source.location, plan)
        overlap_s = settings.changes_overlap_s if is_trusted else None
        load_record(connection, settings.home, overlap_s=overlap_s)
        progress("check", 0)
        found = admit_changes(
            connection,
            source,
            vocabulary,
            Before(before, last.unchanged(fingerprints)),
            only_tenant=plan.only_tenant,
            include_deleted=plan.include_deleted,
        )
        source.close()
        if found is None:
            yield None
            return
        progress("check", len(found.rows))
        tenants = chosen_tenants(found.admitted, plan)
        progress("map", 0)
        quads, graphs = FewQuads(vocabulary, found.verdicts, settings.base), graph_names(tenants, settings.base)
        files = quads.write(found.rows, task.work / "quads", tenants=found.admitted.tenants, graphs=graphs)
        progress("map", len(found.rows))
        apart = replace(found.admitted, connection=connection.cursor())  # it is counted in another thread
        count = partial(measure_records, apart, source, vocabulary)
        mapped = Mapped(vocabulary, found.admitted, source.location, tenants, files, count, is_change=True)
        owners = owners_of(source, vocabulary)
        yield replace(mapped, fingerprints=fingerprints, prints=found.prints, owners=owners)


@contextmanager
def _opened(task: Task) -> Iterator[tuple[duckdb.DuckDBPyConnection, Source]]:
    plan, work = task.plan, task.work
    with ThreadPoolExecutor(1) as aside, storage_errors(work, known_only=True):
        connect = task.connect or aside.submit(duckdb.connect).result  # 30 ms, as long as to look at a folder of files
        with (
            closing(open_source(plan.location, schema=plan.schema, work_dir=work)) as source,
            table_engine(work, task.settings, connect) as connection,
        ):
            yield connection, source


def _fingerprints(source: Source, tables: Iterable[str]) -> dict[str, str]:
    return {table: source.fingerprint(table) for table in tables}


def run_mapping(
    plan: Plan, out: Path, settings: Settings, *, progress: Progress = lambda _stage, _count, _unit="": None
) -> dict[str, Path]:
    """Read and check the source and write its N-Quads to the folder `out`; give the files by tenant short name.

    The rows that all tenants share are in a file of their own.

    Raises
    ------
    UsageError, InputError, SourceGoneError, StorageError : as their names say.
    """
    with work_folder(out) as work, map_source(Task(plan, work, settings, progress)) as mapped, storage_errors(out):
        return {slug: path.replace(out / path.name) for slug, path in mapped.files.items()}


@contextmanager
def table_engine(
    work: Path, settings: Settings, connect: Callable[[], duckdb.DuckDBPyConnection] = duckdb.connect
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills to `work`; its want of memory or disk in the block is an error of ours."""
    try:
        with connect() as connection:
            connection.execute(f"SET threads = {settings.threads}")
            connection.execute(f"SET memory_limit = '{settings.memory_limit_mb}MB'")
            connection.execute(f"SET temp_directory = {text(str(work / 'spill'))}")
            # Else a hash join of DuckDB 2.0.0 can die of an internal error, duckdb/duckdb issue 24807.
            connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
            yield connection
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(
            f"{work}: {_reason(error)}. Free disk space, or raise JOBGRAPH_MEMORY_LIMIT_MB. "
            "The published state is unchanged."
        ) from error


def _reason(error: duckdb.Error) -> str:
    """What the system said, where the table engine wraps it in words of its own; else its first line."""
    known = map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.EIO))
    return next((reason for reason in known if reason in str(error)), first_line(error).rstrip("."))


def chosen_tenants(admitted: Admitted, plan: Plan) -> dict[str, str]:
    """The short names of the tenants to build, by their keys."""
    tenants = admitted.tenants
    if plan.only_tenant:
        tenants = {key: slug for key, slug in tenants.items() if slug == plan.only_tenant}
    if not tenants and admitted.tenants:
        known = ", ".join(list(admitted.tenants.values())[:10])
        raise UsageError(f"The source has no tenant {plan.only_tenant!r}; choose one of {known}.")
    if not tenants:
        raise InputError(
            "The source has no tenant that can be built; each needs a key and a short name of a-z, 0-9 and -."
        )
    return dict(tenants)


def graph_names(tenants: Mapping[str, str], base: str) -> dict[str, str]:
    """The IRIs of the graphs to write, by short name and `SHARED`."""
    slugs = list(tenants.values())
    return {slug: GraphNames(base, slug).asserted for slug in slugs} | {SHARED: GraphNames(base, slugs[0]).shared}
