"""`jobgraph serve`: the graphs over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, QuietOption, StoreOption, read_settings_as
from jobgraph.cli.output import say

if TYPE_CHECKING:
    from jobgraph.server.settings import ServerSettings
    from jobgraph.server.shards.hosting import ShardOptions

app = typer.Typer()


@app.command()
def serve(
    home: HomeOption = None,
    store: StoreOption = None,
    host: Annotated[str, typer.Option("--host", help="Name or address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at; 0: any free one.")] = 7878,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Queries of a tenant at once.")] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Ask for no token; on this machine only, and with --tenant.")
    ] = False,
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="The tenant of an open server.")] = None,
    public_url: Annotated[str, typer.Option("--public-url", help="What clients call, behind a proxy.")] = "",
    table: Annotated[
        str, typer.Option("--shards", metavar="TABLE", help="Table of hosts that this is one of: a file or an address.")
    ] = "",
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Name of this host in the table.")] = "",
    key: Annotated[Path | None, typer.Option("--shards-key", metavar="FILE", help="Key of the hosts.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Serve pages for a browser, SPARQL, graphs and linked data of all tenants; each token sees its own.

    The first line printed begins with the address to open, also with --quiet.

    Example: jobgraph serve --open --tenant northwind-bio

    With --store, it serves copies of what the endpoint publishes and takes no changes.

    Example: jobgraph serve --host 0.0.0.0 --port 7878 --workers 4

    Example: jobgraph serve --host 10.7.1.2 --shards http://10.7.1.1:7880/shards.json --as a --shards-key shards.key
    --public-url 'https://{tenant}.graph.example.org'
    """
    from jobgraph.errors import UsageError
    from jobgraph.server.run import make_application
    from jobgraph.server.run import serve as run
    from jobgraph.server.settings import ServerSettings

    if is_open != bool(tenant):
        raise UsageError("An open server is that of one tenant: name both --open and --tenant, or neither.")
    shards = _to_shard_options(table, name, key, public_url)
    settings = read_settings_as(ServerSettings, home=home, workers=workers, store=store)
    if shards and settings.store:
        raise UsageError("Hosts move what is in their homes, not copies of an endpoint; name --shards or --store.")
    with _copied(settings, tenant) as served:
        application = make_application(served, host=host, open_tenant=tenant, public_url=public_url, shards=shards)

        def say_address(address: str) -> None:
            asks = f"shows {tenant} and asks for no token" if tenant else "asks for a token (jobgraph token create)"
            say(f"{public_url or address} {asks}; Ctrl-C ends it.")
            sys.stdout.flush()  # whoever reads it from a pipe waits for it

        run(application, host, port, client_seconds=settings.client_seconds, quiet=quiet, started=say_address)


@contextmanager
def _copied(settings: ServerSettings, tenant: str | None) -> Iterator[ServerSettings]:
    """The settings of a server of what is on this machine: of copies, where an endpoint has the tenants."""
    if not settings.store:
        yield settings
        return
    from jobgraph.server.followers import following, known_tenants

    with following(settings, [tenant] if tenant else known_tenants(settings)) as served:
        yield served


def _to_shard_options(table: str, name: str, key: Path | None, public_url: str) -> ShardOptions | None:
    """How the server is one of several hosts; None where it is alone.

    Raises
    ------
    UsageError : an option is missing, or the table has no such host.
    InputError, RefusedError : the table or the key cannot be used.
    SourceGoneError : the table cannot be read from its address.
    """
    from jobgraph.errors import UsageError
    from jobgraph.server.exchange import TENANT
    from jobgraph.server.shards.hosting import ShardOptions, read_key, read_source

    if not table and not name and key is None and TENANT not in public_url:
        return None
    if not (table and name and key):
        raise UsageError(f"One of several hosts needs --shards, --as, --shards-key, and {TENANT} in --public-url.")
    options = ShardOptions(table, name, read_key(key), public_url)
    read_source(table).host(name)
    return options
