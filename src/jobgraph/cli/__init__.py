"""The command line: one line for an error, and an exit code that tells what kind it is."""

from __future__ import annotations

import sys

from jobgraph.cli.app import app
from jobgraph.errors import JobgraphError, StorageError

INTERRUPTED = 130


def main() -> None:
    """Run the command line; never returns."""
    try:
        app(standalone_mode=True)
    except JobgraphError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("Interrupted; what was published before is unchanged.", INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'Input or output'}: {error.strerror or error}.", StorageError.exit_code)


def _fail(sentence: str, code: int) -> None:
    print(f"jobgraph: {' '.join(sentence.split())}", file=sys.stderr)  # noqa: T201 the one place that prints errors
    sys.exit(code)
