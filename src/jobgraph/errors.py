"""The errors of jobgraph, each with the exit code that the command line ends with.

JobgraphError
├── UsageError (ValueError)             2   a name, option or query that does not fit
├── RefusedError                        1   a policy forbids what was asked
├── InputError (ValueError)            65   input that cannot be read
│   └── TurtleError                    65   a Turtle file that does not parse: file, line
├── StorageError (OSError)             74   disk full, no permission, a broken store
└── SourceGoneError (ConnectionError)  75   the source went away or cannot be reached: retry
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
