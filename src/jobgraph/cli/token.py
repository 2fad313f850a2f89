"""`jobgraph token`: who may use the server."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobgraph.cli.options import HomeOption, JsonOption
from jobgraph.cli.output import say, say_json, say_table
from jobgraph.cli.published import find_home

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
    profiles: Annotated[
        list[str] | None,
        typer.Option(
            "--profile", "-p", help="Export profile that it may fetch, and nothing else; repeatable.", metavar="NAME"
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Create a token and print it; it is not kept and cannot be shown again.

    Example: jobgraph token create --tenant northwind-bio --role reader --expires 90d

    Example: jobgraph token create --tenant northwind-bio --role reader --profile partner
    """
    from jobgraph.server.access import Role

    lasts, home = _duration(expires), home or context.obj
    _check_profiles(home, tenant, profiles or [])
    say(_token_file(home).create(tenant, Role.named(role), lasts=lasts, profiles=profiles or None))


@app.command("list")
def list_tokens(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the tokens with tenant, role and state; the secrets are nowhere.

    Example: jobgraph token list --json
    """
    rows = [_row(token) for token in _token_file(home or context.obj).tokens()]
    if as_json:
        say_json(rows)
        return
    columns = ("id", "tenant", "role", "profiles", "created", "expires", "state")
    shown = [{**row, "profiles": ", ".join(row["profiles"] or ["all"])} for row in rows]
    say_table(columns, [[row[column] for column in columns] for row in shown])


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

    return TokenFile(find_home(home))


def _check_profiles(home: Path | None, tenant: str, names: list[str]) -> None:
    """Refuse the name of a profile that there is not; a slip of the pen would be a token for nothing.

    Raises
    ------
    UsageError : there is no such tenant or profile.
    """
    from jobgraph.errors import UsageError
    from jobgraph.exports.profile import profile_names
    from jobgraph.store import Home

    known = profile_names(Home(find_home(home)).tenant(tenant)) if names else []
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"There is no profile {unknown[0]!r}; choose one of {', '.join(known)}.")


def _row(token: Token) -> dict[str, Any]:
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
