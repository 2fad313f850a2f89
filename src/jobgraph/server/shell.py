"""The FastAPI application around all: the life of the server, and the two questions that need no token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI, Response, status
from starlette.types import Receive, Scope, Send

from jobgraph.server.app import Application
from jobgraph.server.workers import warm_up

_OWN = frozenset({"/health", "/ready"})


class Shell(FastAPI):
    """Hands what is not its own to the application at once, which on the way through its routes would take longer."""

    application: Application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the life of the server."""
        is_own = scope["type"] == "lifespan" or scope["path"] in _OWN
        await (super().__call__ if is_own else self.application)(scope, receive, send)


def make_shell(application: Application) -> FastAPI:
    """The application that a server runs; every path but `/health` and `/ready` is that of `application`."""

    @asynccontextmanager
    async def live(_shell: FastAPI) -> AsyncIterator[None]:
        await warm_up()
        shards = application.server.shards
        if shards:
            await shards.begin()
        yield
        if shards:
            await shards.close()
        await application.server.writes.close()
        await application.server.exports.close()
        await application.server.pool.close()

    shell = Shell(lifespan=live, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)

    @shell.api_route("/health", methods=["GET", "HEAD"])
    async def health() -> dict[Literal["status"], str]:
        """That the process answers at all."""
        return {"status": "alive"}

    @shell.api_route("/ready", methods=["GET", "HEAD"])
    async def ready(response: Response) -> dict[Literal["status"], str]:
        """That there are graphs to answer from."""
        shards = application.server.shards
        if shards and not shards.is_current:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
            return {"status": "the table of hosts cannot be read"}
        if application.server.settings.home.joinpath("tenants").is_dir():
            return {"status": "ready"}
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {"status": "the home folder is not there"}

    shell.application = application
    return shell
