"""Commands of jobgraph run in this process, as a user types them, or in one of their own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from jobgraph.cli import main

PROGRAM = (sys.executable, "-m", "jobgraph")


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: object, stdin: bytes = b"") -> Outcome:
    """Run a command in this process."""
    read, out, err = (io.TextIOWrapper(io.BytesIO(content), encoding="utf-8") for content in (stdin, b"", b""))
    with patch.multiple(sys, stdin=read, stdout=out, stderr=err), pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return Outcome(int(end.value.code or 0), _text(out), _text(err))


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own."""
    command = [*PROGRAM, *map(str, arguments)]
    environment = {**os.environ, **options.pop("env", {})}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, start_new_session=True, **{**pipes, **options})


def finish(process: subprocess.Popen[bytes], *, timeout_s: float = 120) -> Outcome:
    """Wait for a command that was started."""
    out, err = process.communicate(timeout=timeout_s)
    return Outcome(process.returncode, (out or b"").decode(), (err or b"").decode())


def ask(home: Path, tenant: str, sparql: str) -> list[list[str]]:
    """The rows of an answer, as `jobgraph query --format csv` gives them."""
    outcome = run("query", "--home", home, "--tenant", tenant, "--format", "csv", sparql)
    assert outcome.code == 0, outcome.err
    return [line.split(",") for line in outcome.out.splitlines()[1:]]


def one_line(outcome: Outcome) -> str:
    """The one line that a command complained with."""
    (line,) = outcome.err.splitlines()
    assert line.startswith("jobgraph: ")
    assert line.endswith((".", "?"))
    return line.removeprefix("jobgraph: ")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
