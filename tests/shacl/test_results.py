from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import Graph

from jobgraph.errors import InputError
from jobgraph.shacl import INFO, VIOLATION, Result, paths, read_report, write_report
from jobgraph.shacl.statements import Statements

IRIS = st.sampled_from(["urn:x:p", "urn:x:q"])
PATHS = st.recursive(
    st.builds(paths.Predicate, IRIS),
    lambda inner: st.one_of(
        st.builds(paths.Inverse, inner),
        st.builds(paths.ZeroOrMore, inner),
        st.builds(paths.OneOrMore, inner),
        st.builds(paths.ZeroOrOne, inner),
        st.builds(paths.Sequence, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(paths.Alternative, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
TERMS = st.one_of(st.builds(NamedNode, IRIS), st.builds(Literal, TEXTS), st.builds(Literal, st.integers()))
RESULTS = st.builds(
    Result,
    focus=TERMS,
    component=IRIS,
    shape=st.builds(NamedNode, IRIS),
    severity=st.sampled_from([VIOLATION, INFO]),
    path=st.none() | PATHS,
    value=st.none() | TERMS,
    message=TEXTS,
)


@given(PATHS)
def test_a_path_is_read_as_it_was_described(path: paths.Path) -> None:
    node, triples = paths.to_triples(path)
    assert paths.read_path(Statements(triples), node) == path


@given(results=st.lists(RESULTS, max_size=4))
def test_a_report_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, results: list[Result]) -> None:
    text = io.StringIO()
    assert write_report(results, text) == len(results)
    path = tmp_path_factory.mktemp("report") / "report.ttl"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    read = read_report(path)
    assert sorted(read, key=Result.order_key) == sorted(results, key=Result.order_key)
    assert len(Graph().parse(path)) > len(results)


def test_a_report_without_results_conforms_unless_the_caller_says_otherwise() -> None:
    text = io.StringIO()
    write_report([], text)
    write_report([], text, conforms=False)
    assert ("sh:conforms true" in text.getvalue(), "sh:conforms false" in text.getvalue()) == (True, True)


def test_blank_nodes_stay_one_node_in_the_report(tmp_path: Path) -> None:
    node = BlankNode("x")
    path = tmp_path / "report.ttl"
    with path.open("w") as output:
        write_report([Result(node, "urn:c", node, INFO), Result(node, "urn:d", node, INFO)], output)
    assert len({result.focus for result in read_report(path)}) == 1


def test_a_result_without_a_severity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.ttl"
    path.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . [] a sh:ValidationReport ; sh:result
        [ sh:focusNode <urn:a> ; sh:sourceShape <urn:s> ; sh:sourceConstraintComponent <urn:c> ] ."""
    )
    with pytest.raises(InputError, match="lacks sh:resultSeverity"):
        read_report(path)
