"""`jobgraph token`."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.commands import PROGRAM, one_line, run

from jobgraph.server.access import Identity, Role, TokenFile
from jobgraph.store import Home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    Home(tmp_path).create_tenant("acme", base="https://example.org/id/")
    return tmp_path


def create(home: Path, *options: object) -> str:
    outcome = run("token", "create", "--home", home, "--tenant", "acme", *options)
    assert outcome.code == 0, outcome.err
    return outcome.out.removesuffix("\n")


@pytest.mark.parametrize("role", list(Role))
def test_created_token_is_all_that_is_printed_and_counts(home: Path, role: Role) -> None:
    secret = create(home, "--role", role)
    assert re.fullmatch("jg_[0-9a-z]{10}_[0-9A-Za-z]{43}", secret)
    assert TokenFile(home).identify(secret) == Identity("acme", role, secret[3:13])


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_list_shows_tokens_and_no_secret(home: Path, options: list[str]) -> None:
    secrets = [create(home, "--role", role) for role in ("reader", "writer")]
    outcome = run("token", "list", "--home", home, *options)
    assert all(text in outcome.out for text in (*(secret[3:13] for secret in secrets), "acme", "writer", "valid"))
    hidden = [*(secret[14:] for secret in secrets), *(token.sha256 for token in TokenFile(home).tokens())]
    assert not any(text in outcome.out for text in hidden)


@pytest.mark.parametrize(
    ("expires", "hours"), [(None, 90 * 24), ("12h", 12), ("1d", 24), ("52w", 52 * 7 * 24), ("99999w", 99999 * 7 * 24)]
)
def test_token_lasts_as_long_as_asked_for(home: Path, expires: str | None, hours: int) -> None:
    create(home, "--role", "reader", *(["--expires", expires] if expires else []))
    (token,) = TokenFile(home).tokens()
    assert token.expires
    assert (token.expires - token.created).total_seconds() == hours * 3600


def test_token_may_last_for_ever(home: Path) -> None:
    create(home, "--role", "reader", "--expires", "never")
    assert run("token", "list", "--home", home, "--json").json[0]["expires"] is None


@pytest.mark.parametrize("expires", ["", "0d", "-1d", "90", "d", "1.5d", "3y", "1d ", "100000w", "\u0661d", "Never"])
def test_time_that_is_none_is_a_slip(home: Path, expires: str) -> None:
    outcome = run("token", "create", "--home", home, "-t", "acme", "--role", "reader", "--expires", expires)
    assert (outcome.code, one_line(outcome).endswith("is no time; write 12h, 90d, 52w or never.")) == (2, True)
    assert TokenFile(home).tokens() == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["create", "-t", "acm", "--role", "reader"], "There is no tenant acm; did you mean acme?"),
        (["create", "-t", "../x", "--role", "reader"], "'../x' cannot name a tenant"),
        (["create", "-t", "acme", "--role", "root"], "There is no role 'root'; choose one of reader, writer, admin."),
        (["create", "-t", "acme"], "Missing option '--role'"),
        (["create", "--role", "reader"], "Missing option '--tenant'"),
        (["revoke", "nothing"], "There is no token with the id nothing; jobgraph token list shows"),
    ],
)
def test_slip_ends_with_2(home: Path, words: list[str], sentence: str) -> None:
    outcome = run("token", *words, "--home", home)
    assert (outcome.code, sentence in one_line(outcome)) == (2, True)


@pytest.mark.parametrize("part", [slice(3, 13), slice(None)], ids=["id", "whole"])
def test_revoked_token_is_worthless_and_stays_in_the_list(home: Path, part: slice) -> None:
    secret, kept = create(home, "--role", "admin"), create(home, "--role", "reader")
    outcome = run("token", "revoke", secret[part], "--home", home)
    assert (outcome.code, outcome.out) == (0, f"The token {secret[3:13]} of acme is revoked.\n")
    assert (TokenFile(home).identify(secret), TokenFile(home).identify(kept) is None) == (None, False)
    states = {row["id"]: row["state"] for row in run("token", "list", "--home", home, "--json").json}
    assert states == {secret[3:13]: "revoked", kept[3:13]: "valid"}


def test_home_may_stand_before_the_command(home: Path) -> None:
    assert run("token", "--home", home, "create", "-t", "acme", "--role", "reader").code == 0
    assert len(run("token", "--home", home, "list", "--json").json) == 1


def test_file_that_others_can_read_is_refused_in_one_line(home: Path) -> None:
    create(home, "--role", "reader")
    (home / "access" / "tokens.json").chmod(0o644)
    outcome = run("token", "list", "--home", home)
    assert (outcome.code, "run chmod 600 on it" in one_line(outcome)) == (1, True)


def test_token_is_limited_to_the_profiles_that_are_named(home: Path) -> None:
    secret = create(home, "--role", "reader", "--profile", "open", "-p", "partner")
    identity = TokenFile(home).identify(secret)
    assert identity
    assert identity.profiles == frozenset({"open", "partner"})
    assert run("token", "list", "--home", home, "--json").json[0]["profiles"] == ["open", "partner"]


def test_token_for_a_profile_that_there_is_not_is_refused(home: Path) -> None:
    outcome = run("token", "create", "--home", home, "-t", "acme", "--role", "reader", "--profile", "opne")
    assert (outcome.code, outcome.out) == (2, "")
    assert "There is no profile 'opne'; choose one of " in outcome.err
    assert TokenFile(home).tokens() == []


def test_home_that_is_named_comes_before_one_of_the_environment_that_cannot_be_read(home: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    command = [*PROGRAM, "token", "list", "--json", "--home", str(home)]
    if os.geteuid() == 0:  # who may read whatever the mode is, unless that right is taken away
        os.chown(closed, 65534, 65534)
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    environment = {**os.environ, "JOBGRAPH_HOME": str(closed)}
    outcome = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "[]\n", "")
