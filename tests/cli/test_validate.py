"""`jobgraph validate` on files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rdflib import Graph
from tests.commands import Outcome, one_line, run
from tests.shacl.cases import write

SHAPES = """:s a sh:NodeShape ; sh:targetClass :Thing ; sh:property
    [ sh:path :p ; sh:maxInclusive 10 ; sh:message "At most 10." ; sh:severity sh:Warning ] ."""
DATA = ":a a :Thing ; :p 11 . :b a :Thing ; :p 10 ."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path, "data.ttl", DATA)


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    return write(tmp_path, "shapes.ttl", SHAPES)


def validate(data: Path, shapes: Path, *options: str) -> Outcome:
    return run("validate", "--data", data, "--shapes", shapes, *options)


def test_a_table_says_what_does_not_conform(data: Path, shapes: Path) -> None:
    outcome = validate(data, shapes)
    assert outcome.code == 0
    assert "At most 10." in outcome.out
    assert outcome.out.endswith("The graph does not conform: Warning 1.\n")


def test_turtle_is_a_standard_report(data: Path, shapes: Path) -> None:
    report = Graph().parse(data=validate(data, shapes, "--format", "turtle").out)
    query = "ASK { ?r a sh:ValidationReport ; sh:conforms false ; sh:result [ sh:value 11 ; sh:focusNode <urn:x:a> ] }"
    assert report.query(query, initNs={"sh": "http://www.w3.org/ns/shacl#"}).askAnswer


@pytest.mark.parametrize("engine", ["compiled", "pyshacl"])
def test_json_tells_which_engine_ran_each_shape(data: Path, shapes: Path, engine: str) -> None:
    answer = validate(data, shapes, "--format", "json", "--engine", engine).json
    assert (answer["conforms"], answer["results"][0]["component"]) == (False, "MaxInclusive")
    assert list(answer["delegated"]) == ([] if engine == "compiled" else ["<urn:x:s>"])


def test_csv_has_a_line_for_each_result(data: Path, shapes: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(validate(data, shapes, "--format", "csv").out)))
    assert [(row["severity"], row["focus"], row["message"]) for row in rows] == [
        ("Warning", "<urn:x:a>", "At most 10.")
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 0), (("--fail-on", "violation"), 0), (("--fail-on", "warning"), 1), (("--fail-on", "all"), 2)],
)
def test_the_exit_code_is_what_fail_on_asks_for(options: tuple[str, ...], code: int, data: Path, shapes: Path) -> None:
    assert validate(data, shapes, *options).code == code


def test_data_of_other_formats_is_read(tmp_path: Path, shapes: Path) -> None:
    path = tmp_path / "data.nq"
    path.write_text('<urn:x:a> <urn:x:p> "12"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:x:g> .\n')
    with path.open("a") as file:
        file.write("<urn:x:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:x:Thing> <urn:x:h> .\n")
    assert validate(path, shapes, "--fail-on", "warning").code == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("shapes.ttl", ":s sh:path ; .", id="syntax"),
        pytest.param("shapes.ttl", ":s sh:targetNode :a ; sh:js [ ] .", id="js"),
        pytest.param("shapes.ttl", ':s sh:targetNode :a ; sh:pattern "(" .', id="pattern"),
        pytest.param("data.ttl", ":a :p .", id="data"),
        pytest.param("data.unknown", "", id="suffix"),
    ],
)
def test_bad_input_is_one_line_with_the_file(name: str, text: str, data: Path, shapes: Path) -> None:
    bad = write(data.parent, name, text)
    outcome = validate(bad if name.startswith("data") else data, shapes)
    assert outcome.code == 65
    assert name in one_line(outcome)
    assert not outcome.out


def test_a_document_type_is_refused(tmp_path: Path, shapes: Path) -> None:
    path = tmp_path / "data.rdf"
    path.write_text(
        '<!DOCTYPE rdf [<!ENTITY a "b">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    )
    assert validate(path, shapes).code == 65
