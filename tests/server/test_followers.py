"""A server of what an endpoint publishes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.commands import finish, one_line, start
from tests.exports.endpoint_servers import RealEndpoint, oxigraph_endpoint
from tests.remote.places import BASE, SILENT, SLUG, make_generation, place_at, quads
from tests.server.live import Client, free_port, is_alive, wait_until

from jobgraph.errors import UsageError
from jobgraph.remote import History, Place, publish
from jobgraph.server.access import Role
from jobgraph.server.access.tokens import TokenFile
from jobgraph.server.followers import known_tenants
from jobgraph.server.settings import ServerSettings

__all__ = ["oxigraph_endpoint"]


@dataclass(frozen=True)
class Served:
    """A server of an endpoint's tenant, and a client that may write."""

    place: Place
    client: Client
    pid: int


@pytest.fixture(scope="module")
def served(oxigraph_endpoint: RealEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("followed")
    users = folder / "users"
    users.mkdir()
    users.joinpath(SLUG).touch(mode=0o600)
    users.joinpath(SLUG).write_text("somebody\nsecret\n")
    address = oxigraph_endpoint.addresses.graphs
    place = place_at(address, folder / "home", store_credentials=users, store_grace_s=3600, store_timeout_s=60)
    with place.open(SLUG) as endpoint:
        for number in (1, 2):
            publish(endpoint, place.names(SLUG), make_generation(folder / "local", quads(number)), SILENT)
    environment = {
        "JOBGRAPH_BASE": BASE,
        "JOBGRAPH_STORE_CREDENTIALS": str(users),
        "JOBGRAPH_STORE_POLL_SECONDS": "0.1",
    }
    port, options = free_port(), ("--store", f"sparql+{address}", "--home", folder / "home")
    process = start("serve", *options, "--port", port, env=environment)
    try:
        wait_until(lambda: process.poll() is not None or is_alive(port), "the server starts", seconds=120)
        token = TokenFile(place.home.path).create(SLUG, Role.WRITER, lasts=None)
        yield Served(place, Client(port, token), process.pid)
        process.send_signal(signal.SIGTERM)
        assert b"secret" not in (process.communicate(timeout=60)[1] or b"")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def number(client: Client) -> str:
    """What the generation that answers states."""
    (row,) = client.query("SELECT ?n { GRAPH <https://x.example/notes> { ?s ?p ?n } }").rows
    return row["n"]


def test_server_follows_the_pointer(served: Served) -> None:
    assert number(served.client) == "2"
    History(served.place, SLUG).rollback("1")
    wait_until(lambda: number(served.client) == "1", "the older one is copied")
    History(served.place, SLUG).rollback("2")
    wait_until(lambda: number(served.client) == "2", "the newer one is back")


def test_copies_take_no_changes(served: Served) -> None:
    refused = served.client.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    assert (refused.status, "is a copy of what an endpoint holds" in refused.text) == (403, True)


def test_tenant_that_cannot_be_copied_ends_the_start_in_a_line(served: Served, tmp_path: Path) -> None:
    options = ("--store", served.place.settings.store, "--home", tmp_path, "--open", "--tenant", "nobody", "--port", 0)
    outcome = finish(start("serve", *options))
    assert outcome.code == 2
    assert "There is no tenant nobody at" in one_line(outcome)


def test_tenants_are_those_with_a_user(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not list its tenants"):
        known_tenants(ServerSettings())
    with pytest.raises(UsageError, match="is no folder of users"):
        known_tenants(ServerSettings(store_credentials=tmp_path / "none"))
    for name in ("bolt", "acme"):
        tmp_path.joinpath(name).touch()
    assert known_tenants(ServerSettings(store_credentials=tmp_path)) == ["acme", "bolt"]
