"""Progress of long work: on a terminal only."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.commands import start

from jobgraph.cli.progress import show_progress


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(quiet=False) as progress:
        progress("check", 0)
        progress("check", 100)
    assert capsys.readouterr() == ("", "")


def shown_on_terminal(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and what it wrote to a terminal on standard error."""
    controller, terminal = os.openpty()
    with start(*arguments, stderr=terminal, env={"TERM": "xterm", "COLUMNS": "100"}) as process:
        os.close(terminal)
        shown = b""
        while chunk := read_terminal(controller):
            shown += chunk
        process.communicate()
    os.close(controller)
    return process.returncode, shown.decode()


def read_terminal(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError:  # the other end is closed
        return b""


def test_terminal_shows_stages_with_counts_and_rates(source: Path, tmp_path: Path) -> None:
    code, shown = shown_on_terminal("build", source, "--home", tmp_path / "home")
    assert code == 0
    assert all(stage in shown for stage in ("check", "map", "load", "infer", "publish"))
    assert re.search(r"8 rows, [\d,]+ rows/s", shown)
    assert re.search(r"2 tenants, [\d,]+ tenants/s", shown)


def test_quiet_terminal_stays_empty(source: Path, tmp_path: Path) -> None:
    assert shown_on_terminal("build", source, "--home", tmp_path / "home", "--quiet") == (0, "")
