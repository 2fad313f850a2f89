"""`jobgraph build` and `mapping`: from a source to published graphs, or to the mapping alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from jobgraph.cli.options import (
    CodesOption,
    DeletedOption,
    HomeOption,
    JsonOption,
    QuietOption,
    SchemaOption,
    SourceArgument,
    StoreOption,
    TenantOption,
    read_settings,
    to_plan,
)
from jobgraph.cli.output import counted, say, say_json, say_table
from jobgraph.cli.progress import show_progress

if TYPE_CHECKING:
    from jobgraph.pipeline import BuildReport, Plan, Progress
    from jobgraph.settings import Settings

QUARANTINED = 3
app = typer.Typer()


@app.command()
def build(
    source: SourceArgument,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    schema: SchemaOption = "public",
    codes: CodesOption = None,
    include_deleted: DeletedOption = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Publish nothing if anything is quarantined or wrong.")
    ] = False,
    changes: Annotated[
        bool, typer.Option("--changes", help="Check and map only the rows that changed since the last such build.")
    ] = False,
    trust_updated: Annotated[
        bool,
        typer.Option(
            "--trust-updated", help="With --changes: of a database, read only rows whose moment of change is another."
        ),
    ] = False,
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help="duckdb, or spark[=MASTER] to write quads and reports to --out.")
    ] = "duckdb",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="New folder for what Spark writes, seen by all executors.")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read a JTBD database and publish one knowledge graph per tenant.

    With --changes, the first build reads everything and keeps a record; later ones compare the source with it,
    wherever it is: to build what differs between two folders, build the old one and then the new one. A graph that
    was written or rolled back since is refused.

    With --trust-updated as well, the rows of a Postgres database are listed by key and moment of change, as the shapes
    state it (dcterms:modified), and only those are read whose key is new or whose moment is another, is missing, or
    lies in the last hour that the build before saw (JOBGRAPH_CHANGES_OVERLAP_S). Keys that went are deletions. A row
    that was written without a new moment is not seen until the next build with --changes alone, or of everything.
    Files are compared whole in any case.

    With --engine spark, reading, checking and mapping run on a Spark cluster and end in a folder; a build from that
    folder publishes it.

    Example: jobgraph build data/sample --home graphs

    Example: jobgraph build data/sample --home graphs --changes

    Example: jobgraph build postgresql://reader@host/jobs --home graphs --changes --trust-updated

    Example: jobgraph build data/sample --store sparql+https://host/store

    Example: jobgraph build /mnt/shared/source --engine spark=spark://master:7077 --out /mnt/shared/quads

    Example: jobgraph build /mnt/shared/quads --home graphs


    Exit codes: 0 done, 1 refused by --strict, or an endpoint does not give back what it was sent, 2 usage, 3 done
    with quarantined rows or cells, 7 refused by --changes, or another writer published meanwhile, 65 the input cannot
    be read, 69 the Spark cluster cannot be reached or was lost, 74 disk or I/O, 75 the source or the endpoint went
    away (try again).
    """
    plan = to_plan(source, schema, tenant, codes, include_deleted=include_deleted, trust_updated=trust_updated)
    _refuse_trust_alone(plan, changes=changes)
    if (master := _spark_master(engine, out, strict=strict, changes=changes)) is not None and out is not None:
        _build_on_spark(plan, out, master, quiet=quiet, as_json=as_json)
    with show_progress(quiet=quiet or as_json) as progress:
        report = _run(plan, read_settings(home, store), strict=strict, changes=changes, progress=progress)
    if as_json:
        say_json(report.to_json())
    elif not quiet:
        _say_report(report)
    raise typer.Exit(QUARANTINED if report.quarantined else 0)


def _refuse_trust_alone(plan: Plan, *, changes: bool) -> None:
    if plan.trust_updated and not changes:
        from jobgraph.errors import UsageError

        raise UsageError("--trust-updated tells how --changes finds the rows that changed; give both, or neither.")


def _run(plan: Plan, settings: Settings, *, strict: bool, changes: bool, progress: Progress) -> BuildReport:
    """Build and publish where the settings say."""
    if settings.store and changes:
        from jobgraph.errors import UsageError

        raise UsageError("--changes compares with a record in the home, and there is none with --store; leave one out.")
    if settings.store:
        from jobgraph.remote import Place, build_remote

        return build_remote(plan, Place.from_settings(settings), strict=strict, progress=progress)
    from jobgraph.pipeline.build import run_build

    return run_build(plan, settings, strict=strict, changes=changes, progress=progress)


def _spark_master(engine: str, out: Path | None, *, strict: bool, changes: bool) -> str | None:
    """The master that the option names, '' for the one that Spark is configured with, None without Spark."""
    from jobgraph.errors import UsageError

    name, _, master = engine.partition("=")
    if name not in {"duckdb", "spark"} or (name == "duckdb" and "=" in engine):
        raise UsageError(f"There is no engine {engine!r}; choose duckdb or spark[=MASTER].")
    if (name == "spark") != (out is not None):
        raise UsageError("--engine spark writes to a folder and not to a home: give both it and --out, or neither.")
    if name == "spark" and strict:
        raise UsageError("--strict is about publishing, and Spark publishes nothing; leave it out.")
    if name == "spark" and changes:
        raise UsageError("--changes compares with a record in the home, and Spark writes none; leave one out.")
    return master if name == "spark" else None


def _build_on_spark(plan: Plan, out: Path, master: str, *, quiet: bool, as_json: bool) -> NoReturn:
    from jobgraph.spark.session import check_installed

    check_installed()
    from jobgraph.spark.build import run_spark_build

    with show_progress(quiet=quiet or as_json) as progress:
        report = run_spark_build(plan, out, read_settings(), master=master, progress=progress)
    if as_json:
        say_json(report.to_json())
    elif not quiet:
        found = {slug: sum(severities.values()) for slug, severities in report.severities.items()}
        rows = [(slug, f"{quads:,}", f"{found.get(slug, 0):,}") for slug, quads in report.quads.items()]
        say_table(("tenant", "quads", "findings"), rows)
        say(f"Rows: {counted(report.coverage.totals())}; read = stated + quarantined + deleted.")
        if report.quarantined:
            say(f"{report.quarantined:,} entries are in quarantine; see {out / 'quarantine'}.")
    raise typer.Exit(QUARANTINED if report.quarantined else 0)


def _say_report(report: BuildReport) -> None:
    rows = [
        (t.slug, t.generation, f"{t.quads:,}", f"{t.inferred:,}", f"{t.quarantined:,}", f"{t.findings:,}")
        for t in report.tenants
    ]
    say_table(("tenant", "generation", "stated", "inferred", "quarantined", "findings"), rows)
    say(f"Rows: {counted(report.coverage_totals())}; read = stated + quarantined + deleted.")
    for sentence in report.remarks():
        say(sentence)


@app.command()
def mapping(
    source: Annotated[str | None, typer.Argument(help="A folder or a postgresql://… database to map.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the N-Quads, one file per tenant.")
    ] = None,
    r2rml: Annotated[bool, typer.Option("--r2rml", help="Print the mapping as a W3C R2RML document.")] = False,
    tenant: TenantOption = None,
    schema: SchemaOption = "public",
    codes: CodesOption = None,
    include_deleted: DeletedOption = False,
    quiet: QuietOption = False,
) -> None:
    """Map a source to N-Quads without building a store, or print the mapping as R2RML.

    With a source, the R2RML document has its tables and columns only.

    Example: jobgraph mapping data/sample --out quads

    Example: jobgraph mapping --r2rml
    """
    from jobgraph.errors import UsageError

    plan = to_plan(source or "", schema, tenant, codes, include_deleted=include_deleted)
    if r2rml:
        _say_r2rml(plan)
        return
    if source is None or out is None:
        raise UsageError("Name a source and --out FOLDER, or ask for --r2rml.")
    from jobgraph.pipeline import run_mapping

    with show_progress(quiet=quiet) as progress:
        files = run_mapping(plan, out, read_settings(), progress=progress)
    if not quiet:
        rows = [(slug, path, f"{path.stat().st_size:,}") for slug, path in files.items()]
        say_table(("tenant", "file", "bytes"), rows)


def _say_r2rml(plan: Plan) -> None:
    from jobgraph.mapping.r2rml import r2rml_document
    from jobgraph.vocabulary import Vocabulary

    tables = _read_tables(plan) if plan.location else None
    vocabulary = Vocabulary(extensions=plan.codes)
    document = r2rml_document(vocabulary, base=read_settings().base, tables=tables, only_tenant=plan.only_tenant)
    say(document.rstrip("\n"))


def _read_tables(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The tables of the source with their columns."""
    from contextlib import closing
    from tempfile import TemporaryDirectory

    from jobgraph.sources import open_source

    with (
        TemporaryDirectory() as folder,
        closing(open_source(plan.location, schema=plan.schema, work_dir=Path(folder))) as source,
    ):
        return dict(source.tables)
