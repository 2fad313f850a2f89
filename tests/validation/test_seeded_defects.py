"""Every defect that a sample was seeded with is reported, and nothing else; the same as the benchmark, in small."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.seeded import Seeded, look_at, read_truth

from jobgraph.mapping.iris import row_of
from jobgraph.pipeline.review import read_results
from jobgraph.sample import KINDS
from jobgraph.shacl import INFO
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def seeded(spoiled_home: Path, shipped_vocabulary: Vocabulary) -> Seeded:
    return look_at(spoiled_home.parent, shipped_vocabulary)


def test_every_defect_is_reported_with_its_place_and_rule(seeded: Seeded) -> None:
    assert len(seeded.truth) > 700
    assert {entry[4] for entry in seeded.truth} == {kind.becomes for kind in KINDS.values()}
    assert seeded.missed == set()


def test_nothing_else_is_reported(seeded: Seeded) -> None:
    assert seeded.false_reports == set()


def test_no_good_row_is_lost(seeded: Seeded) -> None:
    assert len(seeded.lost_rows) > 50
    assert seeded.lost_good_rows == set()


def test_truth_is_what_stands_in_the_files(spoiled_home: Path) -> None:
    with (spoiled_home.parent / "truth.csv").open(encoding="utf-8", newline="") as stream:
        defects = list(csv.DictReader(stream))
    for table in {defect["table"] for defect in defects}:
        with (spoiled_home.parent / "source" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        here = [defect for defect in defects if defect["table"] == table]
        assert [rows[int(d["row"]) - 1][d["column"]] for d in here] == [d["value"] for d in here]


def test_violations_across_the_graph_lead_to_spoiled_rows(spoiled_home: Path, shipped_vocabulary: Vocabulary) -> None:
    spoiled = {(table, key) for table, _, _, key, _ in read_truth(spoiled_home.parent / "truth.csv")}
    columns = {f"<{column.shape}>" for table in shipped_vocabulary.tables.values() for column in table.columns}
    found = []
    for slug in Home(spoiled_home).tenants():
        generation = Home(spoiled_home).tenant(slug).current()
        assert generation
        graves = [r for r in read_results(generation) if r.severity != INFO and str(r.shape) not in columns]
        iris = [r.focus.value for r in graves if isinstance(r.focus, NamedNode)]
        found += [row_of(iri, generation.names.base, shipped_vocabulary) for iri in iris]
    assert len(found) > 5
    assert [(row[0].name, row[1]) for row in found if row and (row[0].name, row[1]) not in spoiled] == []
