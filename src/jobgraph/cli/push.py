"""`jobgraph push`: what a profile lets out, to a SPARQL endpoint."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, TenantOption
from jobgraph.cli.output import say, say_json
from jobgraph.cli.published import find_generation

if TYPE_CHECKING:
    from jobgraph.exports.login import Credentials

app = typer.Typer()
PASSWORD = "JOBGRAPH_PUSH_PASSWORD"
GenerationOption = Annotated[
    str | None, typer.Option("--generation", "-g", help="An older generation; the current one if none.")
]


@app.command()
def push(
    url: Annotated[str, typer.Argument(help="Graph store of the endpoint, such as https://example.org/store.")],
    profile: Annotated[str, typer.Option("--profile", "-p", help="Name of a profile, or a Turtle file with one.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    update: Annotated[
        str, typer.Option(metavar="URL", help="Where updates go, if it is not where well-known servers have it.")
    ] = "",
    query: Annotated[str, typer.Option(metavar="URL", help="Where queries go; where updates go, if unknown.")] = "",
    graph: Annotated[str, typer.Option(metavar="IRI", help="One graph for all; each its own if none.")] = "",
    user: Annotated[str, typer.Option(help=f"User; the password is in {PASSWORD} or --password-file.")] = "",
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", help="File that holds the password.")] = None,
    secret: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Secret behind pseudonyms, if the profile has any.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that one answer may take.")] = 120.0,
    as_json: JsonOption = False,
) -> None:
    """Push what a profile lets out to a SPARQL 1.1 endpoint; each graph there is replaced in one step.

    Who reads a graph sees the old one or the new one. Graphs that the profile does not have stay as they are.

    Example: jobgraph push --profile partner https://example.org/store --user jobgraph -t northwind-bio

    Exit codes: 0 pushed, 1 somebody else writes, 2 usage, or the endpoint refuses, 8 the profile forbids it,
    75 the endpoint fails or does not answer: run again.
    """
    from jobgraph.exports.endpoint import Endpoint, Patience, find_addresses
    from jobgraph.exports.profile import read_profile
    from jobgraph.exports.push import push_profile
    from jobgraph.exports.signing import read_secret
    from jobgraph.vocabulary import Vocabulary

    addresses = find_addresses(url, update=update, query=query)
    credentials = _read_credentials(user, password_file)
    found, chosen = find_generation(home, tenant, generation)
    vocabulary = Vocabulary()
    read = read_profile(profile, vocabulary=vocabulary, tenant=found)
    key = read_secret(secret) if secret else None
    pushed = []
    with Endpoint(addresses, credentials=credentials, patience=Patience(timeout_s=timeout)) as endpoint:
        for each in push_profile(endpoint, chosen, read, vocabulary=vocabulary, key=key, graph=graph):
            pushed.append(asdict(each))
            if not as_json:
                say(f"{each.graph}: {each.triples:,} triples in place of {each.before:,}")
    if as_json:
        say_json(pushed)


def _read_credentials(user: str, password_file: Path | None) -> Credentials | None:
    """The user with the password of the file or the environment; None without a user.

    Raises
    ------
    UsageError : there is a user and no password, or a password without a user.
    InputError : the file cannot be read.
    """
    from jobgraph.errors import InputError, UsageError
    from jobgraph.exports.login import Credentials

    if not user:
        if password_file:
            raise UsageError("--password-file needs --user, too.")
        return None
    if password_file is None:
        password = os.environ.get(PASSWORD, "")
    else:
        try:
            password = password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{password_file} holds no password that can be read: {error}.") from None
    if not password:
        raise UsageError(f"There is no password for {user}; set {PASSWORD}, or name --password-file.")
    return Credentials(user, password)
