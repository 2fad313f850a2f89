"""A build whose generations are published at an endpoint and not on this machine."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from jobgraph.pipeline import BuildReport, Plan, Progress, TenantReport
from jobgraph.pipeline.build import run_build
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.remote.history import prune
from jobgraph.remote.place import Place
from jobgraph.remote.pointer import Pointer
from jobgraph.remote.publication import Sent, sent
from jobgraph.store import Home
from jobgraph.store.durable import storage_errors


def build_remote(plan: Plan, place: Place, *, strict: bool, progress: Progress) -> BuildReport:
    """Build in a folder that is gone afterwards, and publish the generation of each tenant at the endpoint.

    With `strict`, no tenant is switched before all are sent. What concerns no single tenant, as the coverage of the
    source, is kept in the home of the local copies.

    Raises
    ------
    RefusedError : `strict` and something is wrong, or the endpoint does not give back what it was sent.
    UsageError, InputError, SourceGoneError, StorageError : as their names say; what was published stays.
    """
    if plan.only_tenant:  # what is known to fail, fails before the work
        with place.open(plan.only_tenant) as endpoint:
            Pointer(endpoint, place.names(plan.only_tenant)).current()
    with work_folder(place.home.path) as work:
        local = replace(place.settings, home=work / "home")
        report = run_build(plan, local, strict=strict, progress=progress)
        publish = _all_or_none if strict else _one_by_one
        tenants = publish(place, Home(local.home), report.tenants, progress)
        _keep_files(local.home, place.home.path)
    return replace(report, tenants=tuple(tenants))


def _one_by_one(place: Place, home: Home, reports: tuple[TenantReport, ...], progress: Progress) -> list[TenantReport]:
    return [_all_or_none(place, home, (report,), progress)[0] for report in reports]


def _all_or_none(place: Place, home: Home, reports: tuple[TenantReport, ...], progress: Progress) -> list[TenantReport]:
    """Send the generations of all tenants, then switch them one after the other."""
    with ExitStack() as stack:
        ready: list[tuple[Pointer, Sent]] = []
        for report in reports:
            endpoint, names = stack.enter_context(place.open(report.slug)), place.names(report.slug)
            generation = home.tenant(report.slug).current()
            assert generation is not None, "it was built just now"
            ready.append((Pointer(endpoint, names), stack.enter_context(sent(endpoint, names, generation, progress))))
        for pointer, each in ready:
            pointer.switch(each.new, each.old)
        settings = place.settings
        for pointer, _ in ready:
            prune(pointer, keep=settings.keep_generations, grace_s=settings.store_grace_s)
        return [replace(report, generation=each.new.name) for report, (_, each) in zip(reports, ready, strict=True)]


def _keep_files(source: Path, target: Path) -> None:
    """Move the report of a build, and what its quarantine holds of no single tenant, to where copies are."""
    with storage_errors(target):
        for path in source.iterdir():
            if path.is_file():
                path.replace(target / path.name)
