"""A graph is there to be opened, or is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgraph.api import open_graph, open_sample
from jobgraph.errors import UsageError


def test_sample_is_built_once(tmp_path: Path) -> None:
    opened = [open_sample(home=tmp_path).generation for _ in range(2)]
    assert opened == ["000001", "000001"]


def test_home_comes_from_the_settings(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_HOME", str(sample_home))
    assert open_graph("alpine-therapeutics", generation=1).slug == "alpine-therapeutics"


def test_generation_that_is_not_there_is_refused(sample_home: Path) -> None:
    with pytest.raises(UsageError, match="has no generation 9; choose one of 000001"):
        open_graph("northwind-bio", home=sample_home, generation=9)
