"""A build, from a source to one published generation per tenant, as one readable function."""

from __future__ import annotations

from pathlib import Path

from jobgraph.errors import RefusedError
from jobgraph.pipeline.mapped import Mapped, map_source
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.publication import make_template, publish
from jobgraph.pipeline.report import BuildReport, write_build_report
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.settings import Settings
from jobgraph.store.durable import storage_errors


def run_build(
    plan: Plan, settings: Settings, *, strict: bool = False, progress: Progress = lambda _stage, _count, _unit="": None
) -> BuildReport:
    """Read the source, check every row, map it, and publish a new generation for each of its tenants.

    Raises
    ------
    RefusedError : `strict`, and something is in quarantine or wrong; nothing is published.
    UsageError, InputError, SourceGoneError, StorageError : as their names say; what was published stays.
    """
    with work_folder(settings.home) as work, map_source(plan, work, settings, progress) as mapped:
        if strict:
            _refuse_flaws(mapped)
        _count_and_release(mapped)
        template = make_template(mapped.vocabulary, settings.base, work / "template", progress)
        tenants = [publish(mapped, key, template, settings, progress) for key in mapped.tenants]
        return write_build_report(mapped, tenants, work=work, home=settings.home)


def run_mapping(
    plan: Plan, out: Path, settings: Settings, *, progress: Progress = lambda _stage, _count, _unit="": None
) -> dict[str, Path]:
    """Read and check the source and write its N-Quads to the folder `out`; give the files by tenant short name.

    The rows that all tenants share are in a file of their own.

    Raises
    ------
    UsageError, InputError, SourceGoneError, StorageError : as their names say.
    """
    with work_folder(out) as work, map_source(plan, work, settings, progress) as mapped, storage_errors(out):
        return {slug: path.replace(out / path.name) for slug, path in mapped.files.items()}


def _count_and_release(mapped: Mapped) -> None:
    """Count what became of the rows, then let go of them: loading needs the memory."""
    _ = mapped.coverage
    mapped.admitted.release()


def _refuse_flaws(mapped: Mapped) -> None:
    """Raise if something of the tenants to build, of shared rows or of rows without tenant is not as it should be."""
    owners = ["", *mapped.tenants]
    query = f"""
        SELECT (SELECT count(*) FROM quarantine WHERE tenant IS NULL OR {_is_one_of(owners)}),
               (SELECT count(*) FROM findings WHERE {_is_one_of(owners)})"""
    quarantined, findings = mapped.admitted.connection.execute(query, [*owners, *owners]).fetchone() or (0, 0)
    if quarantined or findings:
        raise RefusedError(
            f"{quarantined} entries would be in quarantine and {findings} values are wrong, so nothing is published; "
            "mend them, or build without --strict and see them with jobgraph quarantine and in report.ttl."
        )


def _is_one_of(owners: list[str]) -> str:
    return f"tenant IN ({', '.join('?' * len(owners))})"
