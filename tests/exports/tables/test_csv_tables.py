"""CSV with CSVW metadata: what is in which file, and that another library finds it valid."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from csvw import CSVW
from hypothesis import given, settings
from tests.exports.tables.graphs import GRAPHS, Held
from tests.exports.tables.reading import link, parsed, read_csvw

from jobgraph.exports.tables import write_tables
from jobgraph.vocabulary import Vocabulary, to_snake_case

Tables = dict[str, list[list[str]]]
Written = tuple[Tables, dict[str, Any]]
Write = Callable[[str], Written]
PREFIXES = """
@prefix jg: <https://w3id.org/jobgraph/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.fixture
def write(tmp_path: Path, small_vocabulary: Vocabulary) -> Write:
    """The rows of all files, and the metadata by the file that they are of."""

    def make(turtle: str) -> Written:
        selection = Held(parsed(PREFIXES + turtle))
        paths = write_tables(selection, "csv", tmp_path, vocabulary=small_vocabulary)
        tables = {path.name: list(csv.reader(path.read_text().splitlines())) for path in paths if path.suffix == ".csv"}
        metadata = json.loads(tmp_path.joinpath("metadata.json").read_text())
        return tables, {table["url"]: table for table in metadata["tables"]}

    return make


def test_table_has_a_line_for_each_thing_and_a_column_for_each_property(write: Write) -> None:
    tables, _ = write("<urn:b> a jg:Tool ; jg:score 1.5 . <urn:a> a jg:Tool ; rdfs:label 'Saw' ; jg:worksFor <urn:x> .")
    assert tables == {
        "tool.csv": [["id", "label", "score", "works_for"], ["urn:a", "Saw", "", "urn:x"], ["urn:b", "", "1.5", ""]]
    }


def test_several_values_are_lines_of_a_table_of_their_own(write: Write) -> None:
    tables, _ = write("<urn:a> a jg:Tool ; jg:use 'to cut', 'to saw; to hew' .")
    assert tables == {
        "tool.csv": [["id"], ["urn:a"]],
        "tool.use.csv": [["id", "use"], ["urn:a", "to cut"], ["urn:a", "to saw; to hew"]],
    }


@pytest.mark.parametrize("path", ["tags", "worksIn", "hasOtherColour"], ids=["list", "junction", "codes"])
def test_what_the_shapes_let_repeat_stands_apart_where_nothing_repeats_too(write: Write, path: str) -> None:
    tables, _ = write(f"<urn:a> a jg:Team ; jg:{path} <urn:x> ; jg:isActive true .")
    assert [table[0] for table in tables.values()] == [["id", "is_active"], ["id", to_snake_case(path)]]


def test_link_that_the_row_at_its_end_states_stands_apart(write: Write) -> None:
    tables, _ = write("<urn:t> a jg:Team ; jg:manages <urn:a> .")
    assert tables["team.manages.csv"] == [["id", "manages"], ["urn:t", "urn:a"]]


def test_kinds_of_values_have_columns_of_their_own(write: Write) -> None:
    tables, metadata = write("<urn:a> a jg:Tool ; jg:use 'cut', 'cut'@en, <urn:cut>, 5, 'x'^^xsd:date .")
    assert tables["tool.csv"] == [
        ["id", "use", "use_date_misfit", "use_en", "use_integer", "use_string"],
        ["urn:a", "urn:cut", "x", "cut", "5", "cut"],
    ]
    columns = {column["name"]: column for column in metadata["tool.csv"]["tableSchema"]["columns"]}
    assert columns["use_en"]["lang"] == "en"
    assert [columns[name]["datatype"] for name in ("use", "use_date_misfit", "use_integer")] == [
        "anyURI",
        "string",
        "integer",
    ]


def test_thing_of_several_classes_stands_where_its_rows_came_from(write: Write) -> None:
    tables, metadata = write("<urn:a> a jg:Tool, jg:Aid, jg:Zeal . <urn:b> a jg:Aid, jg:Tool .")
    assert tables == {
        "tool.csv": [["id"], ["urn:a"], ["urn:b"]],
        "tool.type.csv": [["id", "type"], ["urn:a", "https://w3id.org/jobgraph/Zeal"]],
    }
    virtual = [c["valueUrl"] for c in metadata["tool.csv"]["tableSchema"]["columns"] if c.get("virtual")]
    assert virtual == ["https://w3id.org/jobgraph/Aid", "https://w3id.org/jobgraph/Tool"]


@pytest.mark.parametrize(
    ("links", "keys"),
    [
        pytest.param("<urn:a> jg:for <urn:t> . <urn:b> jg:for <urn:t> .", 1, id="all"),
        pytest.param("<urn:a> jg:for <urn:t> .", 0, id="not_all"),
        pytest.param("<urn:a> jg:for <urn:t> . <urn:b> jg:for <urn:gone> .", 0, id="outside"),
        pytest.param("<urn:a> jg:for <urn:t> . <urn:b> jg:for <urn:a> .", 0, id="two_tables"),
    ],
)
def test_link_to_one_table_is_a_foreign_key_if_no_cell_is_empty(write: Write, links: str, keys: int) -> None:
    _, metadata = write(f"<urn:a> a jg:Tool . <urn:b> a jg:Tool . <urn:t> a jg:Team . {links}")
    expected = [{"columnReference": "for", "reference": {"resource": "team.csv", "columnReference": "id"}}]
    assert metadata["tool.csv"]["tableSchema"].get("foreignKeys", []) == expected * keys


def test_text_that_a_spreadsheet_would_run_stands_as_it_is(write: Write) -> None:
    tables, _ = write("<urn:a> a jg:Tool ; rdfs:label '=1+1' .")
    assert tables["tool.csv"][1] == ["urn:a", "=1+1"]


def test_converter_percent_encodes_letters_beyond_ascii(write: Write, tmp_path: Path) -> None:
    tables, _ = write("<urn:a> a jg:Tool ; jg:page <https://example.org/é> .")
    assert tables["tool.csv"][1] == ["urn:a", "https://example.org/é"]
    page = link("urn:a", "https://w3id.org/jobgraph/page", "https://example.org/%C3%A9")
    assert page in read_csvw(tmp_path)


def problems_of(metadata: Path) -> list[str]:
    """What strict validation by another library finds."""
    found = CSVW(str(metadata), validate=True)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        return [] if found.is_valid else [str(problem.message) for problem in found.warnings]


@settings(max_examples=30)
@given(selection=GRAPHS.filter(lambda held: held.held))
def test_metadata_and_cells_are_valid(small_vocabulary: Vocabulary, selection: Held, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(selection, "csv", folder, vocabulary=small_vocabulary)
    assert problems_of(folder / "metadata.json") == []


def test_broken_link_would_be_found(write: Write, tmp_path: Path) -> None:
    write("<urn:a> a jg:Tool ; jg:for <urn:t> . <urn:t> a jg:Team .")
    tmp_path.joinpath("team.csv").write_text("id\r\nurn:other\r\n")
    with pytest.raises(ValueError, match=r"not found in table team\.csv"):
        problems_of(tmp_path / "metadata.json")
