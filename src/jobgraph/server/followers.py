"""Processes that keep local copies of what an endpoint publishes: one for each tenant, which alone reads its password.

A follower looks at the pointer every few seconds and copies a new generation beside the old one; the server sees it as
it sees a build. Where the endpoint fails, the server goes on with the copy that it has, and the log says so.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection

from jobgraph import errors
from jobgraph.errors import JobgraphError, UsageError
from jobgraph.remote import Place, copy_tenant
from jobgraph.server.log import to_json
from jobgraph.server.settings import ServerSettings

_NEW = get_context("spawn")  # with nothing of the server in their memory
_END_S = 5.0


def known_tenants(settings: ServerSettings) -> list[str]:
    """The tenants that have a user at the endpoint.

    Raises
    ------
    UsageError : there is no folder of users, or none in it.
    """
    folder = settings.store_credentials
    try:
        found = sorted(path.name for path in folder.iterdir() if path.is_file()) if folder else []
    except OSError as error:
        raise UsageError(f"{folder} is no folder of users: {error.strerror}; set JOBGRAPH_STORE_CREDENTIALS.") from None
    if not found:
        raise UsageError(
            "An endpoint does not list its tenants: set JOBGRAPH_STORE_CREDENTIALS to a folder with a file for each, "
            "or serve one with --open --tenant."
        )
    return found


@contextmanager
def following(settings: ServerSettings, slugs: Sequence[str]) -> Iterator[ServerSettings]:
    """Keep copies of these tenants inside the block; gives the settings of a server of the copies.

    Raises
    ------
    JobgraphError : a tenant cannot be copied at the start.
    """
    home = Place.from_settings(settings).home.path
    with ExitStack() as stack:
        lines = [stack.enter_context(_follower(settings, slug)) for slug in slugs]
        for line in lines:
            kind, sentence = line.recv()
            if kind:
                raise getattr(errors, kind)(sentence)
        yield replace(settings, home=home)


@contextmanager
def _follower(settings: ServerSettings, slug: str) -> Iterator[Connection]:
    """A process that follows one tenant, and the line on which it says how its first copy went."""
    ours, theirs = _NEW.Pipe(duplex=False)
    process = _NEW.Process(target=follow, args=(settings, slug, theirs, os.getpid()), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join(_END_S)
        ours.close()


def follow(settings: ServerSettings, slug: str, line: Connection, server: int) -> None:
    """Copy what is published for a tenant, and go on doing so until the server with this process id is gone."""
    place, said = Place.from_settings(settings), ""
    try:
        copy_tenant(place, slug)
        line.send(("", ""))
    except JobgraphError as error:
        line.send((type(error).__name__, str(error)))
        return
    finally:
        line.close()
    while os.getppid() == server:
        time.sleep(settings.store_poll_seconds)
        problem = ""
        try:
            copy_tenant(place, slug)
        except JobgraphError as error:
            problem = str(error)
        if problem != said:
            _log(slug, problem)
            said = problem


def _log(slug: str, problem: str) -> None:
    event = {"event": "store", "tenant": slug, "problem": problem or "none any more"}
    sys.stderr.write(f"{to_json('error' if problem else 'info', event)}\n")
    sys.stderr.flush()
