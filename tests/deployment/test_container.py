"""The image and compose.yaml do what the guides say, in a container engine: rights, volumes, end, backup."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.deployment.engine import (
    BUILD_ARGUMENTS,
    OPERATIONS,
    RUN,
    SAMPLE,
    SERVER,
    execute,
    lines_of,
    type_in,
    wait_until,
)

pytestmark = pytest.mark.deployment

USER = 10001  # that of the image
BUILD, CREATE, TOKEN, UP = lines_of(RUN, "Container")
BACKUP, RESTORE, PRUNE, DOCTOR = lines_of(OPERATIONS, "In a container")


@pytest.fixture(scope="module")
def token() -> Iterator[str]:
    """A token for writes of the server that runs, as the guide starts it."""
    type_in(f"{BUILD} {shlex.join(BUILD_ARGUMENTS)}")
    try:
        type_in(CREATE)
        token = type_in(TOKEN)
        type_in(UP)
        wait_until(is_healthy, "the engine calls the container healthy")
        yield token
    finally:
        type_in("docker compose down --volumes")


def container() -> str:
    return type_in("docker compose ps --quiet server")


def is_healthy() -> bool:
    return execute("docker", "inspect", "--format", "{{.State.Health.Status}}", container()) == "healthy"


def within(script: str) -> str:
    """What a script prints in the container of the server."""
    return execute("docker", "exec", container(), "sh", "-c", script)


def ask(token: str, **form: str) -> httpx.Response:
    """The answer to a query, or to an update."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/csv"}
    path = "/update" if "update" in form else "/sparql"
    return httpx.post(f"{SERVER}{path}", headers=headers, data=form).raise_for_status()


def count(token: str, graph: str) -> int:
    answer = ask(token, query=f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    return int(answer.text.split()[1])


def test_write_outlives_the_container(token: str) -> None:
    ask(token, update="INSERT DATA { GRAPH <urn:kept> { <urn:a> <urn:b> 1 , 2 } }")
    before = container()
    type_in("docker compose down")
    type_in(UP)
    wait_until(is_healthy, "the engine calls the container healthy")
    assert container() != before
    assert count(token, "urn:kept") == 2


@pytest.mark.usefixtures("token")
def test_server_has_no_rights_and_writes_to_its_volume_alone() -> None:
    status = within("cat /proc/self/status; id -u")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert status.endswith(str(USER))
    refused = within("for f in /x /opt/jobgraph/x /etc/x; do touch $f 2>&1 || true; done").splitlines()
    assert len(refused) == 3
    assert all("Read-only file system" in line for line in refused)
    assert within("touch /data/x /tmp/x && rm /data/x /tmp/x") == ""


@pytest.mark.usefixtures("token")
def test_engine_sets_the_limits_that_are_named() -> None:
    form = "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}} {{.HostConfig.ReadonlyRootfs}}"
    limits = execute("docker", "inspect", "--format", form, container())
    assert limits == f"{8 << 30} 512 2000000000 true"
    assert within("ulimit -n; ulimit -c").split() == ["8192", "0"]


@pytest.mark.usefixtures("token")
def test_server_is_there_for_this_machine_alone() -> None:
    assert execute("docker", "port", container()) == "7878/tcp -> 127.0.0.1:7878"
    assert httpx.post(f"{SERVER}/sparql", data={"query": "ASK {}"}).status_code == 401


@pytest.mark.usefixtures("token")
def test_source_is_built_beside_the_server() -> None:
    type_in(f"docker compose run --rm --volume {SAMPLE}:/source:ro server build /source")
    reader = type_in("docker compose run --rm server token create --tenant northwind-bio --role reader")
    everything = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    wait_until(lambda: int(ask(reader, query=everything).text.split()[1]) > 50_000, "the server has what was built")


def test_backup_is_restored(token: str, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    os.chown(folder, USER, USER)
    assert "acme: generation " in type_in(BACKUP.replace("/srv/backup", str(folder)))
    ask(token, update="INSERT DATA { GRAPH <urn:later> { <urn:a> <urn:b> 3 } }")
    type_in(f"{RESTORE} --replace-newer".replace("/srv/backup", str(folder)))
    wait_until(lambda: count(token, "urn:later") == 0, "the server has what was restored")


@pytest.mark.usefixtures("token")
def test_doctor_finds_nothing_that_fails() -> None:
    assert "acme" in type_in(PRUNE.replace(" exec ", " exec -T "))
    assert "0 failures" in type_in(DOCTOR.replace(" exec ", " exec -T "))


@pytest.mark.usefixtures("token")
def test_server_ends_at_once_when_it_is_told() -> None:
    name = container()
    type_in("docker compose stop")
    try:
        form = "{{.State.ExitCode}} {{.State.OOMKilled}}"
        assert execute("docker", "inspect", "--format", form, name) == "143 false"  # by SIGTERM, not by SIGKILL
    finally:
        type_in(UP)
