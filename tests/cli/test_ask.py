"""`jobgraph ask`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.commands import Outcome, one_line, run

from jobgraph.questions import read_questions
from jobgraph.vocabulary import Vocabulary


def ask(home: Path, *arguments: object) -> Outcome:
    return run("ask", *arguments, "--home", home, "--tenant", "acme")


def test_questions_are_listed_without_a_tenant() -> None:
    rows = list(csv.reader(run("ask", "--format", "csv").out.splitlines()))
    assert [row[1] for row in rows[1:]] == list(read_questions(Vocabulary()))


def test_question_is_explained_without_a_tenant() -> None:
    out = run("ask", "jobs-of-persona", "--explain").out
    assert all(words in out for words in ("--persona", "required", "Wren the Curious Liaison", "SELECT"))


@pytest.mark.parametrize(
    "arguments", [("--job", "A1"), ("--job=a1",), ("--job", "<https://jobgraph.example/id/job/a1>")]
)
def test_parameter_is_an_option(built_home: Path, arguments: tuple[str, ...]) -> None:
    found = ask(built_home, "facts_of_job", *arguments, "--format", "csv").out.splitlines()
    assert [row[:2] for row in csv.reader(found)][1:] == [["A1", "Do a1 better"]]


def test_table_comes_with_notes(built_home: Path) -> None:
    outcome = ask(built_home, "highest_opportunities", "-g", "1")
    assert (outcome.code, "Note: 2 of the 2 scores (100 %) name no evidence source." in outcome.out) == (0, True)


def test_json_has_values_rows_and_notes(built_home: Path) -> None:
    found = ask(built_home, "facts_of_job", "--job", "A2", "--format", "json").json
    assert (found["values"]["job"], found["rows"][0]["code"]) == ("https://jobgraph.example/id/job/a2", "A2")


def test_csv_goes_to_a_file(built_home: Path, tmp_path: Path) -> None:
    ask(built_home, "facts_of_job", "--job", "A2", "--format", "csv", "--out", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines()[1].startswith("A2,Do a2")


def test_no_rows_are_an_answer(built_home: Path) -> None:
    outcome = ask(built_home, "missing_capabilities")
    assert (outcome.code, "0 rows" in outcome.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["jobs_of_person"], "did you mean jobs_of_persona", id="question"),
        pytest.param(["facts_of_job"], "needs job", id="missing_parameter"),
        pytest.param(["facts_of_job", "--jobb", "A1"], "has no parameter jobb; did you mean job?", id="parameter"),
        pytest.param(["facts_of_job", "--job"], "--job has no value", id="no_value"),
        pytest.param(["facts_of_job", "--job", "A1", "--job", "A2"], "--job comes twice", id="twice"),
        pytest.param(["facts_of_job", "A1"], "'A1' is no parameter; write --name value", id="no_option"),
        pytest.param(["facts_of_job", "--job", "A9"], "There is no jg:Job 'A9'", id="entity"),
        pytest.param(["highest_opportunities", "--least", "-1"], "a number from 0 to 20", id="negative"),
        pytest.param(["facts_of_job", "--job", "A1", "--format", "xml"], "There is no format 'xml'", id="format"),
        pytest.param(["facts_of_job", "--job", "A1", "--out", "x"], "add --format csv", id="table_to_file"),
        pytest.param(["--all"], "name their folder with --out", id="all_without_folder"),
    ],
)
def test_slip_is_one_sentence(built_home: Path, arguments: list[str], words: str) -> None:
    outcome = ask(built_home, *arguments)
    assert (outcome.code, words in one_line(outcome)) == (2, True)


def test_older_generation_answers_as_it_was(built_home: Path) -> None:
    out = ask(built_home, "facts_of_job", "--job", "A1", "--format", "csv", "-g", "1").out
    assert out.splitlines()[1].startswith("A1,Do a1,")
