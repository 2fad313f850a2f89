"""The errors of jobgraph, each with the exit code that the command line ends with.

JobgraphError
├── UsageError (ValueError)             2   a name, option or query that does not fit
│   └── UnknownGraphError (LookupError) 2   a named graph that is not there
├── RefusedError                        1   a policy forbids what was asked
│   ├── ShapeRefusalError               5   a change that the shapes forbid, with its validation report
│   ├── ReservedGraphError              6   a change of a graph that is read-only
│   ├── StaleGenerationError            7   the graph changed since the writer saw it
│   ├── ExportRefusedError              8   an export that its profile forbids
│   └── HomeFormatError                10   a home that a newer version wrote
├── InputError (ValueError)            65   input that cannot be read
│   └── TurtleError                    65   a Turtle file that does not parse: file, line
├── StorageError (OSError)             74   disk full, no permission, a broken store
├── SourceGoneError (ConnectionError)  75   the source went away or cannot be reached: retry
│   ├── EndpointFailedError            75   an endpoint answered that it failed
│   └── TenantHeldError                75   the tenant is being moved to another host
├── ClusterError (ConnectionError)     69   a Spark cluster that cannot be reached or was lost
├── TamperedError                       4   the audit log is not as it was written
├── PackageError                        4   a package that is not what it says it is
├── BackupError                         9   a backup that is not as it was written
└── AccessError                        77   a request without a token that counts
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class JobgraphError(Exception):
    """What every error of this package is; its text is one sentence: what, where, what to do."""

    exit_code: ClassVar[int] = 70


class UsageError(JobgraphError, ValueError):
    """A name, option or query that does not fit what there is."""

    exit_code = 2


class RefusedError(JobgraphError):
    """A policy forbids what was asked; nothing was changed."""

    exit_code = 1


class UnknownGraphError(UsageError, LookupError):
    """A named graph that is not there."""


class ShapeRefusalError(RefusedError):
    """A change that the shapes forbid; `report` is a `sh:ValidationReport` in Turtle, `count` all its violations."""

    exit_code = 5

    def __init__(self, sentence: str, *, report: str = "", count: int = 0) -> None:
        super().__init__(sentence)
        self.report, self.count = report, count


class ReservedGraphError(RefusedError):
    """A change of a graph that is read-only."""

    exit_code = 6


class StaleGenerationError(RefusedError):
    """The graph changed since the writer saw it; `current` is the name of the generation that is there now."""

    exit_code = 7

    def __init__(self, sentence: str, *, current: str = "") -> None:
        super().__init__(sentence)
        self.current = current


class ExportRefusedError(RefusedError):
    """An export that its profile forbids, for this generation or on this day; nothing was written."""

    exit_code = 8


class HomeFormatError(RefusedError):
    """A home that a newer version of this program wrote, or upgraded; nothing was read of it or changed."""

    exit_code = 10


class InputError(JobgraphError, ValueError):
    """Input that cannot be read at all."""

    exit_code = 65


class TurtleError(InputError):
    """A Turtle file that does not parse."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}, line {line}: {problem} Correct the file and run again.")
        self.path, self.line, self.problem = path, line, problem


class StorageError(JobgraphError, OSError):
    """The disk is full, a permission is missing or a store is broken; the published state is unchanged."""

    exit_code = 74


class SourceGoneError(JobgraphError, ConnectionError):
    """The source went away or cannot be reached; nothing was changed and a retry may work."""

    exit_code = 75


class EndpointFailedError(SourceGoneError):
    """An endpoint answered that it failed: what was asked for was not done, as far as it knows."""


class TenantHeldError(SourceGoneError):
    """The tenant is being moved to another host, or was; nothing may be written here."""


class ClusterError(JobgraphError, ConnectionError):
    """A Spark cluster cannot be reached, has no executors or lost them for good; nothing was published."""

    exit_code = 69


class TamperedError(JobgraphError):
    """The audit log is not as it was written; names the first line that does not fit."""

    exit_code = 4

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}, line {line}: {problem} Compare it with a copy that was kept elsewhere.")
        self.path, self.line, self.problem = path, line, problem


class PackageError(JobgraphError):
    """A package that is not what it says it is; `problem` says in what, with what cannot be printed as escapes."""

    exit_code = 4

    def __init__(self, location: Path, problem: str) -> None:
        super().__init__(
            f"The package {location} {_printable(problem)}; do not use it, and ask its sender for another."
        )
        self.location, self.problem = location, _printable(problem)


class BackupError(JobgraphError):
    """A backup that is not as it was written; `problem` says in what."""

    exit_code = 9

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"The backup {path} {_printable(problem)}; nothing was restored, so use another copy of it.")
        self.path, self.problem = path, _printable(problem)


class AccessError(JobgraphError):
    """A request without a token that counts; always the same text, whatever is wrong with it."""

    exit_code = 77
    challenge: ClassVar[str] = "Bearer"  # the value of WWW-Authenticate

    def __init__(self) -> None:
        super().__init__("The request has no valid token; send one as Authorization: Bearer TOKEN.")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
