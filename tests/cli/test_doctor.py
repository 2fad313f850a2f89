"""`jobgraph doctor`."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.commands import run


def test_sound_home_ends_with_0(built_home: Path) -> None:
    outcome = run("doctor", "--home", built_home, "--deep")
    assert (outcome.code, outcome.err) == (0, "")
    assert "0 failures, 0 warnings." in outcome.out
    assert "2 of 2 tenants whole (every byte read)" in outcome.out


def test_failure_ends_with_11_and_says_what_to_do(built_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(built_home, tmp_path / "home")
    (home / "tenants" / "acme" / "CURRENT").write_text("000007\n")
    outcome = run("doctor", "--home", home, "--json")
    failing = [row for row in outcome.json if row["state"] == "failure"]
    assert (outcome.code, [row["check"] for row in failing]) == (11, ["generations"])
    assert failing[0]["advice"].startswith("Roll back")


def test_folder_that_is_no_home_fails(tmp_path: Path) -> None:
    outcome = run("doctor", "--home", tmp_path / "none", "--json")
    (failing,) = (row for row in outcome.json if row["state"] == "failure")
    assert (outcome.code, failing["finding"]) == (11, f"{tmp_path / 'none'} is no folder")
