"""A build, from a source to one published generation per tenant, as one readable function."""

from __future__ import annotations

from contextlib import ExitStack

from jobgraph.errors import RefusedError
from jobgraph.pipeline.mapped import Mapped, map_source
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.publication import Build, Prepared, make_template, prepare, prune, publish
from jobgraph.pipeline.report import BuildReport, TenantReport, write_build_report
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.settings import Settings
from jobgraph.shacl.results import VIOLATION
from jobgraph.validation import SEVERITIES, Guide, read_all_shapes


def run_build(
    plan: Plan, settings: Settings, *, strict: bool = False, progress: Progress = lambda _stage, _count, _unit="": None
) -> BuildReport:
    """Read the source, check every row, map it, and publish a new generation for each of its tenants.

    Raises
    ------
    RefusedError : `strict`, and something is in quarantine or a violation; nothing is published.
    UsageError, InputError, SourceGoneError, StorageError : as their names say; what was published stays.
    """
    with work_folder(settings.home) as work, map_source(plan, work, settings, progress) as mapped:
        if strict:
            _refuse_flaws(mapped)
        _count_and_release(mapped)
        template = make_template(mapped.vocabulary, settings.base, work / "template", progress)
        shapes = read_all_shapes(mapped.vocabulary, after_the_door=True)
        build = Build(mapped, template, shapes, Guide.of(mapped.vocabulary), settings, progress)
        tenants = _publish_all_or_none(build) if strict else _publish_one_by_one(build)
        for slug in mapped.tenants.values():
            prune(slug, settings)
        return write_build_report(mapped, tenants, work=work, home=settings.home)


def _count_and_release(mapped: Mapped) -> None:
    """Count what became of the rows, then let go of them: loading needs the memory."""
    _ = mapped.coverage
    mapped.admitted.release()


def _publish_one_by_one(build: Build) -> list[TenantReport]:
    reports = []
    for key in build.mapped.tenants:
        with prepare(build, key) as prepared:
            reports.append(publish(prepared, build.progress))
    return reports


def _publish_all_or_none(build: Build) -> list[TenantReport]:
    """Publish when all tenants are prepared and none has a violation."""
    with ExitStack() as stack:
        each = [stack.enter_context(prepare(build, key)) for key in build.mapped.tenants]
        _refuse_violations(each)
        return [publish(prepared, build.progress) for prepared in each]


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
