"""10,000 seeded defects in 100,000 rows: every one is found where it is, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.seeded import look_at

from jobgraph.sample import SampleSize, write_sample
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark


def test_ten_thousand_defects_in_a_hundred_thousand_rows(tmp_path: Path) -> None:
    vocabulary, truth = Vocabulary(), tmp_path / "truth.csv"
    size = SampleSize(1250, 2, defect_rate=0.115)
    sample = write_sample(tmp_path / "source", size, vocabulary=vocabulary, truth=truth)
    seeded = look_at(tmp_path, vocabulary)
    print(f"\n{sample.rows:,} rows, {sample.defects:,} defects: {len(seeded.missed)} missed")
    print(f"{len(seeded.false_reports)} false reports, {len(seeded.lost_good_rows)} good rows lost")
    assert sample.defects == len(seeded.truth) >= 10_000
    assert sample.rows >= 100_000
    assert (seeded.missed, seeded.false_reports, seeded.lost_good_rows) == (set(), set(), set())
