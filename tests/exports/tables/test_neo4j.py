from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.exports.tables.graphs import Held
from tests.exports.tables.reading import parsed

from jobgraph.exports.tables import write_tables
from jobgraph.vocabulary import Vocabulary

Write = Callable[[str], dict[str, str]]


@pytest.fixture
def write(tmp_path: Path, small_vocabulary: Vocabulary) -> Write:
    """The text of each file."""

    def make(turtle: str) -> dict[str, str]:
        prefixes = "@prefix jg: <https://w3id.org/jobgraph/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        paths = write_tables(Held(parsed(prefixes + turtle)), "neo4j", tmp_path, vocabulary=small_vocabulary)
        return {path.name: path.read_text() for path in paths}

    return make


def test_nodes_and_relationships_are_in_the_form_of_the_importer(write: Write) -> None:
    files = write(
        "<urn:a> a jg:Team ; jg:worksIn <urn:c> ; jg:isActive true ; jg:tags 'x', 'y' .<urn:c> a jg:Country, jg:Place ."
    )
    assert files["nodes_team.csv"] == "iri:ID,isActive:boolean,tags:string[],:LABEL\nurn:a,true,x\x1fy,Team\n"
    assert files["nodes_country.csv"] == "iri:ID,:LABEL\nurn:c,Country\x1fPlace\n"
    assert files["links.csv"] == ":START_ID,:END_ID,:TYPE\nurn:a,urn:c,WORKS_IN\n"
    assert files["outside.csv"] == "iri:ID,:LABEL\n"


def test_end_of_a_link_that_states_nothing_is_a_node_too(write: Write) -> None:
    files = write("<urn:a> a jg:Team ; jg:page <https://example.org/2>, <https://example.org/1>, <urn:a> .")
    assert files["outside.csv"].splitlines()[1:] == ["https://example.org/1,Resource", "https://example.org/2,Resource"]


@pytest.mark.parametrize(
    ("turtle", "type_"),
    [
        pytest.param("7.25", "double", id="decimal"),
        pytest.param("7.12345678901234567", "string", id="too_exact_for_a_float"),
        pytest.param("5", "long", id="integer"),
        pytest.param("9223372036854775809", "string", id="too_long"),
        pytest.param("1.0e3", "double", id="double"),
        pytest.param("true", "boolean", id="boolean"),
        pytest.param("'2025-01-31'^^xsd:date", "date", id="date"),
        pytest.param("'2025-01-31Z'^^xsd:date", "string", id="date_with_zone"),
        pytest.param("'2025-01-31T10:00:00+02:00'^^xsd:dateTime", "datetime", id="moment"),
        pytest.param("'2025-01-31T10:00:00'^^xsd:dateTime", "localdatetime", id="local_moment"),
        pytest.param("'2025-01-31T10:00:00.1234567891Z'^^xsd:dateTime", "string", id="too_exact_moment"),
        pytest.param("1, 2", "long[]", id="list"),
    ],
)
def test_column_has_the_type_that_holds_its_values(write: Write, turtle: str, type_: str) -> None:
    assert f"value:{type_}," in write(f"<urn:a> a jg:Team ; jg:value {turtle} .")["nodes_team.csv"]


def test_column_has_one_type_in_all_files(write: Write) -> None:
    files = write("<urn:a> a jg:Team ; jg:value 1, 2 . <urn:b> a jg:Tool ; jg:value 9223372036854775809 .")
    assert "value:string[]" in files["nodes_team.csv"]
    assert "value:string[]" in files["nodes_tool.csv"]


def test_script_gives_every_file_to_the_importer(write: Write, tmp_path: Path) -> None:
    files = write("<urn:a> a jg:Team . <urn:b> a jg:Tool .")
    importer = tmp_path / "bin" / "neo4j-admin"
    importer.parent.mkdir()
    importer.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    importer.chmod(0o755)
    script = tmp_path / "import.sh"
    call = subprocess.run(
        ["sh", script, "partner"], env={"PATH": f"{importer.parent}:/usr/bin:/bin"}, capture_output=True, check=True
    )
    called = call.stdout.decode().splitlines()
    assert called[:4] == ["database", "import", "full", "partner"]
    assert {option.partition("=")[2] for option in called if "csv" in option} == {f for f in files if f.endswith("csv")}
    assert "--relationships=links.csv" in called
