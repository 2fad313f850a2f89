"""The wheel holds all that a user needs: installed alone, it builds its own sample from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.small_source import small_tables, write_tables

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "SELECT (COUNT(?job) AS ?jobs) { ?job a jg:Job }"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("jobgraph-*.whl")
    return path


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--root-user-action=ignore"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def run_installed(installation: Path, folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """Run a command of the installation from another folder."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installation)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_has_ontology_shapes_and_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    resources = "jobgraph/_resources/"
    parts = (
        "ontology/jobgraph.ttl",
        "ontology/codes/",
        "ontology/rules/",
        "ontology/checks/",
        "shapes/",
        "data/sample/",
    )
    assert all(any(name.startswith(resources + part) for name in names) for part in parts)
    assert "jobgraph/py.typed" in names


def test_wheel_has_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert sorted(top.partition("-")[0] for top in tops) == ["jobgraph", "jobgraph"]


def test_installation_builds_its_sample_from_any_folder(installation: Path, tmp_path: Path) -> None:
    source = installation / "jobgraph" / "_resources" / "data" / "sample"
    built = run_installed(installation, tmp_path, sys.executable, "-m", "jobgraph", "build", source)
    assert (built.returncode, built.stderr) == (0, "")
    script = installation / "bin" / "jobgraph"
    asked = run_installed(
        installation, tmp_path, sys.executable, script, "query", "-t", "northwind-bio", "--format", "csv", QUESTION
    )
    assert asked.returncode == 0
    assert int(asked.stdout.splitlines()[1]) > 10


@pytest.mark.parametrize("name", ["ontology/job.ttl", "ontology/codes/job-status.ttl", "shapes/job.ttl"])
def test_syntax_error_in_the_vocabulary_has_file_and_line(installation: Path, tmp_path: Path, name: str) -> None:
    source = write_tables(tmp_path / "source", small_tables())
    path = installation / "jobgraph" / "_resources" / name
    content = path.read_text(encoding="utf-8")
    line = len(content.splitlines()) + 1
    path.write_text(f"{content}jg:Job oops .\n", encoding="utf-8")
    try:
        outcome = run_installed(installation, tmp_path, sys.executable, "-m", "jobgraph", "build", source)
    finally:
        path.write_text(content, encoding="utf-8")
    assert (outcome.returncode, outcome.stdout) == (65, "")
    assert outcome.stderr.startswith(f"jobgraph: {path}, line {line}: ")
    assert len(outcome.stderr.splitlines()) == 1


def test_syntax_error_in_a_rule_names_its_file(installation: Path, tmp_path: Path) -> None:
    source = write_tables(tmp_path / "source", small_tables())
    path = installation / "jobgraph" / "_resources" / "ontology" / "rules" / "99_broken.rq"
    path.write_text("CONSTRUCT { ?job a } WHERE", encoding="utf-8")
    try:
        outcome = run_installed(installation, tmp_path, sys.executable, "-m", "jobgraph", "build", source)
    finally:
        path.unlink()
    assert (outcome.returncode, f"{path} is no SPARQL query" in outcome.stderr) == (65, True)
    assert not list(tmp_path.glob(".jobgraph/tenants/*/CURRENT"))
