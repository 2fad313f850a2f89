"""`jobgraph key`."""

from __future__ import annotations

from pathlib import Path

from tests.commands import one_line, run

from jobgraph.exports.signing import read_public_key, read_secret


def test_key_is_made_and_shown_without_its_secret(tmp_path: Path) -> None:
    made = run("key", "create", tmp_path / "our.key")
    shown = run("key", "show", tmp_path / "our.key")
    assert (made.code, shown.code) == (0, 0)
    name = read_public_key(tmp_path / "our.key.pub").name
    assert name in made.out
    assert shown.out == run("key", "show", tmp_path / "our.key.pub").out
    assert shown.out == f"{name}\n{(tmp_path / 'our.key.pub').read_text()}"
    secret = (tmp_path / "our.key").read_text().splitlines()[1]
    assert secret not in made.out + shown.out


def test_secret_is_made(tmp_path: Path) -> None:
    assert run("key", "create", tmp_path / "partner.secret", "--secret").code == 0
    assert len(read_secret(tmp_path / "partner.secret")) >= 32


def test_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "our.key").write_text("mine")
    outcome = run("key", "create", tmp_path / "our.key")
    assert outcome.code == 2
    assert "is there already" in one_line(outcome)
    assert run("key", "show", tmp_path / "our.key").code == 65


def test_help_comes_without_a_command() -> None:
    assert run("key").code == 2
    assert "jobgraph key create our.key" in run("key").out
