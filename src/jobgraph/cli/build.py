"""`jobgraph build`, `mapping`, `quarantine` and `coverage`: from a source to published graphs, and the proof of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobgraph.cli.common import (
    HomeOption,
    JsonOption,
    QuietOption,
    TenantOption,
    facts,
    progress,
    read_settings,
    say,
    say_csv,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from jobgraph.pipeline import BuildReport

QUARANTINED = 3
SourceArgument = Annotated[str, typer.Argument(help="A folder of CSV, Parquet or JSON Lines files, or postgresql://…")]
SchemaOption = Annotated[str, typer.Option(help="Schema of a Postgres source.")]


def build(
    source: SourceArgument,
    home: HomeOption = None,
    tenant: TenantOption = None,
    schema: SchemaOption = "public",
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing if anything is quarantined or wrong.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read a JTBD database and publish one knowledge graph per tenant.

    Example: jobgraph build data/sample

    Exit codes: 0 done, 1 refused by --strict, 2 usage, 3 done with quarantined rows or cells, 65 unreadable input,
    74 disk or I/O, 75 the source went away (retry).
    """
    from jobgraph.pipeline import run_build

    with progress(quiet=quiet or as_json) as advance:
        report = run_build(
            source, read_settings(home), schema=schema, only_tenant=tenant or "", strict=strict, progress=advance
        )
    if as_json:
        say_json(report.to_json())
    elif not quiet:
        _say_report(report)
    raise typer.Exit(QUARANTINED if report.quarantined else 0)


def _say_report(report: BuildReport) -> None:
    rows = [
        (t.slug, t.generation, f"{t.quads:,}", f"{t.inferred:,}", f"{t.quarantined:,}", f"{t.findings:,}")
        for t in report.tenants
    ]
    say_table(("tenant", "generation", "stated", "inferred", "quarantined", "findings"), rows)
    totals = report.coverage_totals()
    say(f"{facts(totals)}: read = stated + quarantined + deleted.")
    for sentence in report.remarks():
        say(sentence)


def mapping(
    source: Annotated[str | None, typer.Argument(help="A folder or a postgresql://… database to map.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the N-Quads, one file per tenant.")] = None,
    r2rml: Annotated[bool, typer.Option("--r2rml", help="Print the mapping as a W3C R2RML document.")] = False,
    tenant: TenantOption = None,
    schema: SchemaOption = "public",
    quiet: QuietOption = False,
) -> None:
    """Print the mapping as R2RML, or map a source to N-Quads without building a store.

    Example: jobgraph mapping --r2rml

    Example: jobgraph mapping data/sample --out quads
    """
    from jobgraph.errors import UsageError

    settings = read_settings()
    if r2rml:
        from jobgraph.mapping.r2rml import r2rml_document
        from jobgraph.vocabulary import Vocabulary

        say(r2rml_document(Vocabulary(), base=settings.base))
        return
    if source is None or out is None:
        raise UsageError("Name a source and --out FOLDER, or ask for --r2rml.")
    from jobgraph.pipeline import run_mapping

    with progress(quiet=quiet) as advance:
        files = run_mapping(source, out, settings, schema=schema, only_tenant=tenant or "", progress=advance)
    if not quiet:
        say_table(("tenant", "file", "bytes"), [(slug, path, path.stat().st_size) for slug, path in files.items()])


def quarantine(
    home: HomeOption = None,
    tenant: TenantOption = None,
    table: Annotated[str | None, typer.Option(help="Only this source table.")] = None,
    output: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Show what the last build could not state: table, key, row, column, value, rule and what to do.

    Example: jobgraph quarantine --table jtbd_outcomes --format csv
    """
    from jobgraph.pipeline import read_quarantine

    columns, rows = read_quarantine(read_settings(home).home, tenant=tenant, table=table)
    _say_rows(columns, rows, output)


def coverage(
    home: HomeOption = None,
    columns: Annotated[bool, typer.Option("--columns", help="Show every column instead of every table.")] = False,
    output: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Show where every row and column of the last build's source went.

    Example: jobgraph coverage --columns --format csv
    """
    from jobgraph.pipeline import read_coverage

    found = read_coverage(read_settings(home).home)
    if columns:
        rows: list[list[Any]] = [[t, c, kind] for t, known in found["columns"].items() for c, kind in known.items()]
        _say_rows(("table", "column", "state"), rows, output)
    else:
        names = ("table", "read", "stated", "quarantined", "deleted", "cells")
        _say_rows(names, [[t[n] for n in names] for t in found["tables"]], output)


def _say_rows(columns: tuple[str, ...], rows: list[list[Any]], output: str) -> None:
    from jobgraph.errors import UsageError

    printers = {
        "table": say_table,
        "csv": say_csv,
        "json": lambda names, found: say_json([dict(zip(names, row, strict=True)) for row in found]),
    }
    if output not in printers:
        raise UsageError(f"There is no format {output!r}; choose one of {', '.join(printers)}.")
    printers[output](columns, rows)
