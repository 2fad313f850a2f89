"""`jobgraph quarantine`, `coverage` and `audit`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.commands import one_line, run

from jobgraph.server.access import Identity, Role
from jobgraph.server.audit_log import AuditLog, Event


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


def write_log(home: Path, count: int) -> Path:
    log = AuditLog(home)
    for number in range(count):
        log.append(Event("update", f"write {number}", "published", Identity("acme", Role.WRITER, "k")))
    return log.path


def test_audit_log_that_fits_is_summed_up(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in write_log(tmp_path, 3).read_text().splitlines()]
    outcome = run("audit", "verify", "--home", tmp_path)
    head = lines[-1]["hash"]
    expected = f"3 lines fit, from {lines[0]['time']} to {lines[2]['time']}.\nHead hash: {head}\n"
    assert (outcome.code, outcome.out) == (0, expected)
    assert run("audit", "verify", "--home", tmp_path, "--json").json["head"] == head


def test_audit_log_that_does_not_fit_ends_with_4(tmp_path: Path) -> None:
    path = write_log(tmp_path, 3)
    path.write_text(path.read_text().replace("write 1", "write 9"))
    outcome = run("audit", "verify", "--home", tmp_path)
    assert (outcome.code, outcome.out) == (4, "")
    assert one_line(outcome).startswith(f"{path}, line 2: its hash is not that of its content.")


def test_head_hash_that_was_kept_must_be_in_the_log(tmp_path: Path) -> None:
    path = write_log(tmp_path, 3)
    head = run("audit", "verify", "--home", tmp_path, "--json").json["head"]
    assert run("audit", "verify", "--home", tmp_path, "--head", head).code == 0
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    assert run("audit", "verify", "--home", tmp_path).code == 0
    assert run("audit", "verify", "--home", tmp_path, "--head", head).code == 4


def test_torn_line_of_the_audit_log_is_told(tmp_path: Path) -> None:
    path = write_log(tmp_path, 1)
    path.write_text(path.read_text() + "{")
    outcome = run("audit", "verify", "--home", tmp_path)
    assert (outcome.code, "Torn by processes that died: 1." in outcome.out) == (0, True)


def test_audit_log_of_a_new_home_is_empty(tmp_path: Path) -> None:
    assert run("audit", "verify", "--home", tmp_path).out == "The audit log is empty.\n"


def test_audit_without_a_command_shows_its_help() -> None:
    outcome = run("audit")
    assert (outcome.code, "verify" in outcome.out) == (2, True)
