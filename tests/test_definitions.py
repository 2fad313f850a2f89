"""What a build works by, kept beside the bytecode: as if read anew, and read anew where it may be another."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from jobgraph import definitions
from jobgraph.definitions import Definitions
from jobgraph.pipeline.publication import make_template
from jobgraph.shacl.compiled import SUBCLASS, compile_shapes, hierarchy_of
from jobgraph.store import GraphNames

CODES = """
@prefix jg: <https://w3id.org/jobgraph/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
jg:{name} a skos:Concept ; skos:inScheme jg:AutomationLevelScheme ;
    skos:notation "{name}" ; skos:prefLabel "{name}"@en .
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where definitions are kept in this test; nothing is yet."""
    path = tmp_path / "__pycache__" / "definitions.pickle"
    monkeypatch.setattr(definitions, "_path", lambda: path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return path


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    """A file with one more code."""
    path = tmp_path / "codes.ttl"
    path.write_text(CODES.format(name="half"), encoding="utf-8")
    return path


def is_read_from(path: Path, given: Definitions, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether definitions are those that a file holds, and not read anew."""
    with monkeypatch.context() as patch:
        patch.setattr(pickle, "load", lambda _file: ("from", path))
        return tuple(given._kept or ()) == ("from", path)


def test_kept_definitions_are_those_that_were_read(kept: Path) -> None:
    read = Definitions()
    logic = read.logic
    assert kept.is_file()
    again = Definitions()
    assert again._kept is not None
    assert again.vocabulary.tables == read.vocabulary.tables
    assert again.vocabulary.schemes == read.vocabulary.schemes
    assert again.vocabulary.shape_files() == read.vocabulary.shape_files()
    assert again.logic.shapes.by_node == logic.shapes.by_node
    assert again.logic.shapes.compiled == logic.shapes.compiled
    assert list(again.logic.shapes.statements.triples()) == list(logic.shapes.statements.triples())
    assert again.logic.rules == logic.rules
    shapes = list(logic.shapes.by_node)
    assert [again.logic.guide.labels.of(node) for node in shapes] == [logic.guide.labels.of(node) for node in shapes]


@pytest.mark.usefixtures("kept")
def test_checks_that_were_compiled_ahead_are_those_of_a_store_with_our_ontology(tmp_path: Path) -> None:
    shapes, names = Definitions().logic.shapes, GraphNames("https://example.org/", "any")
    assert shapes.compiled is not None
    template = Store(os.fspath(make_template(Definitions().vocabulary, names.base, tmp_path / "template")))
    assert compile_shapes(shapes, hierarchy_of(template, [NamedNode(names.ontology)])) is shapes.compiled


@pytest.mark.usefixtures("kept")
def test_checks_for_other_classes_are_compiled_anew() -> None:
    shapes = Definitions().logic.shapes
    assert shapes.compiled is not None
    store, graph = Store(), NamedNode("urn:graph")
    role, below = NamedNode("https://w3id.org/jobgraph/Role"), NamedNode("urn:below")
    store.add(Quad(below, SUBCLASS, role, graph))
    compiled = compile_shapes(shapes, hierarchy_of(store, [graph]))
    texts = [check.text for check in compiled.checks]
    assert texts != [check.text for check in shapes.compiled.checks]
    assert any(str(below) in text for text in texts)


def test_definitions_with_codes_are_kept_for_these_codes(
    kept: Path, codes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = Definitions([codes]).logic
    assert is_read_from(kept, Definitions([codes]), monkeypatch)
    assert not is_read_from(kept, Definitions(), monkeypatch)
    codes.write_text(CODES.format(name="quarter"), encoding="utf-8")
    assert not is_read_from(kept, Definitions([codes]), monkeypatch)
    scheme = Definitions([codes]).vocabulary.schemes["https://w3id.org/jobgraph/AutomationLevelScheme"]
    assert "quarter" in scheme.concepts
    assert "half" not in scheme.concepts


@pytest.mark.parametrize("name", ["version", "terms_hash"])
def test_definitions_of_other_terms_or_another_store_engine_are_read_anew(
    name: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = Definitions().logic
    assert is_read_from(kept, Definitions(), monkeypatch)
    monkeypatch.setattr(definitions, name, lambda *_: "another")
    assert not is_read_from(kept, Definitions(), monkeypatch)


def test_definitions_that_other_code_read_are_read_anew(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "package" / "turtle.py"
    code.parent.mkdir()
    code.write_text("", encoding="utf-8")
    monkeypatch.setattr(definitions, "_PACKAGE", code.parent)
    _ = Definitions().logic
    assert is_read_from(kept, Definitions(), monkeypatch)
    code.write_text("#", encoding="utf-8")
    assert not is_read_from(kept, Definitions(), monkeypatch)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda content: content[:0], id="empty"),
        pytest.param(lambda content: content[:1000], id="cut_off"),
        pytest.param(lambda content: content.partition(b"\n")[0] + b"\nno pickle", id="no_pickle"),
        pytest.param(lambda content: content.replace(b"\n", b"", 1), id="one_line"),
    ],
)
def test_broken_file_is_read_anew_and_mended(broken: Callable[[bytes], bytes], kept: Path) -> None:
    _ = Definitions().logic
    whole = kept.read_bytes()
    kept.write_bytes(broken(whole))
    given = Definitions()
    assert given._kept is None
    assert given.logic.rules
    assert Definitions()._kept is not None


def test_nothing_is_kept_where_python_keeps_no_bytecode(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert Definitions().logic.rules
    assert not kept.exists()


def test_nothing_is_kept_where_nothing_can_be_written(kept: Path) -> None:
    kept.parent.write_text("a file and no folder", encoding="utf-8")
    assert Definitions().logic.rules
    assert kept.parent.is_file()


def test_no_half_file_is_left_of_a_full_disk(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    assert Definitions().logic.rules
    assert list(kept.parent.iterdir()) == []
