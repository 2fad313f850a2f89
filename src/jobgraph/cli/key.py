"""`jobgraph key`: the keys that packages are signed with, and the secrets behind pseudonyms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobgraph.cli.output import say

app = typer.Typer(invoke_without_command=True)


@app.callback()
def key(context: typer.Context) -> None:
    """Make and show the keys that packages are signed with.

    Example: jobgraph key create our.key
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@app.command()
def create(
    path: Annotated[Path, typer.Argument(help="New file for the key.", metavar="FILE")],
    secret: Annotated[
        bool, typer.Option("--secret", help="A secret for the pseudonyms of a partner, instead of a key to sign with.")
    ] = False,
) -> None:
    """Make a key that only you can read, and FILE.pub with its public half, for partners.

    Example: jobgraph key create our.key

    Exit codes: 0 made, 2 the file is there already, 74 it cannot be written.
    """
    from jobgraph.exports.signing import create_key, create_secret, public_path

    if secret:
        create_secret(path)
        say(f"{path} has a new secret; keep it, for other pseudonyms would come of another one.")
        return
    public = create_key(path)
    say(f"{path} signs as {public.name}; give partners {public_path(path)}.")


@app.command()
def show(path: Annotated[Path, typer.Argument(help="File with a key, or its public half.", metavar="FILE")]) -> None:
    """Print the name of a key and its public half, never the key itself.

    Example: jobgraph key show our.key

    Exit codes: 0 shown, 1 others can read the key, 65 the file holds none.
    """
    from jobgraph.exports.signing import read_public_key

    public = read_public_key(path)
    say(public.name)
    say(public.pem.rstrip())
