"""morph-kgc, an independent R2RML engine, in an environment of its own: it needs older libraries than we do.

`python tests/morph_environment.py` makes the environment and prints its Python.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).resolve().parent.parent / ".venv-morph"
REQUIREMENTS = Path(__file__).with_name("morph_requirements.txt")
_INSTALL_TIMEOUT_S, _RUN_TIMEOUT_S = 600, 1800

CONFIGURATION = """[CONFIGURATION]
output_file: {out}
output_format: {output_format}
number_of_processes: {processes}
na_values: {na_values}
logging_level: INFO
logging_file: {log}
[tables]
mappings: {mapping}
"""
# morph-kgc turns rows into text before it looks for missing values, as these; an empty text is a value in a database.
NULLS_OF_A_DATABASE = "None,nan,NaT"


class NotInstalledError(Exception):
    """The environment cannot be made here; the text says why."""


@cache
def morph_python() -> Path:
    """The Python of the environment, made anew when the pinned requirements have changed; skips where that fails."""
    try:
        return make_environment()
    except NotInstalledError as error:
        pytest.skip(f"morph-kgc cannot be installed: {error}")


def make_environment() -> Path:
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    try:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:  # no room, or a Python without ensurepip
        raise NotInstalledError(str(error)) from error
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", str(REQUIREMENTS)]
    try:
        run = subprocess.run(
            [python, "-m", "pip", "install", *options],
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"pip took more than {_INSTALL_TIMEOUT_S} s") from None
    if run.returncode:
        raise NotInstalledError((run.stderr.strip().splitlines() or ["pip failed"])[-1])
    stamp.write_text(wanted, encoding="utf-8")
    return python


@dataclass(frozen=True)
class MorphRun:
    """What the engine wrote, and the seconds that it spent on reading the mapping before it turned to the data."""

    graph: Path
    mapping_s: float


def run_morph(folder: Path, document: str, *, database: str = "", processes: int = 2) -> MorphRun:
    """Run the engine in `folder` on a mapping of a database, or of files."""
    graph, mapping, log = folder / ("graph.nq" if database else "graph.nt"), folder / "mapping.ttl", folder / "log.txt"
    mapping.write_text(document, encoding="utf-8")
    configuration = CONFIGURATION.format(
        out=graph,
        output_format="N-QUADS" if database else "N-TRIPLES",
        processes=processes,
        na_values=NULLS_OF_A_DATABASE if database else "",
        log=log,
        mapping=mapping,
    )
    configuration += "db_url: {MORPH_DATABASE}\n" if database else ""
    (folder / "configuration.ini").write_text(configuration, encoding="utf-8")
    address = database.replace("postgresql://", "postgresql+psycopg://")
    subprocess.run(
        [morph_python(), "-m", "morph_kgc", "configuration.ini"],
        cwd=folder,
        env={**os.environ, "MORPH_DATABASE": address, "PGTZ": "UTC"},
        timeout=_RUN_TIMEOUT_S,
        check=True,
    )
    said = re.search(r"Mappings processed in ([0-9.]+) seconds", log.read_text(encoding="utf-8"))
    return MorphRun(graph, float(said[1]) if said else 0.0)


if __name__ == "__main__":
    sys.stdout.write(f"{make_environment()}\n")
