"""`jobgraph query` and `dump`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse
from tests.commands import Outcome, one_line, run
from tests.small_source import BASE

JOBS = "SELECT ?name { ?job a jg:Job ; rdfs:label ?name } ORDER BY ?name"
NAMES = ["Do a1 better", "Do a2"]


def query(home: Path, *arguments: object, stdin: bytes = b"") -> Outcome:
    return run("query", "--home", home, "--tenant", "acme", *arguments, stdin=stdin)


def test_answer_is_a_table(built_home: Path) -> None:
    outcome = query(built_home, JOBS)
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "2 rows")
    assert all(name in outcome.out for name in NAMES)


def test_text_comes_from_a_file(built_home: Path, tmp_path: Path) -> None:
    (tmp_path / "jobs.rq").write_text(JOBS, encoding="utf-8")
    assert query(built_home, tmp_path / "jobs.rq", "--format", "csv").out.splitlines() == ["name", *NAMES]


def test_text_comes_from_standard_input(built_home: Path) -> None:
    assert query(built_home, "-", "--format", "csv", stdin=JOBS.encode()).out.splitlines() == ["name", *NAMES]


def test_csv_is_rfc_4180(built_home: Path) -> None:
    assert list(csv.reader(query(built_home, JOBS, "--format", "csv").out.splitlines()))[1] == [NAMES[0]]


def test_tsv_has_terms(built_home: Path) -> None:
    assert query(built_home, JOBS, "--format", "tsv").out.splitlines() == ["?name", *(f'"{name}"' for name in NAMES)]


def test_json_has_bindings(built_home: Path) -> None:
    bindings = json.loads(query(built_home, JOBS, "--format", "json").out)["results"]["bindings"]
    assert [binding["name"]["value"] for binding in bindings] == NAMES


def test_xml_has_results(built_home: Path) -> None:
    root = ElementTree.fromstring(query(built_home, JOBS, "--format", "xml").out)
    assert [element.text for element in root.iter("{http://www.w3.org/2005/sparql-results#}literal")] == NAMES


def test_triples_come_as_turtle(built_home: Path) -> None:
    text = query(built_home, f"DESCRIBE <{BASE}job/a1>", "--format", "turtle").out
    assert {quad.subject.value for quad in parse(text, RdfFormat.TURTLE)} == {f"{BASE}job/a1"}


def test_table_of_triples_has_three_columns(built_home: Path) -> None:
    out = query(built_home, "CONSTRUCT { ?job a jg:Job } { ?job a jg:Job }").out
    assert all(word in out for word in ("subject", "predicate", "object", "rdf:type", "jg:Job"))


def test_question_is_answered_yes_or_no(built_home: Path) -> None:
    assert "true" in query(built_home, "ASK { ?job a jg:Job }").out


def test_values_are_bound(built_home: Path) -> None:
    text = "SELECT ?job ?name { ?job rdfs:label ?name }"
    found = query(built_home, text, "--bind", f"job=<{BASE}job/a2>", "--format", "csv").out
    assert found.splitlines() == ["job,name", f"{BASE}job/a2,Do a2"]


@pytest.mark.parametrize("pair", ["name", "a-b=1", "job=<not an iri>"])
def test_binding_must_be_one(built_home: Path, pair: str) -> None:
    assert query(built_home, JOBS, "--bind", pair).code == 2


def test_older_generation_answers_as_it_was(built_home: Path) -> None:
    out = query(built_home, JOBS, "--generation", "1", "--format", "csv").out
    assert out.splitlines()[1] == "Do a1"


def test_file_is_written_whole(built_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "jobs.csv"
    assert query(built_home, JOBS, "--format", "csv", "--out", out).out == ""
    assert out.read_text(encoding="utf-8").splitlines() == ["name", *NAMES]


def test_table_goes_to_no_file(built_home: Path, tmp_path: Path) -> None:
    outcome = query(built_home, JOBS, "--out", tmp_path / "jobs.txt")
    assert (outcome.code, "name a --format" in one_line(outcome)) == (2, True)


def test_file_that_cannot_be_written_ends_with_74(built_home: Path, tmp_path: Path) -> None:
    outcome = query(built_home, JOBS, "--format", "csv", "--out", tmp_path / "none" / "jobs.csv")
    assert (outcome.code, "jobs.csv" in one_line(outcome)) == (74, True)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        pytest.param("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 1, "SERVICE is not allowed", id="call"),
        pytest.param("SELECT ?x { ?x a jg:Job", 2, "does not parse at line 1, column 24", id="open_brace"),
        pytest.param("SELECT ?x\n{ ?x a jg:Job ]}", 2, "does not parse at line 2", id="second_line"),
        pytest.param("SELECT * { ?s unknown:word ?o }", 2, "refix", id="unknown_prefix"),
        pytest.param("jobs.rq", 65, "'jobs.rq' is no file", id="no_file"),
        pytest.param("a" * 5000, 65, "is no file", id="long_word"),
        pytest.param("SELECT * { ?s ?p 'caf\udce9' }", 65, "UTF-8", id="argument_of_other_bytes"),
    ],
)
def test_bad_text_is_one_sentence(built_home: Path, text: str, code: int, words: str) -> None:
    outcome = query(built_home, text)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in one_line(outcome)


def test_standard_input_must_be_utf8(built_home: Path) -> None:
    outcome = query(built_home, "-", stdin=b"SELECT * { ?s ?p 'caf\xe9' }")
    assert (outcome.code, one_line(outcome)) == (65, "The query is no UTF-8 text; write or save it as UTF-8.")


def test_unknown_result_format_is_refused(built_home: Path) -> None:
    assert query(built_home, JOBS, "--format", "turtle").code == 2


def test_tenant_must_be_named_where_there_are_two(built_home: Path) -> None:
    outcome = run("query", "--home", built_home, JOBS)
    assert (outcome.code, "name one with --tenant, such as acme, bolt" in one_line(outcome)) == (2, True)


def test_unknown_tenant_is_a_slip(built_home: Path) -> None:
    outcome = run("query", "--home", built_home, "-t", "acmee", JOBS)
    assert (outcome.code, one_line(outcome)) == (2, "There is no tenant acmee; did you mean acme?")


def test_unknown_generation_is_a_slip(built_home: Path) -> None:
    outcome = query(built_home, JOBS, "-g", "9")
    assert (outcome.code, "choose one of 000001, 000002" in one_line(outcome)) == (2, True)


def test_home_without_tenants_says_so(tmp_path: Path) -> None:
    outcome = run("query", "--home", tmp_path, JOBS)
    assert (outcome.code, "run jobgraph build SOURCE" in one_line(outcome)) == (2, True)


def test_screen_shows_a_thousand_rows(built_home: Path) -> None:
    outcome = query(built_home, "SELECT ?a { VALUES ?a { " + "1 " * 1001 + "} }")
    assert "These are the first 1,000 rows; --format csv gives all." in outcome.out


@pytest.mark.parametrize("format_name", ["trig", "nquads", "jsonld", "turtle", "ntriples", "rdfxml"])
def test_dump_reads_back(built_home: Path, tmp_path: Path, format_name: str) -> None:
    out = tmp_path / "graph"
    assert run("dump", "--home", built_home, "-t", "acme", "--format", format_name, "--out", out).code == 0
    format_ = {
        "trig": RdfFormat.TRIG,
        "nquads": RdfFormat.N_QUADS,
        "jsonld": RdfFormat.JSON_LD,
        "turtle": RdfFormat.TURTLE,
        "ntriples": RdfFormat.N_TRIPLES,
        "rdfxml": RdfFormat.RDF_XML,
    }[format_name]
    assert f"{BASE}job/a1" in {quad.subject.value for quad in parse(out.read_bytes(), format_)}


def test_dump_goes_to_standard_output(built_home: Path) -> None:
    assert f"<{BASE}job/a1>" in run("dump", "--home", built_home, "-t", "acme", "--format", "nquads").out


def test_unknown_dump_format_leaves_no_file(built_home: Path, tmp_path: Path) -> None:
    outcome = run("dump", "--home", built_home, "-t", "acme", "--format", "yaml", "--out", tmp_path / "graph")
    assert (outcome.code, list(tmp_path.iterdir())) == (2, [])
