"""`jobgraph analyze` and `network`."""

from __future__ import annotations

import csv
from pathlib import Path

import networkx as nx
import pytest
from tests.commands import Outcome, one_line, run

from jobgraph.analysis import ANALYSES, NETWORKS


def analyze(home: Path, *arguments: object) -> Outcome:
    return run("analyze", *arguments, "--home", home, "--tenant", "acme")


def test_without_a_name_all_are_listed() -> None:
    listed = run("analyze", "--format", "json").json
    assert [row["name"] for row in listed] == list(ANALYSES)
    assert all(row["answers with"] for row in listed)


def test_json_has_units_notes_and_rows(built_home: Path) -> None:
    answer = analyze(built_home, "gaps", "--format", "json").json
    assert (answer["tenant"], answer["units"]["gap"]) == ("acme", "demand x (1 - coverage), 0 to 1")
    assert {"job", "demand", "coverage", "gap"} < set(answer["rows"][0])
    assert any("No demand" in note for note in answer["notes"])


def test_evidence_is_table_and_key(built_home: Path) -> None:
    rows = analyze(built_home, "order", "--evidence", "--format", "json").json["rows"]
    assert ["jobs_to_be_done a1"] in [row["evidence"] for row in rows]


def test_csv_is_rows_alone_and_notes_go_beside(built_home: Path) -> None:
    outcome = analyze(built_home, "opportunities", "--format", "csv")
    rows = list(csv.reader(outcome.out.splitlines()))
    assert rows[0][:5] == ["rank", "best_rank", "worst_rank", "is_tie", "job"]
    assert all(len(row) == len(rows[0]) for row in rows)
    assert "Unscored: " in outcome.err


def test_table_has_its_notes_below(built_home: Path) -> None:
    outcome = analyze(built_home, "progress")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1].startswith("7. Validate: ")


def test_older_generation_is_analysed(built_home: Path) -> None:
    names = [
        {row["name"] for row in analyze(built_home, "order", "-g", number, "--format", "json").json["rows"]}
        for number in (1, 2)
    ]
    assert ("Do a1" in names[0], "Do a1 better" in names[1], "Do a1 better" in names[0]) == (True, True, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["gapz"], "did you mean gaps?", id="analysis"),
        pytest.param(["ranking", "--scheme", "ulwik"], "did you mean ulwick?", id="scheme"),
        pytest.param(["unlocks", "-e", "nothing"], "There is no job 'nothing'", id="entity"),
        pytest.param(["closing-set", "--threshold", "-0.1"], "not from 0 to 1", id="negative_threshold"),
        pytest.param(["closing-set", "--threshold", "much"], "--threshold 'much' is no number", id="no_number"),
        pytest.param(["closing-set", "--threshold", "nan"], "is no number", id="not_a_number"),
        pytest.param(["opportunities", "--margin", "-1"], "negative", id="negative_margin"),
        pytest.param(["what-if", "--set", "Pricing"], "not of the form CAPABILITY=LEVEL", id="set"),
        pytest.param(["centrality", "--network", "people"], "There is no network 'people'", id="network"),
        pytest.param(["gaps", "-g", "9"], "has no generation 9", id="generation"),
        pytest.param(["gaps", "--format", "yaml"], "There is no format 'yaml'", id="format"),
        pytest.param(["order", "--limit", "-3"], "below 1", id="limit"),
    ],
)
def test_bad_input_is_one_sentence(built_home: Path, arguments: list[str], words: str) -> None:
    outcome = analyze(built_home, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in one_line(outcome)


def test_network_is_written(built_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "work.graphml"
    outcome = run("network", "work", "--out", out, "--home", built_home, "-t", "acme")
    assert (outcome.code, "nodes and" in outcome.out) == (0, True)
    assert nx.read_graphml(out).number_of_nodes() > 0


def test_networks_are_listed() -> None:
    assert run("network").out.split() == list(NETWORKS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["work"], "Name a file with --out", id="no_file"),
        pytest.param(["work", "--out", "work.json"], "use one of .graphml", id="suffix"),
        pytest.param(["worl", "--out", "work.gexf"], "did you mean work?", id="name"),
    ],
)
def test_bad_network_is_one_sentence(built_home: Path, arguments: list[str], words: str) -> None:
    outcome = run("network", *arguments, "--home", built_home, "-t", "acme")
    assert (outcome.code, words in one_line(outcome)) == (2, True)
