from __future__ import annotations

from pathlib import Path

import pytest
from tests.exports.packages import small_profile

from jobgraph.exports.profile import Profile


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def profile(folder: Path) -> Profile:
    return small_profile(folder)
