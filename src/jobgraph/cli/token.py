"""`jobgraph token`: who may use the server."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, read_settings
from jobgraph.cli.output import say, say_json, say_table

if TYPE_CHECKING:
    from jobgraph.server.access import Token, TokenFile

app = typer.Typer(invoke_without_command=True)
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@app.callback()
def token(context: typer.Context, home: HomeOption = None) -> None:
    """Create, list and revoke the tokens that the server takes.

    Example: jobgraph token list
    """
    context.obj = home
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@app.command()
def create(
    context: typer.Context,
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="Short name of the tenant that it is for.")],
    role: Annotated[str, typer.Option(help="reader, writer or admin.")],
    expires: Annotated[str, typer.Option(help="How long it is valid: hours, days or weeks, or never.")] = "90d",
    home: HomeOption = None,
) -> None:
    """Create a token and print it; it is not kept and cannot be shown again.

    Example: jobgraph token create --tenant northwind-bio --role reader --expires 90d
    """
    from jobgraph.server.access import Role

    lasts = _duration(expires)
    say(_token_file(home or context.obj).create(tenant, Role.named(role), lasts=lasts))


@app.command("list")
def list_tokens(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the tokens with tenant, role and state; the secrets are nowhere.

    Example: jobgraph token list --json
    """
    rows = [_row(token) for token in _token_file(home or context.obj).tokens()]
    if as_json:
        say_json(rows)
        return
    columns = ("id", "tenant", "role", "created", "expires", "state")
    say_table(columns, [[row[column] for column in columns] for row in rows])


@app.command()
def revoke(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(help="Id of the token, as the list shows it.", metavar="ID")],
    home: HomeOption = None,
) -> None:
    """Make a token worthless, at once, also on servers that run.

    Example: jobgraph token revoke 3k9v0x2b7q
    """
    revoked = _token_file(home or context.obj).revoke(token_id)
    say(f"The token {revoked.id} of {revoked.tenant} is revoked.")


def _token_file(home: Path | None) -> TokenFile:
    from jobgraph.server.access import TokenFile

    return TokenFile(read_settings(home).home)


def _row(token: Token) -> dict[str, object]:
    fields = {name: value for name, value in token.to_json().items() if name != "sha256"}
    return {**fields, "state": token.state(datetime.now(UTC))}


def _duration(text: str) -> timedelta | None:
    """How long `90d` is; None for `never`.

    Raises
    ------
    UsageError : it is neither.
    """
    from jobgraph.errors import UsageError

    if text == "never":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if match is None:
        raise UsageError(f"--expires {text!r} is no time; write 12h, 90d, 52w or never.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
