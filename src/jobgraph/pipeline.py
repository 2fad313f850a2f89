"""A build, from a source to one published generation per tenant, as one readable function."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import duckdb
from pyoxigraph import NamedNode, Store

from jobgraph.contract import Admitted, admit
from jobgraph.contract.coverage import Coverage, measure
from jobgraph.contract.quarantine import COLUMNS, write_parquet
from jobgraph.contract.sql import text
from jobgraph.errors import InputError, RefusedError, SourceGoneError, StorageError, UsageError
from jobgraph.inference import infer
from jobgraph.mapping import SHARED, write_quads
from jobgraph.provenance import Origin, metadata_quads
from jobgraph.settings import Settings
from jobgraph.sources import Source, open_source
from jobgraph.store import GraphNames, Home, bulk_load, count_by_graph
from jobgraph.store.durable import exclusive_lock, remove_tree, storage_errors, write_durably
from jobgraph.validation import write_report
from jobgraph.vocabulary import Vocabulary


REPORT = "build.json"  # in the home: what the last build did
UNPLACED = "unplaced.parquet"  # in the home: what the last build found no tenant for


class Advance(Protocol):
    """What a build calls with a stage, the number of things done since the last call, and what they are."""

    def __call__(self, stage: str, count: int, unit: str = "rows") -> None:
        """Take note of progress."""


def _silent(stage: str, count: int, unit: str = "rows") -> None:
    """Take no note of progress."""


@dataclass(frozen=True)
class TenantReport:
    """What a build published for one tenant; `quads` counts its asserted and shared triples."""

    slug: str
    generation: str
    quads: int
    inferred: int
    quarantined: int
    findings: int


@dataclass(frozen=True)
class BuildReport:
    """What a build did: its tenants, the coverage of its source, and the entries in quarantine that have no tenant."""

    tenants: tuple[TenantReport, ...]
    coverage: Coverage
    unplaced: int

    @property
    def quarantined(self) -> int:
        """The entries in quarantine, over all tenants and those without one."""
        return self.unplaced + sum(tenant.quarantined for tenant in self.tenants)

    def coverage_totals(self) -> dict[str, int]:
        """The rows read, stated, quarantined and deleted, over all tables."""
        names = ("read", "stated", "quarantined", "deleted")
        return {name: sum(getattr(table, name) for table in self.coverage.tables) for name in names}

    def remarks(self) -> Iterator[str]:
        """Sentences on what a reader should look at."""
        if self.quarantined:
            yield f"{self.quarantined} entries are in quarantine; see jobgraph quarantine."
        if self.coverage.unknown_tables:
            yield f"Unknown tables, left out: {', '.join(self.coverage.unknown_tables)}."
        unknown = [f"{t}.{c}" for t, known in self.coverage.columns.items() for c, s in known.items() if s == "unknown"]
        if unknown:
            yield f"Unknown columns, left out: {', '.join(unknown)}."
        absent = [f"{t}.{c}" for t, known in self.coverage.columns.items() for c, s in known.items() if s == "absent"]
        if absent:
            yield f"Columns that the source lacks: {', '.join(absent[:10])}{' …' if len(absent) > 10 else ''}."

    def to_json(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return {
            "tenants": [asdict(tenant) for tenant in self.tenants],
            "unplaced": self.unplaced,
            "coverage": self.coverage.to_json(),
        }


@dataclass(frozen=True)
class Mapped:
    """A source after the door: the admitted rows, their coverage, and the N-Quads file of every tenant."""

    location: str
    admitted: Admitted
    coverage: Coverage
    files: Mapping[str, Path]


def run_build(
    location: str,
    settings: Settings,
    *,
    schema: str = "public",
    only_tenant: str = "",
    strict: bool = False,
    progress: Advance = _silent,
) -> BuildReport:
    """Read the source, check every row, map it, and publish a new generation for each of its tenants.

    `only_tenant` builds that tenant alone; it is required for a source that has no table of tenants.

    Raises
    ------
    RefusedError : `strict`, and something is in quarantine or wrong; nothing is published.
    UsageError, InputError, SourceGoneError, StorageError : as their names say; what was published stays.
    """
    vocabulary = Vocabulary()
    with (
        _work_folder(settings.home) as work,
        _mapped(location, work, settings, vocabulary, schema, only_tenant, progress) as mapped,
    ):
        if strict:
            _refuse_flaws(mapped.admitted)
        tenants = [
            _publish(mapped, settings, vocabulary, key, progress)
            for key, slug in mapped.admitted.tenants.items()
            if slug in mapped.files
        ]
        unplaced = write_parquet(mapped.admitted.connection, work / UNPLACED, tenant=None)
        report = BuildReport(tuple(tenants), mapped.coverage, unplaced)
        write_durably(work / REPORT, json.dumps(report.to_json(), indent=1, sort_keys=True))
        for name in (UNPLACED, REPORT):
            (work / name).replace(settings.home / name)
    return report


def run_mapping(
    location: str,
    out: Path,
    settings: Settings,
    *,
    schema: str = "public",
    only_tenant: str = "",
    progress: Advance = _silent,
) -> dict[str, Path]:
    """Read and check the source and write its N-Quads to `out`, one file per tenant; give the files."""
    out.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix=".jobgraph-", dir=out))
    try:
        with _mapped(location, work, settings, Vocabulary(), schema, only_tenant, progress) as mapped:
            return {slug: path.replace(out / path.name) for slug, path in mapped.files.items()}
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _mapped(  # noqa: PLR0913 the arguments of a build
    location: str, work: Path, settings: Settings, vocabulary: Vocabulary, schema: str, only_tenant: str, progress: Advance
) -> Iterator[Mapped]:
    """Open the source, let its rows through the door and write their N-Quads to `work`."""
    with ExitStack() as stack:
        connection = stack.enter_context(_table_engine(work, settings))
        source = open_source(location, schema=schema, work_dir=work)
        stack.callback(source.close)
        admitted = admit(
            connection,
            source,
            vocabulary,
            only_tenant=only_tenant,
            threads=settings.threads,
            progress=lambda _table, rows: progress("check", rows),
        )
        graphs = _graphs(admitted, only_tenant, settings.base, source)
        files = write_quads(
            admitted,
            vocabulary,
            work / "quads",
            base=settings.base,
            graphs=graphs,
            threads=settings.threads,
            progress=lambda _table, rows: progress("map", rows),
        )
        coverage = measure(admitted, source, vocabulary)
        admitted.release()
        yield Mapped(source.location, admitted, coverage, files)


@contextmanager
def _table_engine(work: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills to `work`; its errors are ours."""
    try:
        with duckdb.connect() as connection:
            connection.execute(f"SET threads = {settings.threads}")
            connection.execute(f"SET memory_limit = '{settings.memory_limit_mb}MB'")
            connection.execute(f"SET temp_directory = {text(str(work / 'spill'))}")
            yield connection
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        first = str(error).splitlines()[0]
        raise StorageError(f"{work}: {first} Free disk space or raise JOBGRAPH_MEMORY_LIMIT_MB; nothing changed.") from None
    except duckdb.ConnectionException as error:
        raise SourceGoneError(f"{str(error).splitlines()[0]} Try again.") from None


def _graphs(admitted: Admitted, only_tenant: str, base: str, source: Source) -> dict[str, str]:
    """The IRIs of the graphs to write, by the short names of the tenants to build."""
    slugs = list(admitted.tenants.values())
    if only_tenant and only_tenant not in slugs:
        known = ", ".join(slugs[:10]) or "none"
        raise UsageError(f"{source.location} has no tenant {only_tenant!r}; it has {known}.")
    wanted = [only_tenant] if only_tenant else slugs
    if not wanted:
        raise InputError(f"{source.location} has no tenant that can be built; see jobgraph quarantine.")
    graphs = {slug: GraphNames(base, slug).asserted for slug in wanted}
    return graphs | {SHARED: GraphNames(base, wanted[0]).shared}


def _refuse_flaws(admitted: Admitted) -> None:
    query = "SELECT (SELECT count(*) FROM quarantine), (SELECT count(*) FROM findings)"
    quarantined, findings = admitted.connection.execute(query).fetchone() or (0, 0)
    if quarantined or findings:
        raise RefusedError(
            f"{quarantined} entries would be in quarantine and {findings} values are wrong; nothing is published. "
            "Run without --strict to see them with jobgraph quarantine."
        )


def _publish(mapped: Mapped, settings: Settings, vocabulary: Vocabulary, key: str, progress: Advance) -> TenantReport:
    """Make and publish the next generation of the tenant with this key."""
    slug = mapped.admitted.tenants[key]
    names = GraphNames(settings.base, slug)
    tenant = Home(settings.home).tenant(slug, missing_ok=True)
    with tenant.begin() as draft:
        ontology = [(path, names.ontology) for path in vocabulary.ontology_files()]
        rows = [(mapped.files[slug], None), (mapped.files[SHARED], None)]
        bulk_load(draft.store_path, [*rows, *ontology], threads=settings.threads, lenient=True)
        findings = write_report(mapped.admitted, vocabulary, draft.path / "report.ttl", tenant=key, base=settings.base)
        quarantined = write_parquet(mapped.admitted.connection, draft.path / "quarantine.parquet", tenant=key)
        origin = Origin(
            settings.base, slug, mapped.location, version("jobgraph"), datetime.now(UTC), {}, quarantined, findings
        )
        inferred, counts = _infer(draft.store_path, vocabulary, names, origin)
        manifest = {
            "base": settings.base,
            "counts": counts,
            "findings": findings,
            "inferred": inferred,
            "quarantined": quarantined,
            "rows": mapped.coverage.stated_by_tenant[slug],
            "source": mapped.location,
            "version": origin.version,
        }
        generation = draft.publish(manifest)
    tenant.prune(settings.keep_generations)
    quads = counts.get(names.asserted, 0) + counts.get(names.shared, 0)
    progress("publish", 1, "tenants")
    return TenantReport(slug, generation.name, quads, sum(inferred.values()), quarantined, findings)


def _infer(
    store_path: Path, vocabulary: Vocabulary, names: GraphNames, origin: Origin
) -> tuple[dict[str, int], dict[str, int]]:
    """Add the inferred and the metadata graph to a store; give the new triples by rule and the triples by graph."""
    store = Store(os.fspath(store_path))
    reads = [NamedNode(iri) for iri in (names.asserted, names.shared, names.ontology)]
    inferred = infer(store, rules=vocabulary.rule_files(), reads=reads, writes=NamedNode(names.inferred))
    counts = count_by_graph(store)
    store.extend(metadata_quads(replace(origin, counts=counts), names.metadata))
    return inferred, counts


@contextmanager
def _work_folder(home: Path) -> Iterator[Path]:
    """A folder in `home` for what a build needs on the way; what dead builds left there is removed first."""
    work = home / f".work.{os.getpid()}.partial"
    with ExitStack() as stack:
        with storage_errors(home):
            home.mkdir(parents=True, exist_ok=True)
            with exclusive_lock(home, wait=True):
                for left in home.glob(".work.*.partial"):
                    _remove_unused(left)
                work.mkdir()
                stack.callback(remove_tree, work)
                stack.enter_context(exclusive_lock(work, wait=False))
        yield work


def _remove_unused(folder: Path) -> None:
    """Remove a work folder that no living process holds."""
    try:
        with exclusive_lock(folder, wait=False):
            remove_tree(folder)
    except (StorageError, FileNotFoundError):
        return


def read_quarantine(home: Path, *, tenant: str | None, table: str | None) -> tuple[tuple[str, ...], list[list[Any]]]:
    """What the last builds could not state: of one tenant, or of all and of none; columns and rows.

    Raises
    ------
    UsageError : there is no such tenant, or nothing was built yet.
    """
    tenants = Home(home)
    slugs = [tenant] if tenant else tenants.tenants()
    current = [generation for slug in slugs if (generation := tenants.tenant(slug).current())]
    files = [path for g in current if (path := g.path / "quarantine.parquet").exists()]
    if not tenant and (home / UNPLACED).exists():
        files.append(home / UNPLACED)
    if not files:
        raise UsageError(f"Nothing was built in {home} yet; run jobgraph build SOURCE first.")
    listed = ", ".join(text(str(path)) for path in files)
    where = f"""WHERE "table" = {text(table)}""" if table else ""
    with duckdb.connect() as connection:
        rows = connection.execute(f"FROM read_parquet([{listed}]) {where} ORDER BY ALL").fetchall()
    return COLUMNS, [list(row) for row in rows]


def read_coverage(home: Path) -> dict[str, Any]:
    """The coverage of the last build, as `Coverage.to_json` gives it.

    Raises
    ------
    UsageError : nothing was built yet.
    """
    try:
        report: dict[str, Any] = json.loads((home / REPORT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"Nothing was built in {home} yet; run jobgraph build SOURCE first.") from None
    return dict(report["coverage"])
