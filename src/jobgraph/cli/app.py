"""The commands, put together."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.models import TyperInfo

from jobgraph.cli import (
    analyze,
    ask,
    audit,
    backup,
    build,
    describe,
    doctor,
    explain,
    export,
    generations,
    key,
    ontology,
    package,
    plot,
    profile,
    push,
    query,
    repair,
    sample,
    serve,
    shards,
    tenants,
    token,
    update,
    validate,
)
from jobgraph.cli.output import say


class ReaderGoneError(RuntimeError):
    """Nobody reads the output any more."""


class _Commands(TyperGroup):
    """The commands; typer would end with exit code 1 where the reader of the output went away."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 typer's own type is private
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGoneError from None


app = typer.Typer(
    name="jobgraph",
    cls=_Commands,
    add_completion=False,
    context_settings={"max_content_width": 110},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"jobgraph {version('jobgraph')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A Jobs-To-Be-Done database as a validated, inferred knowledge graph, one per tenant.

    Example: jobgraph build data/sample
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


for part in (
    build,
    validate,
    query,
    update,
    ask,
    analyze,
    describe,
    explain,
    plot,
    export,
    push,
    audit,
    backup,
    doctor,
    sample,
    ontology,
    repair,
    serve,
):
    app.add_typer(part.app)
app.add_typer(tenants.app, name="tenants")
app.add_typer(token.app, name="token")
app.add_typer(audit.group, name="audit")
app.add_typer(generations.app, name="generations")
app.add_typer(ontology.group, name="ontology")
app.add_typer(profile.app, name="profile")
app.add_typer(key.app, name="key")
app.add_typer(package.app, name="package")
app.add_typer(shards.app, name="shards")


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The commands, or only those that the first argument names: typer takes 1.5 ms to make each of them."""
    named = [part for part in app.registered_groups if arguments and arguments[0] in _names(part)]
    chosen = copy(app)
    chosen.registered_groups = named or app.registered_groups
    return chosen


def _names(part: TyperInfo) -> list[str]:
    """The names of a group of commands, or of the commands that stand for themselves."""
    if isinstance(part.name, str):
        return [part.name]
    commands = part.typer_instance.registered_commands if part.typer_instance else []
    return [c.name or c.callback.__name__.replace("_", "-") for c in commands if c.callback]
