"""A server from its start to its end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

import uvicorn
from fastapi import FastAPI

from jobgraph.errors import StorageError, UsageError
from jobgraph.server.access import Access
from jobgraph.server.app import Application
from jobgraph.server.audit_log import AuditLog
from jobgraph.server.cache import AnswerCache
from jobgraph.server.exports.making import ExportPool
from jobgraph.server.limits import RateLimit
from jobgraph.server.log import log_json
from jobgraph.server.protocol import BoundedProtocol
from jobgraph.server.settings import ServerSettings
from jobgraph.server.shards.hosting import ShardOptions, Shards
from jobgraph.server.shell import make_shell
from jobgraph.server.state import Server
from jobgraph.server.workers import WorkerPool
from jobgraph.server.writes import Writes

_BACKLOG = 1024
_GRACE_S = 30  # that running requests get when the server ends


def make_application(
    settings: ServerSettings,
    *,
    host: str,
    open_tenant: str | None = None,
    public_url: str = "",
    shards: ShardOptions | None = None,
) -> FastAPI:
    """The application over a home folder.

    Parameters
    ----------
    host : name or address that the server listens at.
    open_tenant : the tenant that everybody on this machine speaks for without a token; None for nobody.
    public_url : the address that clients know the server by, where a proxy stands before it.
    shards : how it is one of several hosts; None where it is alone.

    Raises
    ------
    UsageError : there is no home folder or no such tenant, or other machines could reach an open server.
    RefusedError, InputError, StorageError : the tokens or keys cannot be used.
    """
    if shards:  # a new host has no tenants yet
        settings.home.joinpath("tenants").mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.home.joinpath("tenants").is_dir():
        raise UsageError(f"{settings.home} holds no tenants; build one, or name the right folder with --home.")
    access = Access.from_settings(settings, host=host, open_tenant=open_tenant)
    rates = RateLimit(settings.requests_per_second)
    pool, cache = WorkerPool(settings), AnswerCache(settings.cache_mb << 20)
    writes, audit, exports = Writes(settings), AuditLog(settings.home), ExportPool(settings)
    member = Shards(shards) if shards else None
    server = Server(settings, access, pool, cache, rates, writes, audit, exports, public_url, member)
    return make_shell(Application(server))


def serve(
    application: FastAPI,
    host: str,
    port: int,
    *,
    client_seconds: float = 15,
    quiet: bool = False,
    started: Callable[[str], None] = lambda _address: None,
) -> None:
    """Answer requests at an address until the process is told to end; running ones are finished first.

    Parameters
    ----------
    port : 0 for any that is free.
    client_seconds : how long a client may take for the head of a request, and for its body.
    started : is told the address for a browser on this machine, before anything is logged.

    Raises
    ------
    StorageError : the address cannot be used.
    """
    lines = log_json(quiet=quiet)
    with _listening(host, port) as listening:
        started(address_at(host, listening.getsockname()[1]))
        config = uvicorn.Config(
            application,
            http=partial(BoundedProtocol, seconds=client_seconds),  # type: ignore[arg-type]  # it makes one, as a class does
            ws="none",
            proxy_headers=False,  # --public-url says what a proxy would
            loop="uvloop",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=_GRACE_S,
        )
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            lines.end()


def address_at(host: str, port: int) -> str:
    """What a browser on this machine calls; a server that listens at every address is called by the first of them."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"Cannot listen at {host}, port {port}: {reason}. Choose another with --port.") from None
    return listening
