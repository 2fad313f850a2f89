"""Homes that hold graphs with much wrong in them: the known defects, and a generated sample with defects."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def defects_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tenants alpha and beta, with the known defects."""
    home = tmp_path_factory.mktemp("defects") / "home"
    run_build(Plan(str(resource_path("data", "defects"))), Settings(home=home))
    return home


@pytest.fixture(scope="session")
def spoiled_home(tmp_path_factory: pytest.TempPathFactory, shipped_vocabulary: Vocabulary) -> Path:
    """The two tenants of the sample, every seventh row spoiled."""
    folder = tmp_path_factory.mktemp("spoiled")
    size = SampleSize(60, 2, defect_rate=0.15, seed=11)
    write_sample(folder / "source", size, vocabulary=shipped_vocabulary, truth=folder / "truth.csv")
    run_build(Plan(str(folder / "source")), Settings(home=folder / "home"))
    return folder / "home"
