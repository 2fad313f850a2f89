"""Checks of the program: its libraries, the files that come with it, and its settings."""

from __future__ import annotations

import difflib
import platform
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution, version
from pathlib import Path

from packaging.requirements import Requirement

from jobgraph.operations.checks.model import Finding, Subject, failure, ok, warning
from jobgraph.resources import terms_hash
from jobgraph.server.settings import ServerSettings
from jobgraph.settings import PREFIX, rules
from jobgraph.vocabulary import Vocabulary

_HERE = Path(__file__).resolve()
_ADVICE = "Install jobgraph again, with the versions of requirements.lock."


def check_libraries(_subject: Subject) -> Iterator[Finding]:
    """Each library that the program needs is there, in a version that it works with."""
    needed = [requirement for requirement in map(Requirement, _program().requires or []) if _is_needed(requirement)]
    wrong = [problem for requirement in needed if (problem := _problem(requirement))]
    yield from (failure(problem, _ADVICE) for problem in wrong)
    if not wrong:
        names = ", ".join(f"{name} {version(name)}" for name in ("jobgraph", "pyoxigraph", "duckdb"))
        yield ok(f"Python {platform.python_version()}, {names}, {len(needed)} libraries as required")


def check_shipped_files(_subject: Subject) -> Iterator[Finding]:
    """The ontology and shapes can be read and fit each other, and all files are those that were installed."""
    files = [path for path in _program().files or [] if path.hash and path.parts[0] == "jobgraph"]
    stated = files if any(_located(path) == _HERE for path in files) else []  # else another copy of it runs
    other = [path for path in stated if not _is_as_installed(path)]
    yield from (failure(f"{path} is not as it was installed", _ADVICE) for path in other[:5])
    tables = len(Vocabulary().tables)
    checked = f"{len(stated):,} files as installed" if stated else "from a checkout, no hashes"
    if not other:
        yield ok(f"{tables} tables, terms {terms_hash()[:16]}, {checked}")


def check_settings(subject: Subject) -> Iterator[Finding]:
    """What the environment says with the prefix of the settings is a setting."""
    known = {PREFIX + name.upper() for name in rules(ServerSettings)}
    given = sorted(name for name in subject.environment if name.startswith(PREFIX))
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            advice = f"Did you mean {near[0]}?" if near else "Unset it."
            yield warning(f"{name} is no setting", advice)
    yield ok(f"{sum(name in known for name in given)} settings from the environment")


def _program() -> Distribution:
    return distribution("jobgraph")


def _is_needed(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _problem(requirement: Requirement) -> str:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    fits = requirement.specifier.contains(found, prereleases=True)
    return "" if fits else f"{requirement.name} is {found}, and {requirement.specifier} is needed"


def _is_as_installed(path: PackagePath) -> bool:
    """Whether a file has the hash that the installer wrote down."""
    try:
        content = _located(path).read_bytes()
    except OSError:
        return False
    digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
    return path.hash is None or path.hash.mode != "sha256" or digest == path.hash.value


def _located(path: PackagePath) -> Path:
    return Path(str(path.locate())).resolve()
