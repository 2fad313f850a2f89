"""Whole processes, measured: wall time, processor time and peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Modules are compiled once, as those of a package that was installed, whatever the environment says.
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Run:
    """One finished process: seconds on the wall, seconds of processor, peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.wall_s:7.2f} s wall  {self.cpu_s:7.2f} s cpu  {self.peak_mb:7.0f} MB"


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    exit_codes: Collection[int] = (0,),
    output: Path = Path(os.devnull),
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a command to its end and measure it; it writes to `output`, and `environment` is added to that of ours.

    Raises
    ------
    RuntimeError : it did not end with one of `exit_codes`; the text is the end of its standard error.
    """
    start = time.perf_counter()
    words = [str(part) for part in command]
    variables = {**os.environ, **_COMPILED, **(environment or {})}
    with (
        output.open("wb") as stdout,
        subprocess.Popen(words, cwd=cwd, env=variables, stdout=stdout, stderr=subprocess.PIPE) as child,
    ):
        assert child.stderr is not None
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in exit_codes:
        raise RuntimeError(f"{command} ended with {child.returncode}: {errors.decode()[-2000:]}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


# A process begins with the size of the one that starts it, so a small one starts it, and tells what it took.
_SMALL = """
import json, os, sys, time
start = time.perf_counter()
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]  # long work of DuckDB prints how far it is
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(child, 0)
taken = time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
print(json.dumps([os.waitstatus_to_exitcode(status), *taken]))
"""


def run_small(command: Sequence[str | Path], *, exit_codes: Collection[int] = (0,)) -> Run:
    """The same, where its memory may be less than that of this process; the command names a program by its path.

    Raises
    ------
    RuntimeError : as for `run`.
    """
    words = [sys.executable, "-ISc", _SMALL, *(str(part) for part in command)]
    done = subprocess.run(words, capture_output=True, check=True, env={**os.environ, **_COMPILED})
    code, *taken = json.loads(done.stdout.splitlines()[-1])
    if code not in exit_codes:
        raise RuntimeError(f"{command} ended with {code}: {done.stderr.decode()[-2000:]}")
    return Run(*taken)


def best_of(times: int, command: Sequence[str | Path], *, cwd: Path | None = None) -> Run:
    """The quickest of several runs: what else the machine does only ever adds."""
    return min((run(command, cwd=cwd) for _ in range(times)), key=lambda r: r.wall_s)


def count_lines(paths: Sequence[Path]) -> int:
    """The lines of files."""
    return sum(block.count(b"\n") for path in paths for block in _iter_blocks(path))


def _iter_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(1 << 22):
            yield block
