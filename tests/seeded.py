"""Defects that were seeded in a generated sample, held against what the door reports of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from jobgraph.contract import admit
from jobgraph.sample import KINDS
from jobgraph.sources import open_source
from jobgraph.vocabulary import Vocabulary

Place = tuple[str, int, str]  # table, number of the row, column
Entry = tuple[str, int, str, str, str]  # the same with key and rule

_REPORTED = """
    SELECT table_name, row_number, column_name, coalesce(key, ''), rule, whole_row FROM quarantine UNION ALL
    SELECT table_name, row_number, column_name, key, split_part(component, '#', 2), false FROM findings"""


@dataclass(frozen=True)
class Seeded:
    """What was made of a sample with defects: `truth` is what was seeded, the others what the door reports."""

    truth: set[Entry]
    reported: set[Entry]
    lost_rows: set[tuple[str, int]]

    @property
    def missed(self) -> set[Entry]:
        """Seeded defects that are not reported with table, row, column, key and rule."""
        return self.truth - self.reported

    @property
    def false_reports(self) -> set[Entry]:
        """Reports on cells that are sound."""
        spoiled = {entry[:3] for entry in self.truth}
        return {entry for entry in self.reported if entry[:3] not in spoiled}

    @property
    def lost_good_rows(self) -> set[tuple[str, int]]:
        """Rows in quarantine as a whole that no defect spoils as a whole."""
        whole = {kind.becomes for kind in KINDS.values() if kind.whole_row}
        return self.lost_rows - {entry[:2] for entry in self.truth if entry[4] in whole}


def look_at(folder: Path, vocabulary: Vocabulary) -> Seeded:
    """Let `folder / "source"` through the door, and hold what it reports against `folder / "truth.csv"`."""
    with TemporaryDirectory() as work, duckdb.connect(config={"threads": 2}) as connection:
        admit(connection, open_source(str(folder / "source"), work_dir=Path(work)), vocabulary)
        rows = connection.execute(_REPORTED).fetchall()
    reported = {(table, row, column, key, rule) for table, row, column, key, rule, _ in rows}
    lost = {(table, row) for table, row, *_, whole_row in rows if whole_row}
    return Seeded(read_truth(folder / "truth.csv"), reported, lost)


def read_truth(path: Path) -> set[Entry]:
    """The seeded defects as entries."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {(row["table"], int(row["row"]), row["column"], row["key"], row["becomes"]) for row in rows}
