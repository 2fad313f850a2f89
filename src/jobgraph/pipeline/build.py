"""A build, from a source to one published generation per tenant, as one readable function."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from jobgraph.definitions import Definitions, Logic
from jobgraph.errors import RefusedError, UsageError
from jobgraph.pipeline.changed_rows import apply_rows
from jobgraph.pipeline.last_build import (
    LastBuild,
    keep_record,
    meaning_of,
    place_of,
    read_last_build,
    write_record,
)
from jobgraph.pipeline.mapped import Mapped, Task, map_changes, map_source
from jobgraph.pipeline.mapped_folder import is_mapped, open_mapped
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.publication import Build, Fill, Prepared, load_rows, make_template, prepare, prune, publish
from jobgraph.pipeline.report import BuildReport, TenantReport, Unowned, write_build_report
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.settings import Settings
from jobgraph.shacl.results import VIOLATION
from jobgraph.validation import SEVERITIES
from jobgraph.vocabulary import Vocabulary


def run_build(
    plan: Plan,
    settings: Settings,
    *,
    strict: bool = False,
    changes: bool = False,
    progress: Progress = lambda _stage, _count, _unit="": None,
) -> BuildReport:
    """Read the source, check every row, map it, and publish a new generation for each of its tenants.

    A folder that a build on Spark wrote is past all that, and is published.

    Parameters
    ----------
    strict : publish nothing if anything is in quarantine or a violation.
    changes : check, map and load only the rows that a change since the last such build affects. Where that cannot be,
        all rows are, and the report says why.

    Raises
    ------
    RefusedError : `strict`, and something is in quarantine or a violation; nothing is published.
    StaleGenerationError : `changes`, and a tenant's graph was changed otherwise since the last build.
    UsageError, InputError, SourceGoneError, StorageError : as their names say; what was published stays.
    """
    if changes and is_mapped(plan.location):
        raise UsageError(f"{plan.location} keeps no record of its rows, so all are built; leave out --changes.")
    with work_folder(settings.home) as work, ThreadPoolExecutor(1) as aside:
        work_on = _Work(plan, settings, strict, changes, progress, Definitions(plan.codes), aside)
        return work_on.changes_or_all(work) if changes else work_on.all_rows(work, "")


@dataclass(frozen=True)
class _Work:
    """A build and how it is to be done.

    `aside` reads what needs no rows while others do, for the table engine rarely takes all cores.
    """

    plan: Plan
    settings: Settings
    strict: bool
    is_recorded: bool
    progress: Progress
    definitions: Definitions
    aside: Executor

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary with the codes of the plan."""
        return self.definitions.vocabulary

    def changes_or_all(self, work: Path) -> BuildReport:
        """Build changes; all rows where that cannot be."""
        last = read_last_build(self.settings.home)
        if last is None:
            return self.all_rows(work, "nothing is known of a build before")
        connecting = self.aside.submit(duckdb.connect)  # 30 ms that need no lock of the interpreter
        vocabulary = self.vocabulary
        if obstacle := last.obstacle(self.plan, self.settings, vocabulary):
            connecting.result().close()
            return self.all_rows(work, obstacle)
        changed = work / "changed"
        changed.mkdir()
        logic = self.aside.submit(self._logic)
        task = Task(self.plan, changed, self.settings, self.progress, connecting.result)
        with map_changes(task, last, vocabulary) as mapped:
            if mapped is not None:
                return self._published(mapped, partial(apply_rows, last), logic, work, "")
        return self.all_rows(work, "the source has other tenants")

    def all_rows(self, work: Path, reason: str) -> BuildReport:
        """Build from all rows; `reason` is why not from changes alone."""
        template = self.aside.submit(make_template, self.vocabulary, self.settings.base, work / "template")
        logic = self.aside.submit(self._logic)
        opened = open_mapped if is_mapped(self.plan.location) else partial(map_source, is_recorded=self.is_recorded)
        task = Task(self.plan, work, self.settings, self.progress)
        with opened(task, vocabulary=self.vocabulary) as mapped:
            self.progress("ontology", 0, "files")
            fill = partial(load_rows, template.result())
            self.progress("ontology", len(self.vocabulary.ontology_files()), "files")
            return self._published(mapped, fill, logic, work, reason)

    def _published(self, mapped: Mapped, fill: Fill, logic: Future[Logic], work: Path, reason: str) -> BuildReport:
        if self.strict:
            _refuse_flaws(mapped)
        if not mapped.is_change:
            _ = mapped.coverage  # counted while the rows are there; that of changes is in the record
        recorded = self.aside.submit(self._write_record, mapped, work)
        try:
            mapped.admitted.release()  # loading needs the memory
            build = Build(mapped, fill, logic.result(), self.settings, self.progress)
            tenants = _publish_all_or_none(build, recorded) if self.strict else _publish_one_by_one(build, recorded)
            for slug in mapped.tenants.values():
                prune(slug, self.settings)
            if self.is_recorded:
                keep_record(self._last_build(mapped, tenants), work / "record", self.settings.home)
            unowned, home = recorded.result(), self.settings.home
            return write_build_report(mapped.coverage, tenants, unowned, work=work, home=home, reason=reason)
        finally:
            wait([recorded])  # the table engine refuses to close while it is asked

    def _logic(self) -> Logic:
        return self.definitions.logic

    def _write_record(self, mapped: Mapped, work: Path) -> Unowned:
        _ = mapped.coverage
        connection = mapped.admitted.connection.cursor()
        if self.is_recorded:
            write_record(connection, mapped.prints, mapped.owners, work / "record")
        return Unowned.write(connection, work)

    def _last_build(self, mapped: Mapped, tenants: Iterable[TenantReport]) -> LastBuild:
        return LastBuild(
            generations={tenant.slug: tenant.generation for tenant in tenants},
            base=self.settings.base,
            only_tenant=self.plan.only_tenant,
            include_deleted=self.plan.include_deleted,
            meaning=meaning_of(mapped.vocabulary),
            fingerprints=mapped.fingerprints,
            source=place_of(mapped.location, self.plan),
        )


def _publish_one_by_one(build: Build, recorded: Future[Unowned]) -> list[TenantReport]:
    """Publish each tenant when it is prepared, and none before the record was written."""
    reports = []
    for key in build.mapped.tenants:
        with prepare(build, key) as prepared:
            recorded.result()
            reports.append(publish(prepared, build))
    return reports


def _publish_all_or_none(build: Build, recorded: Future[Unowned]) -> list[TenantReport]:
    """Publish when all tenants are prepared, none has a violation and the record was written."""
    with ExitStack() as stack:
        each = [stack.enter_context(prepare(build, key)) for key in build.mapped.tenants]
        _refuse_violations(each)
        recorded.result()
        return [publish(prepared, build) for prepared in each]


def _refuse_violations(each: list[Prepared]) -> None:
    violations = sum(prepared.report.severities[SEVERITIES[VIOLATION]] for prepared in each)
    if violations:
        raise RefusedError(
            f"There are {violations} violations across the graph, so nothing is published; "
            "build without --strict, see them with jobgraph validate, and mend them."
        )


def _refuse_flaws(mapped: Mapped) -> None:
    """Raise if rows of the tenants to build, of all tenants or of none are in quarantine or have violations."""
    owners = ["", *mapped.tenants]
    query = f"""
        SELECT (SELECT count(*) FROM quarantine WHERE tenant IS NULL OR {_is_one_of(owners)}),
               (SELECT count(*) FROM findings WHERE {_is_one_of(owners)} AND severity = ?)"""
    arguments = [*owners, *owners, VIOLATION]
    quarantined, violations = mapped.admitted.connection.execute(query, arguments).fetchone() or (0, 0)
    if quarantined or violations:
        raise RefusedError(
            f"{quarantined} entries would be in quarantine and {violations} values are violations, so nothing is "
            "published; mend them, or build without --strict and see them with jobgraph quarantine and validate."
        )


def _is_one_of(owners: list[str]) -> str:
    return f"tenant IN ({', '.join('?' * len(owners))})"
