"""Docker, asked by its command line, and what the guides say to type."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT.joinpath("docs", "run.md").read_text(encoding="utf-8")
OPERATIONS = ROOT.joinpath("docs", "operations.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "data" / "sample"
PROJECT = "jobgraph-deployment"  # a user's own containers and volumes have another name
BASE = os.environ.get("PYTHON_IMAGE", "")
BUILD_ARGUMENTS = ["--build-arg", f"PYTHON={BASE}"] if BASE else []
SERVER = "http://127.0.0.1:7878"
PLUGIN, PROGRAM = "docker compose", "docker-compose"


def execute(*command: object, timeout_s: float = 600) -> str:
    """What a command prints, without the space around it.

    Raises:
        AssertionError: It ended with another code than 0.
    """
    environment = {**os.environ, "COMPOSE_PROJECT_NAME": PROJECT}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout_s
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.strip()


def type_in(line: str) -> str:
    """What a line of a guide prints; compose is a plugin of Docker here, or a program of its own as in Debian 12."""
    has_plugin = subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode == 0
    return execute("bash", "-c", line if has_plugin or not shutil.which(PROGRAM) else line.replace(PLUGIN, PROGRAM))


def lines_of(guide: str, heading: str) -> list[str]:
    """The lines to type under a heading of a guide."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", guide, re.MULTILINE | re.DOTALL)
    return re.findall(r"^    (\S.*)$", section, re.MULTILINE)


def unit(guide: str, name: str) -> str:
    """The text of a systemd unit in a guide."""
    start = guide.index("\n\n", guide.index(f"`/etc/systemd/system/{name}`"))
    (text,) = re.findall(r"\A((?:    .*\n|\n)+)", guide[start:])
    return re.sub(r"^    ", "", text, flags=re.MULTILINE).strip() + "\n"


def wait_until(is_so: Callable[[], bool], what: str, timeout_s: float = 60) -> None:
    """Return once it is so.

    Raises:
        AssertionError: It never was.
    """
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, f"never within {timeout_s:.0f} s: {what}"
        time.sleep(0.2)
