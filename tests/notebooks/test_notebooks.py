"""The notebooks run on the sample from any folder, keep no outputs, and need no network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [
    "01_build_and_look",
    "02_quality",
    "03_inheritance",
    "04_opportunities",
    "05_dependencies",
    "06_capability_gaps",
    "07_linked_data_in_and_out",
    "08_your_own_question",
    "09_how_it_grows",
]
each_notebook = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in NOTEBOOKS])


def read_notebook(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_of(path: Path) -> list[Any]:
    return [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]


def test_notebooks_are_those_that_are_promised() -> None:
    assert [path.stem for path in NOTEBOOKS] == NAMES


@each_notebook
def test_notebook_keeps_no_outputs(path: Path) -> None:
    assert [cell for cell in code_of(path) if cell.outputs or cell.execution_count] == []


@each_notebook
def test_notebook_names_no_place_of_a_machine(path: Path) -> None:
    assert re.findall(r"(?:^|[\"' (])(?:/[a-z]+/|~/|[A-Z]:\\)", path.read_text(encoding="utf-8")) == []


@each_notebook
def test_notebook_tells_a_story_and_holds_no_logic(path: Path) -> None:
    cells = read_notebook(path).cells
    assert cells[0].cell_type == "markdown"
    assert sum(cell.cell_type == "markdown" for cell in cells) >= 5
    statements = "\n".join(cell.source for cell in code_of(path))
    assert re.findall(r"^\s*(?:def|class|for|while|if|try|with)\b", statements, re.MULTILINE) == []


@each_notebook
def test_notebook_runs(path: Path, sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOBGRAPH_HOME", raising=False)
    shutil.copytree(sample_home, tmp_path / ".jobgraph")
    notebook = read_notebook(path)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [
        output for output in outputs if output.output_type in ("error", "stream") and output.get("name") != "stdout"
    ] == []
    shown = [output.data for output in outputs if "data" in output]
    assert len(outputs) >= 6
    assert [data for data in shown if set(data) & {"application/javascript", "application/vnd.vegalite.v6+json"}] == []
    pictures = sum("image/svg+xml" in data for data in shown)
    assert pictures == sum("plot(" in cell.source.splitlines()[-1].lower() for cell in code_of(path))
    assert not any(re.search(r"https?://[^\"']*(?:jsdelivr|unpkg|cdn)", str(data)) for data in shown)
