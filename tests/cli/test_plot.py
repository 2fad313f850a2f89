"""`jobgraph plot`: lists and draws; and the command line starts without what draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.commands import one_line, run


def test_plots_are_listed_without_a_tenant() -> None:
    outcome = run("plot", "--format", "csv")
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, "plot,what it shows,takes")
    assert "landscape," in outcome.out


def test_plot_is_written(sample_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "landscape.svg"
    outcome = run("plot", "landscape", "--out", out, "--home", sample_home, "--tenant", "northwind-bio")
    assert (outcome.code, outcome.out.startswith(str(out))) == (0, True)
    assert out.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["landscap", "--out", "x.svg"], "did you mean landscape?"),
        (["landscape"], "A plot is a file"),
        (["landscape", "--out", "x.gif"], "names no format of a plot"),
        (["landscape", "--out", "x.svg", "--by", "role"], "does not take by"),
        (["ranking", "--out", "x.svg", "--by", "rol"], "cannot be grouped by 'rol'"),
        (["gaps", "--out", "x.svg", "--tenant", "nobody"], "There is no tenant nobody"),
        (["gaps", "--out", "x.svg", "--generation", "7"], "has no generation 7"),
        (["gaps", "--out", "x.svg"], "No job is mapped to a capability"),
    ],
)
def test_bad_input_is_one_line(built_home: Path, arguments: list[str], sentence: str) -> None:
    tenant = [] if "--tenant" in arguments else ["--tenant", "acme"]
    outcome = run("plot", *arguments, "--home", built_home, *tenant)
    assert (outcome.code, sentence in one_line(outcome)) == (2, True)


def test_help_loads_no_tables_and_no_charts() -> None:
    program = "import sys\nfrom jobgraph.cli.app import app\nimport jobgraph\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"polars", "altair", "networkx", "rdflib", "numpy", "pyoxigraph", "vl_convert"} & set(loaded) == set()
