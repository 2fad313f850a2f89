"""Tables and networks of a million triples, as whole processes: memory stays far below what the triples take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import pytest
from tests.benchmarks import table_export
from tests.benchmarks.runs import run

from jobgraph.exports.tables import TableFormat

pytestmark = pytest.mark.benchmark

THINGS = 100_000
MOST_MB = 400  # the interpreter, the ontology and a number for every thing; the largest file has 65 MB


@pytest.mark.parametrize("name", get_args(TableFormat))
def test_memory_is_bounded(name: TableFormat, tmp_path: Path) -> None:
    found = run([sys.executable, table_export.__file__, name, tmp_path / name, str(THINGS)])
    written = sum(path.stat().st_size for path in (tmp_path / name).iterdir())
    print(f"\n{name:8} {THINGS * table_export.TRIPLES_EACH:,} triples  {found}  {written / 1e6:.0f} MB written")
    assert found.peak_mb < MOST_MB
