"""`jobgraph package`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import ask, one_line, run
from tests.exports.packages import NQUADS, copied, make_package, small_profile

from jobgraph.exports.signing import create_key


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    make_package(sample_home, small_profile(folder), folder / "package")
    return folder / "package"


def test_package_that_holds_ends_well_and_says_what_was_checked(package: Path) -> None:
    outcome = run("package", "verify", package)
    assert (outcome.code, outcome.err) == (0, "")
    assert "contract: 0 violations" in outcome.out


def test_package_that_does_not_hold_ends_with_one_line(package: Path, tmp_path: Path) -> None:
    spoiled = copied(package, tmp_path / "package")
    (spoiled / NQUADS).write_bytes((spoiled / NQUADS).read_bytes()[1:])
    outcome = run("package", "verify", spoiled)
    assert outcome.code == 4
    assert outcome.out == ""
    said = one_line(outcome)
    assert said.startswith(f"The package {spoiled} has another {NQUADS} than its manifest states; do not use it")


def test_foreign_key_is_an_error(package: Path, tmp_path: Path) -> None:
    create_key(tmp_path / "their.key")
    outcome = run("package", "verify", package, "--key", tmp_path / "their.key.pub")
    assert outcome.code == 4
    assert "is not signed" in one_line(outcome)


@pytest.mark.parametrize(("name", "code"), [("nowhere", 65), ("nowhere.zip", 65)])
def test_missing_package_is_named(tmp_path: Path, name: str, code: int) -> None:
    outcome = run("package", "verify", tmp_path / name)
    assert outcome.code == code
    assert name in one_line(outcome)


def test_loaded_package_is_a_tenant(package: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    outcome = run("package", "load", package, "--home", home, "--tenant", "partner")
    assert outcome.code == 0, outcome.err
    assert "partner is at generation 000001" in outcome.out
    assert ask(home, "partner", "SELECT (COUNT(?job) AS ?jobs) { ?job a jg:Job }") == [["40"]]
    assert run("package", "load", package, "--home", home, "--tenant", "Not A Name").code == 2
