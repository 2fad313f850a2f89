from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.commands import Outcome, one_line, run
from tests.server.live import wait_until
from tests.server.shards.hosts import KEY, Answer, Cluster

from jobgraph.server.access import Role, TokenFile
from jobgraph.server.shards.table import Table, write_table
from jobgraph.store import Home

# Moves a tenant and dies right after a step.
DYING = """
import os, signal, sys
from pathlib import Path
from jobgraph.server.shards import hosts, moving

where = moving if sys.argv[1] == "write_table" else hosts.HostClient
step = getattr(where, sys.argv[1])

def die(*arguments, **options):
    step(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(where, sys.argv[1], die)
moving.Mover(Path(sys.argv[2]), sys.argv[4], 5, lambda *_: None).move(sys.argv[3], "b")
"""


def move(pair: Cluster, *words: object, key: Path | None = None) -> Outcome:
    return run("shards", "move", *words, "--table", pair.table, "--key", key or pair.key, "--grace", 10)


def die_moving(pair: Cluster, step: str, slug: str) -> None:
    done = subprocess.run([sys.executable, "-c", DYING, step, pair.table, slug, KEY], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


def writers(pair: Cluster, slug: str, note: str) -> list[str]:
    """The hosts that take a write to a tenant."""
    return [name for name in ("a", "b") if pair.write_at(name, slug, note) == 200]


def readers(pair: Cluster, slug: str) -> list[str]:
    """The hosts that answer for a tenant."""
    return [name for name in ("a", "b") if pair.read_at(name, slug).status == 200]


@pytest.mark.parametrize(
    ("step", "slug", "reader", "can_write"),
    [
        pytest.param("take", "acme", "a", True, id="first_copy_sent"),
        pytest.param("hold", "bolt", "a", False, id="writes_held"),
        pytest.param("install", "corax", "a", False, id="new_copy_ready"),
        pytest.param("write_table", "delta", "b", False, id="table_changed"),
    ],
)
def test_killed_move_is_finished_by_the_same_again(
    pair: Cluster, step: str, slug: str, reader: str, *, can_write: bool
) -> None:
    assert writers(pair, slug, "before") == ["a"]
    die_moving(pair, step, slug)
    wait_until(lambda: readers(pair, slug) == [reader], "one host answers")
    between = writers(pair, slug, "between")
    assert between == ([reader] if can_write else [])
    assert move(pair, slug, "--to", "b").code == 0
    assert writers(pair, slug, "after") == ["b"]
    assert set(pair.notes_at("b", slug)) == {"before", "after", *(["between"] if between else [])}
    assert not pair.home("a").joinpath("tenants", slug).exists()


def test_move_that_was_killed_can_be_undone(pair: Cluster) -> None:
    die_moving(pair, "install", "ember")
    assert (writers(pair, "ember", "x"), readers(pair, "ember")) == ([], ["a"])
    assert move(pair, "ember", "--to", "a").code == 0
    assert writers(pair, "ember", "y") == ["a"]


def test_tokens_and_older_generations_move_and_audit_logs_go_on(pair: Cluster) -> None:
    assert pair.write_at("a", "flint", "one") == 200
    names = [each.name for each in Home(pair.home("a")).tenant("flint").generations()]
    assert move(pair, "flint", "--to", "b").code == 0
    assert [each.name for each in Home(pair.home("b")).tenant("flint").generations()] == names
    assert TokenFile(pair.home("a")).tokens_of("flint") == []
    for name in ("a", "b"):
        assert run("audit", "verify", "--home", pair.home(name)).code == 0


def test_write_by_command_waits_for_the_move(pair: Cluster) -> None:
    """What is written beside the server while a tenant is held would be lost."""
    home, slug = pair.home("a"), "ember"
    Home(home).tenant(slug).hold("ember moves.")
    try:
        outcome = run("update", "INSERT DATA { <x:a> <x:b> <x:c> }", "-t", slug, "--home", home)
        token = run("token", "create", "-t", slug, "--role", Role.READER, "--home", home)
    finally:
        Home(home).tenant(slug).release()
    assert (outcome.code, one_line(outcome)) == (75, "ember moves.")
    assert (token.code, one_line(token)) == (75, "ember moves.")


def test_token_of_another_tenant_does_not_count_at_a_name(pair: Cluster) -> None:
    answer: Answer = Cluster.read_at(
        Cluster(pair.folder, pair.table, tokens={"ember": pair.tokens["flint"]}), "a", "ember"
    )
    assert answer.status == 401


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["ember", "--to", "dead"], 75, "Host dead (127.0.0.1:", id="dead_target"),
        pytest.param(["ghost", "--to", "b"], 75, "Host dead (127.0.0.1:", id="dead_source"),
        pytest.param(["ember", "--to", "nowhere"], 2, "There is no host nowhere", id="unknown_host"),
        pytest.param(["nobody", "--to", "b"], 2, "There is no tenant nobody", id="unknown_tenant"),
        pytest.param(["ember", "--to", "b", "--from", "{a}"], 2, "Host a answers", id="folder_of_a_living_host"),
        pytest.param(["ember", "--from", "{a}"], 2, "name the new one with --to", id="folder_to_nowhere"),
        pytest.param(["ember", "--to", "b", "--key", "{weak}"], 65, "fewer than 32 characters", id="weak_key"),
        pytest.param(["ember", "--to", "b", "--key", "{other}"], 1, "needs the key of the hosts", id="wrong_key"),
        pytest.param(["ember", "--to", "b", "--key", "{open}"], 1, "run chmod 600", id="key_for_all_to_read"),
    ],
)
def test_move_that_cannot_be_changes_nothing(
    pair: Cluster, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    keys = {"weak": ("k", 0o600), "other": ("o" * 40, 0o600), "open": (KEY, 0o644)}
    for name, (text, mode) in keys.items():
        tmp_path.joinpath(name).write_text(text)
        tmp_path.joinpath(name).chmod(mode)
    places = {"a": pair.home("a"), **{name: tmp_path / name for name in keys}}
    before = pair.read()
    given = [word.format(**places) for word in words]
    outcome = run("shards", "move", "--table", pair.table, "--key", pair.key, *given)
    assert (outcome.code, said in one_line(outcome)) == (code, True), outcome.err
    assert (pair.read(), pair.write_at("a", "ember", "still")) == (before, 200)


def test_hosts_that_go_by_another_table_are_refused(pair: Cluster, tmp_path: Path) -> None:
    other = tmp_path / "shards.json"
    known = pair.read()
    write_table(other, Table(known.epoch + 7, known.hosts, known.pins, lease_s=known.lease_s))
    outcome = run("shards", "move", "ember", "--to", "b", "--table", other, "--key", pair.key)
    assert (outcome.code, "goes by a table of epoch" in one_line(outcome)) == (1, True)


def test_plan_shows_where_tenants_are(pair: Cluster) -> None:
    told = run("shards", "plan", "--table", pair.table, "--key", pair.key, "--json").json
    hosts = {row["host"]: row["is_alive"] for row in told["hosts"]}
    placed = {row["tenant"]: row["host"] for row in told["tenants"] if row["state"] == ""}
    assert hosts == {"a": True, "b": True, "dead": False}
    assert placed == {slug: host.name for slug in placed if (host := pair.read().place(slug))}
    assert placed["ember"] == "a"


def test_copy_that_was_never_held_is_put_aside(pair: Cluster) -> None:
    """It may be the only one: of a host that was dead, or of a build on the wrong host."""
    place = pair.read().place("flint")
    assert place
    other = {"a": "b", "b": "a"}[place.name]
    shutil.copytree(pair.home(place.name) / "tenants" / "flint", pair.home(other) / "tenants" / "flint")
    shown = run("shards", "plan", "--table", pair.table, "--key", pair.key).out
    assert move(pair, "flint", "--to", place.name).code == 0
    left = [pair.home(other) / folder for folder in ("tenants/flint", "aside/flint.1/CURRENT")]
    assert ("copy left" in shown, [path.exists() for path in left]) == (True, [False, True])


def test_host_cannot_be_added_while_one_is_dead(pair: Cluster) -> None:
    words = ["--table", pair.table, "--key", pair.key, "--add", "d=127.0.0.1:1", "--write"]
    before = pair.read()
    outcome = run("shards", "plan", *words)
    assert (outcome.code, one_line(outcome)[:9], pair.read()) == (75, "Host dead", before)
