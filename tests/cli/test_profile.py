"""`jobgraph profile`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.commands import one_line, run
from tests.exports.profiles import JOBS, profile_text, written


def test_profiles_are_listed_with_the_tenants_own(built_home: Path, tmp_path: Path) -> None:
    own = shutil.copytree(built_home, tmp_path / "home") / "tenants" / "bolt" / "profiles"
    own.mkdir()
    own.joinpath("own.ttl").write_text(profile_text(), encoding="utf-8")
    found = run("profile", "list", "--home", tmp_path / "home", "-t", "bolt", "--json").json
    assert [(one["name"], one["until"]) for one in found] == [
        (name, "without end") for name in ("full", "open", "own", "partner")
    ]
    assert "What anyone may have" in run("profile", "list").out


def test_check_explains_a_profile_without_a_tenant() -> None:
    outcome = run("profile", "check", "partner")
    assert outcome.code == 0
    for words in (
        "From: the tenant that exports",
        "Must not: distribute",
        "job to be done",
        "Name a --tenant to count",
    ):
        assert words in outcome.out


def test_check_counts_what_leaves_of_a_tenant(built_home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, profile_text(JOBS))
    outcome = run("profile", "check", path, "--home", built_home, "-t", "acme")
    assert outcome.code == 0
    assert "Things that stay, by class" in outcome.out
    told = run("profile", "check", path, "--home", built_home, "-t", "acme", "--format", "json").json["tenant"]
    (jobs,) = told["leaving"]["things"].values()
    assert told["leaving"]["triples"] == 2 * jobs
    assert told["reasonsAgainst"] == []


def test_check_says_what_speaks_against_an_export(built_home: Path) -> None:
    outcome = run("profile", "check", "partner", "--home", built_home, "-t", "acme")
    assert outcome.code == 8
    assert "Against an export today: Generation 000002 has" in outcome.out


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        pytest.param(["nobody"], 2, "There is no profile 'nobody'", id="unknown"),
        pytest.param(["nowhere.ttl"], 65, "nowhere.ttl cannot be read", id="no_file"),
        pytest.param(["open", "--format", "xml"], 2, "choose text or json", id="format"),
    ],
)
def test_check_fails_in_one_line(words: list[str], code: int, problem: str) -> None:
    outcome = run("profile", "check", *words)
    assert outcome.code == code
    assert problem in one_line(outcome)
