"""`jobgraph sample`: what it says; what it writes is tested with the module that writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import one_line, run


def test_sample_is_written_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    report = run("sample", "--jobs", "2", "--tenants", "1", "--seed", "3", folder, "--json").json
    assert report["tables"] == len(list(folder.glob("*.csv"))) > 100
    assert report["defects"] == 0


def test_sample_says_what_it_wrote(tmp_path: Path) -> None:
    outcome = run("sample", "--jobs", "1", "--tenants", "1", "--defects", "0.1", tmp_path / "data")
    assert (outcome.code, outcome.out.startswith(f"{tmp_path / 'data'}: tables ")) == (0, True)


def test_sample_does_not_write_into_a_full_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("", encoding="utf-8")
    outcome = run("sample", tmp_path)
    assert (outcome.code, "is not empty" in one_line(outcome)) == (2, True)


@pytest.mark.parametrize("option", [("--jobs", "0"), ("--tenants", "0"), ("--defects", "1.5"), ("--seed", "x")])
def test_bad_number_is_a_slip(tmp_path: Path, option: tuple[str, str]) -> None:
    outcome = run("sample", tmp_path / "data", *option)
    assert (outcome.code, option[0] in one_line(outcome)) == (2, True)
