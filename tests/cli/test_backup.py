"""`jobgraph backup`, `restore` and `upgrade`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import ask, one_line, run

NAMES = "SELECT ?name { ?job a jg:Job ; rdfs:label ?name } ORDER BY ?name"


@pytest.fixture(scope="module")
def file(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "all.tar.zst"
    outcome = run("backup", "--home", built_home, "--out", path)
    assert (outcome.code, "acme: generation 000002 of " in outcome.out) == (0, True)
    return path


def test_what_comes_back_answers_like_what_went(built_home: Path, file: Path, tmp_path: Path) -> None:
    outcome = run("restore", file, "--home", tmp_path / "new")
    assert (outcome.code, outcome.out.splitlines()[0]) == (
        0,
        "acme: generation 000002 of the backup is generation 000002 now.",
    )
    for tenant in ("acme", "bolt"):
        assert ask(tmp_path / "new", tenant, NAMES) == ask(built_home, tenant, NAMES) != []
    assert run("quarantine", "--home", tmp_path / "new").out == run("quarantine", "--home", built_home).out


def test_file_can_be_checked_alone(file: Path, tmp_path: Path) -> None:
    outcome = run("restore", file, "--verify-only", "--json", "--home", tmp_path / "new")
    assert (outcome.code, sorted(outcome.json["tenants"])) == (0, ["acme", "bolt"])
    assert not (tmp_path / "new").exists()


def test_another_base_is_pointed_out(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_BASE", "https://other.example/")
    out = run("restore", file, "--home", tmp_path, "-t", "bolt").out
    assert out.splitlines()[-1].endswith(
        "JOBGRAPH_BASE=https://jobgraph.example/id/; here it is https://other.example/."
    )


def test_flipped_byte_ends_with_9(file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 8
    spoiled = tmp_path / "spoiled"
    spoiled.write_bytes(content)
    for options in (["--verify-only"], []):
        outcome = run("restore", spoiled, "--home", tmp_path / "new", *options)
        assert (outcome.code, outcome.out) == (9, "")
        assert "has bytes that are not as they were written; nothing was restored" in one_line(outcome)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["backup", "-t", "nobody", "--out", "x"], 2),
        (["backup", "--out", "/no/such/folder/x"], 74),
        (["backup"], 2),
        (["restore", "/no/such/file"], 65),
        (["restore", "/dev/null", "--verify-only"], 9),
    ],
)
def test_slip_is_one_sentence(built_home: Path, words: list[str], code: int) -> None:
    outcome = run(*words, "--home", built_home)
    assert (outcome.code, bool(one_line(outcome))) == (code, True)


def test_newer_home_ends_with_10(tmp_path: Path) -> None:
    run("tenants", "create", "acme", "--home", tmp_path)
    (tmp_path / "FORMAT").write_text("99\n")
    for words in (["tenants"], ["upgrade"], ["backup", "--out", tmp_path.parent / "x"], ["generations", "-t", "acme"]):
        outcome = run(*words, "--home", tmp_path)
        assert (outcome.code, "install a newer one" in one_line(outcome)) == (10, True)


def test_upgrade_says_what_it_did(tmp_path: Path) -> None:
    run("tenants", "create", "acme", "--home", tmp_path)
    (tmp_path / "FORMAT").unlink()
    assert run("upgrade", "--home", tmp_path).out == f"{tmp_path} is of format 2; it was of format 1.\n"
    assert run("upgrade", "--home", tmp_path).out == f"{tmp_path} is of format 2; it was already.\n"
