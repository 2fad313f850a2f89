"""The systemd units of the guides run the server and the backup, with all that they forbid, under systemd itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deployment.engine import (
    BUILD_ARGUMENTS,
    OPERATIONS,
    PROJECT,
    ROOT,
    RUN,
    SAMPLE,
    execute,
    lines_of,
    unit,
    wait_until,
)

pytestmark = pytest.mark.deployment

SERVER, BACKUP, TIMER = "jobgraph.service", "jobgraph-backup.service", "jobgraph-backup.timer"
BASE = f"{PROJECT}-base"
MACHINE = f"{PROJECT}-systemd"
DOCKERFILE = f"""
FROM {BASE}
USER root
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus curl
CMD ["/sbin/init"]
"""
# What systemd needs to start services with name spaces of their own. An engine may lack some rights itself, so that
# --privileged, which is all of them, can be refused.
RIGHTS = [f"--cap-add={right}" for right in ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "SYS_NICE")]
FREE = ["--security-opt=seccomp=unconfined", "--security-opt=systempaths=unconfined"]
FOLDERS = ["--tmpfs=/run", "--tmpfs=/tmp", "--cgroupns=host", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"]


@pytest.fixture(scope="module", autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A container whose first process is systemd, with jobgraph installed and set up as the guide says."""
    folder = tmp_path_factory.mktemp("machine")
    execute("docker", "build", *BUILD_ARGUMENTS, "--tag", BASE, ROOT)
    folder.joinpath("Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    execute("docker", "build", "--tag", MACHINE, folder)
    execute(
        "docker",
        "run",
        "--detach",
        "--name",
        MACHINE,
        "--user=0",
        *RIGHTS,
        *FREE,
        *FOLDERS,
        "--entrypoint=/sbin/init",
        MACHINE,
    )
    try:
        wait_until(lambda: within("systemctl is-system-running || true") in {"running", "degraded"}, "systemd runs")
        set_up(folder)
        yield
    finally:
        execute("docker", "rm", "--force", "--volumes", MACHINE)


def set_up(folder: Path) -> None:
    """Put the units and the sample where the guide has them, and type what it says."""
    for guide, name in ((RUN, SERVER), (OPERATIONS, BACKUP), (OPERATIONS, TIMER)):
        folder.joinpath(name).write_text(unit(guide, name), encoding="utf-8")
        execute("docker", "cp", folder / name, f"{MACHINE}:/etc/systemd/system/{name}")
    execute("docker", "cp", SAMPLE, f"{MACHINE}:/srv/sample")
    within("userdel jobgraph; install --directory --mode=0700 /backup")  # the image has a user of that name
    lines = [
        line for line in lines_of(RUN, "systemd") if line.split()[0] in {"useradd", "install", "runuser", "systemctl"}
    ]
    for line in lines:
        within(f"{line} >> /root/typed")
    within("chown jobgraph: /backup")
    wait_until(is_ready, "the server answers")


def within(script: str) -> str:
    """What a script prints on the machine."""
    return execute("docker", "exec", MACHINE, "env", "--unset=JOBGRAPH_HOME", "bash", "-c", script)


def is_ready() -> bool:
    return within("curl --silent http://127.0.0.1:7878/ready || true") == '{"status":"ready"}'


def query(text: str) -> str:
    """The answer of the server as CSV, with the token that the guide made."""
    words = f"--header 'Accept: text/csv' --data-urlencode 'query={text}' http://127.0.0.1:7878/sparql"
    return within(f'curl --silent --header "Authorization: Bearer $(grep -o "jg_.*" /root/typed)" {words}')


def show(name: str, field: str) -> str:
    return within(f"systemctl show --property={field} --value {name}")


def test_unit_starts_a_server_that_answers() -> None:
    assert show(SERVER, "ActiveState") == "active"
    assert int(query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").split()[1]) > 50_000


def test_processes_that_answer_are_out_of_the_network() -> None:
    query("ASK {}")
    processes = within(
        f"cat /sys/fs/cgroup/systemd/$(systemctl show -P ControlGroup {SERVER})/cgroup.procs 2>/dev/null "
        f"|| cat /sys/fs/cgroup/$(systemctl show -P ControlGroup {SERVER})/cgroup.procs"
    ).split()
    main = within(f"readlink /proc/{show(SERVER, 'MainPID')}/ns/net")
    others = {within(f"readlink /proc/{process}/ns/net") for process in processes}
    assert main in others
    assert len(others) > 1


def test_server_has_no_rights() -> None:
    status = within(f"cat /proc/{show(SERVER, 'MainPID')}/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


def test_killed_server_comes_back() -> None:
    before = show(SERVER, "MainPID")
    within(f"kill -KILL {before}")
    wait_until(lambda: show(SERVER, "MainPID") not in {before, "0"} and is_ready(), "the server is back")
    assert query("ASK {}")


def test_server_without_a_tenant_stays_down() -> None:
    within(
        "systemctl stop jobgraph; mv /var/lib/jobgraph/tenants /var/lib/jobgraph/away; systemctl start jobgraph || true"
    )
    try:
        wait_until(lambda: show(SERVER, "ActiveState") == "failed", "the unit has failed")
        assert show(SERVER, "ExecMainStatus") == "2"
        assert show(SERVER, "NRestarts") == "0"
    finally:
        within("mv /var/lib/jobgraph/away /var/lib/jobgraph/tenants; systemctl restart jobgraph")
        wait_until(is_ready, "the server answers again")


def test_unit_backs_up_while_the_server_runs() -> None:
    within(f"systemctl start {BACKUP}")
    assert show(BACKUP, "Result") == "success"
    (backup,) = within("ls /backup").split()
    assert "northwind-bio" in within(
        f"runuser -u jobgraph -- /opt/jobgraph/bin/jobgraph restore --verify-only /backup/{backup}"
    )


def test_backup_that_fails_prunes_nothing() -> None:
    within("chown root: /backup")
    try:
        within(f"systemctl start {BACKUP} || true")
        assert show(BACKUP, "Result") == "exit-code"
        invocation = f"_SYSTEMD_INVOCATION_ID={show(BACKUP, 'InvocationID')}"
        log = within(f"journalctl --output cat --no-pager {invocation}")
        assert "cannot be written" in log
        assert "Removed" not in log
    finally:
        within("chown jobgraph: /backup")


def test_timer_is_set_for_the_night() -> None:
    within(f"systemctl enable --now {TIMER}")
    assert BACKUP in within(f"systemctl list-timers --no-pager {TIMER}")
