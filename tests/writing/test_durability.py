"""A writer that dies and a disk that is full: the old state or the new, and nothing left over."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat
from tests.mounts import mounted
from tests.store.content import BASE, leftovers

from jobgraph.errors import StorageError
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.writing import PutGraph, SparqlUpdate, apply_change

KILLS = 10
ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
import sys
from itertools import count
from pathlib import Path
from tests.writing.test_durability import write_state
for number in count(int(sys.argv[2])):
    write_state(Path(sys.argv[1]), number)
"""


def write_state(home: Path, number: int) -> None:
    """Let all of 300 things, in two graphs, say one number."""
    things = " ".join(f"<ex:{n}> <ex:number> {number} ." for n in range(300))
    text = f"CLEAR ALL ; INSERT DATA {{ {things} GRAPH <ex:g> {{ {things} }} }}"
    apply_change(Home(home).tenant("acme"), SparqlUpdate(text), Settings(home=home))


def served(home: Path) -> set[tuple[str, int]]:
    """The numbers that are said, each with how often."""
    generation = Home(home).tenant("acme").current()
    assert generation
    with generation.open() as store:
        values = [str(getattr(quad.object, "value", "")) for quad in store]
    return {(value, values.count(value)) for value in values}


def test_killed_writer_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(5)
    Home(home).create_tenant("acme", base=BASE)
    write_state(home, 0)
    for kill in range(KILLS):
        command = [sys.executable, "-c", PROGRAM, str(home), str(1000 * (kill + 1))]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        before = Home(home).tenant("acme").generations()[-1].number
        while Home(home).tenant("acme").generations()[-1].number == before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.3 * chance.random())
        process.kill()
        assert process.wait() == -signal.SIGKILL
        ((_, count),) = served(home)
        assert count == 600
        write_state(home, kill)
        assert (served(home), leftovers(Home(home))) == ({(str(kill), 600)}, [])


@pytest.mark.parametrize("free", [pytest.param(300_000, id="for_nothing"), pytest.param(3_000_000, id="for_some")])
def test_full_disk_leaves_the_old_state(free: int, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "size=60m"):
        home = Home(folder / "home")
        tenant = home.create_tenant("acme", base=BASE)
        settings = Settings(home=home.path)
        apply_change(tenant, SparqlUpdate("INSERT DATA { <ex:a> <ex:p> 1 }"), settings)
        used = os.statvfs(folder)
        taken = (used.f_blocks - used.f_bfree) * used.f_frsize
        subprocess.run(["mount", "-o", f"remount,size={taken + free}", folder], check=True)
        body = "".join(f'<ex:{n}> <ex:p> "{random.Random(n).randbytes(200).hex()}" .\n' for n in range(40_000)).encode()
        with pytest.raises(StorageError):
            apply_change(tenant, PutGraph("ex:g", body, RdfFormat.N_TRIPLES), settings)
        assert served(home.path) == {("1", 1)}
        assert leftovers(home) == []
