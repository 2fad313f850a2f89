from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad
from tests.exports.graphs import CONTEXT, DATA, MOST_GRAPHS, OLD_DATA, TYPE, Listed
from tests.exports.readers import READERS, by_jena

from jobgraph.errors import UsageError
from jobgraph.exports.canonical import canonical_lines
from jobgraph.exports.formats import FORMATS, find_losses, write_format
from jobgraph.exports.json_ld_compact import PREFIXED
from jobgraph.exports.losses import GRAPHS, Loss
from jobgraph.exports.profile import FORMAT_NAMES, Format
from jobgraph.store.rdf_xml import CLASS, PROPERTY, TEXT
from jobgraph.vocabulary import RDF, XSD

FRAMED: Format = "jsonld-framed"
THING, OTHER = NamedNode("urn:a:thing"), NamedNode("urn:a:other")
TABLES = {"csv", "graphml", "parquet", "neo4j"}
DOUBLE = NamedNode(XSD + "double")
NUMBERS = {NamedNode(XSD + "integer"), NamedNode(XSD + "decimal")}
UNUSUAL = re.compile(r"\+.*|-?0\d.*|-?\..*|-0")  # 07 for 7, .5 for 0.5
WRITE_ALL = """
import sys
from tests.exports.test_formats import written, small_data
for format_ in sys.argv[1:]:
    sys.stdout.buffer.write(written(small_data(), format_)[0])
"""


def written(quads: Sequence[Quad], format_: Format) -> tuple[bytes, list[Loss]]:
    output = io.BytesIO()
    losses = write_format(Listed(quads), format_, output, context=CONTEXT)
    return output.getvalue(), losses


def small_data() -> list[Quad]:
    graph = NamedNode("urn:graph")
    return [
        Quad(THING, TYPE, OTHER, graph),
        Quad(THING, OTHER, Literal("x", language="en")),
        Quad(OTHER, OTHER, THING, graph),
    ]


def is_read_anew(value: object, format_: Format, reader: str) -> bool:
    """Whether a reader writes the text of a literal anew: pyld that of doubles, rdflib that of bare numbers."""
    if not isinstance(value, Literal):
        return False
    if reader == "pyld":
        return value.datatype == DOUBLE
    return format_ in {"turtle", "trig"} and value.datatype in NUMBERS and bool(UNUSUAL.fullmatch(value.value))


def expected(quads: Sequence[Quad], format_: Format) -> list[Quad]:
    """What must be read: without the names of the graphs where a format has none."""
    return [*quads] if FORMATS[format_].has_graphs else [Quad(*quad.triple) for quad in quads]


def assert_same(found: Sequence[Quad], quads: Sequence[Quad], format_: Format, losses: Sequence[Loss]) -> None:
    """All is there, but for as many statements as are said to be lost."""
    wanted, read = (set(canonical_lines(some)) for some in (expected(quads, format_), found))
    lost = sum(loss.count for loss in losses if loss.what != GRAPHS)
    if lost:
        assert len(wanted) - len(read) == lost
    else:
        assert wanted == read


@pytest.mark.parametrize(
    ("format_", "reader"),
    [
        *((format_, "rdflib") for format_ in FORMATS if format_ not in {FRAMED, "jelly"}),
        *((format_, "pyld") for format_ in ("jsonld", "jsonld-compact")),
        ("jelly", "pyjelly"),
    ],
)
@settings(max_examples=MOST_GRAPHS, suppress_health_check=[HealthCheck.too_slow])
@given(quads=DATA)
def test_others_read_what_was_written_or_the_loss_is_counted(format_: Format, reader: str, quads: list[Quad]) -> None:
    quads = [quad for quad in quads if not is_read_anew(quad.object, format_, reader)]
    data, losses = written(quads, format_)
    assert_same(list(READERS[reader](data, format_)), quads, format_, losses)


def test_jena_reads_what_was_written(tmp_path: Path) -> None:
    drawn: list[list[Quad]] = []

    @settings(max_examples=MOST_GRAPHS, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(OLD_DATA)
    def draw(quads: list[Quad]) -> None:
        drawn.append(quads)

    draw()
    formats: Sequence[Format] = ("turtle", "ntriples", "nquads")
    cases = [(format_, quads, *written(quads, format_)) for quads in drawn for format_ in formats]
    read = by_jena([(format_, data) for format_, _, data, _ in cases], tmp_path)
    for (format_, quads, _, losses), found in zip(cases, read, strict=True):
        assert_same(found, quads, format_, losses)


@pytest.mark.parametrize(
    ("format_", "quad", "what"),
    [
        pytest.param("turtle", Quad(THING, OTHER, THING, OTHER), GRAPHS, id="graph"),
        pytest.param("rdfxml", Quad(THING, NamedNode("http://e/1"), THING), PROPERTY, id="property_that_is_no_name"),
        pytest.param("rdfxml", Quad(THING, NamedNode("http://e/a²"), THING), PROPERTY, id="digit_that_is_no_digit"),
        pytest.param("rdfxml", Quad(THING, NamedNode(RDF + "li"), THING), PROPERTY, id="property_with_a_meaning"),
        pytest.param("rdfxml", Quad(THING, TYPE, NamedNode(RDF + "Description")), CLASS, id="class_with_a_meaning"),
        pytest.param("rdfxml", Quad(THING, TYPE, NamedNode("http://e/")), CLASS, id="class_that_is_no_name"),
        pytest.param("rdfxml", Quad(THING, OTHER, Literal("a\x01")), TEXT, id="control_character"),
        pytest.param("rdfxml", Quad(THING, OTHER, Literal("a\rb")), TEXT, id="carriage_return"),
        pytest.param("jsonld-compact", Quad(NamedNode("jg:a"), OTHER, THING), PREFIXED, id="thing_like_a_prefix"),
        pytest.param("jsonld-compact", Quad(THING, NamedNode("jg:a"), THING), PREFIXED, id="property_like_a_prefix"),
        pytest.param("jsonld-compact", Quad(THING, TYPE, NamedNode("jg:a")), PREFIXED, id="class_like_a_prefix"),
        pytest.param(
            "jsonld-compact", Quad(THING, OTHER, THING, NamedNode("jg:a")), PREFIXED, id="graph_like_a_prefix"
        ),
        pytest.param("jsonld-framed", Quad(THING, OTHER, NamedNode("jg:a")), PREFIXED, id="value_like_a_prefix"),
    ],
)
def test_loss_is_found_and_named(format_: Format, quad: Quad, what: str) -> None:
    quads = [quad, Quad(THING, TYPE, NamedNode("urn:class"))]
    losses = {loss.what: loss for loss in find_losses(Listed(quads), format_, context=CONTEXT)}
    count = len(quads) if what == GRAPHS else 1
    assert losses[what].count == count
    assert what in FORMATS[format_].losses


def test_formats_are_those_of_profiles_that_are_no_tables() -> None:
    assert set(FORMATS) == set(FORMAT_NAMES) - TABLES
    assert len({writer.suffix for writer in FORMATS.values()}) == len(FORMATS)


def test_default_graph_alone_is_no_loss() -> None:
    assert find_losses(Listed([Quad(THING, OTHER, BlankNode("a"), DefaultGraph())]), "turtle", context=CONTEXT) == []


def test_bytes_do_not_hang_on_the_hash_seed() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", WRITE_ALL, *FORMATS]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)
    assert done.stdout == b"".join(written(small_data(), format_)[0] for format_ in FORMATS)


def test_format_of_tables_is_refused() -> None:
    with pytest.raises(UsageError, match="'csv' is no RDF format; choose one of turtle, trig"):
        written([], "csv")


def test_jelly_without_its_library_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobgraph.exports.jelly.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'jobgraph\[jelly\]'"):
        written([], "jelly")
