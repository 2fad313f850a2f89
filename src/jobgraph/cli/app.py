"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from jobgraph.cli import build, ontology, query, tenants

app = typer.Typer(
    name="jobgraph",
    help="A Jobs-To-Be-Done database as a validated, inferred knowledge graph, one per tenant.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(value: bool) -> None:  # noqa: FBT001 typer calls it so
    if value:
        from importlib.metadata import version

        typer.echo(f"jobgraph {version('jobgraph')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # noqa: ARG001 the callback prints it
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A Jobs-To-Be-Done database as a validated, inferred knowledge graph, one per tenant.

    Example: jobgraph build data/sample && jobgraph query --tenant northwind-bio "SELECT * { ?s a jg:Job } LIMIT 5"
    """


for command in (build.build, build.mapping, build.quarantine, build.coverage):
    app.command()(command)
for command in (query.query, query.dump, query.describe):
    app.command()(command)
for command in (ontology.sample, ontology.format_):
    app.command(name=command.__name__.rstrip("_"))(command)
app.add_typer(ontology.app, name="ontology")
app.add_typer(tenants.tenants_app, name="tenants")
app.add_typer(tenants.generations_app, name="generations")
