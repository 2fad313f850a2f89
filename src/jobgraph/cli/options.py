"""What several commands take: their common options, and the settings that options change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from jobgraph.pipeline import Plan
    from jobgraph.settings import Settings

SomeSettings = TypeVar("SomeSettings", bound="Settings")
SourceArgument = Annotated[
    str, typer.Argument(help="A folder of CSV, Parquet or JSON Lines files, or postgresql://user:password@host/name.")
]
SchemaOption = Annotated[str, typer.Option(help="Schema of a Postgres source.")]
DeletedOption = Annotated[bool, typer.Option("--include-deleted", help="State soft-deleted rows, too.")]
CodesOption = Annotated[
    list[Path] | None,
    typer.Option("--codes", metavar="FILE", help="Turtle file with more codes for the code lists; repeatable."),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of the tenants' stores.",
        envvar="JOBGRAPH_HOME",
        show_default=".jobgraph",
        readable=False,
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="Graph store of a SPARQL endpoint with the tenants, such as sparql+https://host/store.",
        envvar="JOBGRAPH_STORE",
    ),
]
TenantOption = Annotated[str | None, typer.Option("--tenant", "-t", help="Short name of a tenant.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="File to write; standard output if none.")]
TableFormatOption = Annotated[str, typer.Option("--format", help="table, csv or json.")]


def read_settings(home: Path | None = None, store: str | None = None) -> Settings:
    """The settings of the environment, with the home and the endpoint that options name.

    Raises
    ------
    UsageError : a variable of the environment does not fit.
    """
    from jobgraph.settings import Settings

    return read_settings_as(Settings, home=home, store=store)


def read_settings_as(kind: type[SomeSettings], **options: object) -> SomeSettings:
    """The settings of one kind, with those that options give; None leaves what the environment says.

    Raises
    ------
    UsageError : a variable of the environment does not fit.
    """
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    return kind(**given)


def to_plan(
    source: str,
    schema: str,
    tenant: str | None,
    codes: list[Path] | None,
    *,
    include_deleted: bool,
    trust_updated: bool = False,
) -> Plan:
    """What the options of a command ask a build to do."""
    from jobgraph.pipeline import Plan

    return Plan(source, schema, tenant or "", include_deleted, tuple(codes or ()), trust_updated)
