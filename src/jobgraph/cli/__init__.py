"""The command line: one line for an error, and an exit code that tells what kind it is."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

from jobgraph.errors import JobgraphError, StorageError

INTERRUPTED = 130
# Modules and vocabulary are many objects that stay; looking at them again and again took 3 % of a mapping, and 7 ms
# while modules are imported, so that is done after this is set.
_COLLECT_EVERY = 250_000


def run() -> NoReturn:
    """Be the process: run its command and end at once; to take every object apart first took 0.1 s of a mapping."""
    code: object = 1
    gc.set_threshold(_COLLECT_EVERY, 20, 20)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # it looks for them in every package, 4 ms
    try:
        main()
    except SystemExit as end:
        code = end.code
    with suppress(OSError):
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command, that of the process unless `arguments` are given, and end with its exit code."""
    import typer.exceptions

    from jobgraph.cli.app import ReaderGoneError, app_for

    _print_utf8()
    try:
        given = sys.argv[1:] if arguments is None else arguments
        code = app_for(given)(args=given, prog_name="jobgraph", standalone_mode=False) or 0
        sys.stdout.flush()
    except JobgraphError as error:
        _fail(str(error), error.exit_code)
    except typer.exceptions.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "jobgraph"
        _fail(f"{error.format_message().rstrip('.')}; see {path} --help.", error.exit_code)
    except (ReaderGoneError, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be written, goes nowhere
        sys.exit(0)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except OSError as error:
        _fail(f"{error.filename or 'Output'}: {error.strerror or error}.", StorageError.exit_code)
    if code == INTERRUPTED:
        _fail("Interrupted; what was published before is unchanged.", INTERRUPTED)
    sys.exit(code)


def _print_utf8() -> None:
    """Print UTF-8 wherever this runs, as files and pipes are written; only names of files can hold other bytes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(sentence: str, code: int) -> NoReturn:
    print(f"jobgraph: {' '.join(sentence.split())}", file=sys.stderr)  # noqa: T201 the one place that prints errors
    sys.exit(code)
