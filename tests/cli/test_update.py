"""`jobgraph update`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from tests.commands import ask, one_line, run
from tests.small_source import BASE

ASSERTED = f"<{BASE}graph/acme/asserted>"
NOTE = "INSERT DATA { GRAPH <urn:notes> { <urn:a> rdfs:label 'A note' } }"
NAME = "SELECT ?name { ?job a jg:Job ; skos:notation 'A1' ; rdfs:label ?name }"
RENAME = f"""WITH {ASSERTED} DELETE {{ ?job rdfs:label ?name }} INSERT {{ ?job rdfs:label 'Do it' }}
WHERE {{ ?job skos:notation 'A1' ; rdfs:label ?name }}"""


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(built_home, tmp_path / "home")


def test_update_is_published(home: Path) -> None:
    outcome = run("update", NOTE, "--home", home, "-t", "acme")
    assert (outcome.code, outcome.out) == (0, "Added 1, removed 0; acme is at generation 000003.\n")
    assert ask(home, "acme", "SELECT ?label { GRAPH <urn:notes> { ?a rdfs:label ?label } }") == [["A note"]]


def test_update_may_come_from_a_file_or_standard_input(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "note.ru"
    file.write_text(NOTE)
    assert run("update", file, "--home", home, "-t", "acme").code == 0
    again = run("update", "-", "--home", home, "-t", "acme", stdin=NOTE.encode())
    assert (again.code, again.out) == (0, "Nothing changed; acme is at generation 000003.\n")
    assert run("update", "DROP GRAPH <urn:notes>", "--home", home, "-t", "acme", "--json").json["removed"] == 1


def test_what_is_asserted_is_inferred_from_and_validated(home: Path) -> None:
    outcome = run("update", RENAME, "--home", home, "-t", "acme")
    assert (outcome.code, outcome.out) == (0, "Added 1, removed 1; acme is at generation 000003.\n")
    assert ask(home, "acme", NAME) == [["Do it"]]
    outcome = run("update", f"INSERT DATA {{ GRAPH {ASSERTED} {{ <urn:a> a jg:Job }} }}", "--home", home, "-t", "acme")
    assert outcome.code == 5
    assert one_line(outcome).startswith("The change breaks a shape, so nothing was changed: <urn:a>: ")
    assert any(str(quad.object) == "<urn:a>" for quad in parse(outcome.out, RdfFormat.TURTLE))
    assert ask(home, "acme", NAME) == [["Do it"]]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        pytest.param(["CLEAR ALL"], 6, "is read-only, so nothing was changed", id="read_only"),
        pytest.param([NOTE, "--expected", "000001"], 7, "at generation 000002 and no longer at 000001", id="stale"),
        pytest.param(["LOAD <http://127.0.0.1/>"], 1, "LOAD is not allowed", id="load"),
        pytest.param(["INSERT DATA {"], 2, "does not parse at line 1", id="syntax"),
        pytest.param(["nowhere.ru"], 65, "no file that can be read", id="no_file"),
    ],
)
def test_refusal_has_a_code_and_a_sentence(arguments: list[str], code: int, sentence: str, built_home: Path) -> None:
    outcome = run("update", *arguments, "--home", built_home, "-t", "acme")
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in one_line(outcome)
