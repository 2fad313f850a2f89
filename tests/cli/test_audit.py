"""`jobgraph quarantine` and `coverage`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.commands import one_line, run


def test_quarantine_has_table_key_row_column_value_and_rule(built_home: Path) -> None:
    rows = list(csv.DictReader(run("quarantine", "--home", built_home, "--format", "csv").out.splitlines()))
    found = {(row["table"], row["key"], row["row"], row["column"], row["value"], row["rule"]) for row in rows}
    assert found == {
        ("jtbd_outcomes", "outcome-a1", "1", "importance_score", "7,5", "datatype"),
        ("jtbd_outcomes", "outcome-a2", "2", "jtbd_id", "nowhere", "missing-target"),
    }


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--tenant", "acme"], 2),
        (["--tenant", "bolt"], 0),
        (["--table", "jtbd_outcomes"], 2),
        (["--table", "tenants"], 0),
    ],
)
def test_quarantine_of_one_tenant_or_table(built_home: Path, options: list[str], count: int) -> None:
    assert len(run("quarantine", "--home", built_home, "--format", "json", *options).json) == count


def test_quarantine_is_a_table_on_screen(built_home: Path) -> None:
    assert "7,5" in run("quarantine", "--home", built_home).out


def test_unknown_table_is_a_slip(built_home: Path) -> None:
    outcome = run("quarantine", "--home", built_home, "--table", "jtbd_outcome")
    assert (outcome.code, "did you mean jtbd_outcomes" in one_line(outcome)) == (2, True)


def test_coverage_counts_the_rows_of_each_table(built_home: Path) -> None:
    rows = list(csv.DictReader(run("coverage", "--home", built_home, "--format", "csv").out.splitlines()))
    outcomes = next(row for row in rows if row["table"] == "jtbd_outcomes")
    assert (outcomes["read"], outcomes["stated"], outcomes["cells"]) == ("3", "3", "2")


def test_coverage_names_unknown_tables(built_home: Path) -> None:
    assert "Unknown tables, left out: mystery." in run("coverage", "--home", built_home).out


def test_coverage_names_the_state_of_each_column(built_home: Path) -> None:
    rows = run("coverage", "--home", built_home, "--columns", "--format", "json").json
    states = {(row["table"], row["column"]): row["state"] for row in rows}
    assert states["jtbd_outcomes", "id"] == "key"
    assert states["jtbd_outcomes", "importance_score"] == "mapped"
    assert states["jtbd_outcomes", "evidence_source"] == "absent"


@pytest.mark.parametrize("command", ["quarantine", "coverage"])
def test_there_is_nothing_before_the_first_build(tmp_path: Path, command: str) -> None:
    outcome = run(command, "--home", tmp_path)
    assert (outcome.code, "run jobgraph build SOURCE first" in one_line(outcome)) == (2, True)


@pytest.mark.parametrize("command", ["quarantine", "coverage"])
def test_unknown_format_is_refused(built_home: Path, command: str) -> None:
    outcome = run(command, "--home", built_home, "--format", "yaml")
    assert (outcome.code, one_line(outcome)) == (2, "There is no format 'yaml'; choose one of table, csv, json.")
