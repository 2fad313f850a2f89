"""A look at all that can be wrong with a home, its machine and the program, before somebody else finds out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jobgraph.errors import JobgraphError
from jobgraph.operations.checks.access import check_audit, check_tokens
from jobgraph.operations.checks.home import (
    check_generations,
    check_layout,
    check_leftovers,
    check_moves,
    check_record,
    check_rights,
    check_terms,
)
from jobgraph.operations.checks.machine import (
    check_clock,
    check_disk,
    check_open_files,
    check_port,
    check_temporary_space,
)
from jobgraph.operations.checks.model import Finding, State, Subject
from jobgraph.operations.checks.program import check_libraries, check_settings, check_shipped_files

Check = Callable[[Subject], Iterator[Finding]]
# Those of the first table can be asked without a home.
_ANYWHERE: Mapping[str, Check] = {
    "libraries": check_libraries,
    "shipped files": check_shipped_files,
    "settings": check_settings,
    "temporary space": check_temporary_space,
    "open files": check_open_files,
    "port": check_port,
    "home": check_layout,
}
_OF_A_HOME: Mapping[str, Check] = {
    "rights": check_rights,
    "disk": check_disk,
    "clock": check_clock,
    "generations": check_generations,
    "terms": check_terms,
    "leftovers": check_leftovers,
    "moves": check_moves,
    "last build": check_record,
    "tokens": check_tokens,
    "audit log": check_audit,
}
CHECKS: Mapping[str, Check] = {**_ANYWHERE, **_OF_A_HOME}


@dataclass(frozen=True)
class Named:
    """A finding, with the name of the check that found it."""

    check: str
    finding: Finding


def examine(subject: Subject) -> Iterator[Named]:
    """What each check finds, in their order; those of a home are left out where there is none."""
    checks = CHECKS if subject.home.is_dir() else _ANYWHERE
    for name, check in checks.items():
        yield from (Named(name, finding) for finding in _findings(check, subject))


def is_failing(findings: list[Named]) -> bool:
    """Whether something does not work, or is lost if nothing is done."""
    return any(named.finding.state is State.FAILURE for named in findings)


def _findings(check: Check, subject: Subject) -> Iterator[Finding]:
    """What a check finds; that it could not look is a failure, too."""
    try:
        yield from check(subject)
    except (JobgraphError, OSError) as error:
        yield Finding(State.FAILURE, str(error).rstrip("."), "See above, and look again.")
