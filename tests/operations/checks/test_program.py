from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.metadata import FileHash, PackagePath
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from tests.operations.checks.subjects import problems, subject

from jobgraph.errors import InputError, TurtleError
from jobgraph.operations.checks import program
from jobgraph.operations.checks.program import check_libraries, check_settings, check_shipped_files

HERE = Path(program.__file__).resolve()


def test_program_as_installed_has_no_problem(first_home: Path) -> None:
    for check in (check_libraries, check_shipped_files, check_settings):
        assert problems(check, subject(first_home)) == []


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ("pyoxigraph==0.4.0", "pyoxigraph is 0.5.13, and ==0.4.0 is needed"),
        ("no-such-library>=1", "no-such-library is not installed"),
        ("no-such-library; extra == 'dev'", ""),
        ("no-such-library; python_version < '3'", ""),
    ],
)
def test_library_that_does_not_fit_fails(first_home: Path, requirement: str, words: str) -> None:
    with patch.object(program, "_program", return_value=SimpleNamespace(requires=[requirement])):
        found = problems(check_libraries, subject(first_home))
    assert found == ([("failure", words)] if words else [])


def installed(content: bytes) -> PackagePath:
    """This module as an installer wrote it down, with the hash of `content`."""
    path = PackagePath("jobgraph", *HERE.parts[HERE.parts.index("jobgraph") + 1 :])
    digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
    path.hash, path.dist = FileHash(f"sha256={digest}"), SimpleNamespace(locate_file=lambda _path: HERE)  # type: ignore[assignment]
    return path


@pytest.mark.parametrize(("content", "count"), [(HERE.read_bytes(), 0), (b"other", 1)])
def test_file_that_was_changed_since_it_was_installed_fails(first_home: Path, content: bytes, count: int) -> None:
    with patch.object(program, "_program", return_value=SimpleNamespace(files=[installed(content)])):
        found = problems(check_shipped_files, subject(first_home))
    assert [state for state, _ in found] == ["failure"] * count


@pytest.mark.parametrize("error", [InputError("ontology is missing"), TurtleError(Path("a.ttl"), 1, "Bad.")])
def test_terms_that_cannot_be_read_are_an_error(first_home: Path, error: InputError) -> None:
    with patch.object(program, "Vocabulary", side_effect=error), pytest.raises(InputError):
        problems(check_shipped_files, subject(first_home))


def test_misspelt_setting_is_named(first_home: Path) -> None:
    looked_at = subject(first_home, environment={"JOBGRAPH_WORKER": "2", "JOBGRAPH_HOME": "x", "HOME": "y"})
    assert problems(check_settings, looked_at) == [("warning", "JOBGRAPH_WORKER is no setting")]
    assert any(finding.advice == "Did you mean JOBGRAPH_WORKERS?" for finding in check_settings(looked_at))
