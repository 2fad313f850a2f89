"""Two hosts on this machine, of which the first has all tenants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.live import free_port
from tests.server.shards.hosts import TENANTS, Cluster, build_tenants, closing

from jobgraph.server.shards.table import Host, Table, write_table


@pytest.fixture(scope="session")
def tenants_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tenants(tmp_path_factory.mktemp("tenants"))


@pytest.fixture(scope="module")
def pair(tenants_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("pair")
    hosts = {name: Host(name, f"127.0.0.1:{free_port()}") for name in ("a", "b")}
    dead = {"dead": Host("dead", f"127.0.0.1:{free_port()}", 0.0)}
    folder.joinpath("table").mkdir()
    table = folder / "table" / "shards.json"
    write_table(table, Table(1, {**hosts, **dead}, pins={**dict.fromkeys(TENANTS, "a"), "ghost": "dead"}, lease_s=2))
    with closing(Cluster(folder, table)) as cluster:
        cluster.fill(tenants_home)
        cluster.start("a", "b")
        cluster.wait_for("a", "b")
        yield cluster
