"""Whole processes, measured: wall time, processor time and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


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
) -> Run:
    """Run a command to its end and measure it; what it prints is written to `output`.

    Raises
    ------
    RuntimeError : it did not end with one of `exit_codes`; the text is the end of its standard error.
    """
    start = time.perf_counter()
    words = [str(part) for part in command]
    with (
        output.open("wb") as stdout,
        subprocess.Popen(words, cwd=cwd, stdout=stdout, stderr=subprocess.PIPE) as child,
    ):
        assert child.stderr is not None
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in exit_codes:
        raise RuntimeError(f"{command} ended with {child.returncode}: {errors.decode()[-2000:]}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


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
