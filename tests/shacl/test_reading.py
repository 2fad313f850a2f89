from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.shacl.cases import shapes_of, write

from jobgraph.errors import InputError, TurtleError
from jobgraph.shacl import read_shapes

BAD = [
    pytest.param(':s sh:targetNode :a ; sh:js [ ] .', "JavaScript", id="js"),
    pytest.param(':s sh:targetNode :a ; sh:node :s .', "refers to itself", id="recursive"),
    pytest.param(':s sh:node :t . :t sh:property [ sh:path :p ; sh:node :s ] .', "to itself", id="recursive_far"),
    pytest.param(':s sh:property [ sh:path :p ; sh:pattern "(" ] .', "no regular expression", id="pattern"),
    pytest.param('_:p sh:inversePath _:p . :s sh:property [ sh:path _:p ] .', "leads back", id="endless_path"),
    pytest.param('_:p rdf:first :a ; rdf:rest _:p . :s sh:property [ sh:path _:p ] .', "well formed", id="endless"),
    pytest.param(':s sh:property [ sh:path ( :p ) ] .', "fewer than two", id="path_of_one"),
    pytest.param(':s sh:property [ sh:path "p" ] .', "no property path", id="path_literal"),
    pytest.param(':s sh:property [ sh:path :p , :q ] .', "2 paths", id="two_paths"),
    pytest.param(':s sh:property [ sh:nodeKind sh:IRI ] .', "no sh:path", id="no_path"),
    pytest.param(':s sh:minCount 1 .', "property shape", id="count_of_node_shape"),
    pytest.param(':s sh:property [ sh:path :p ; sh:minCount "one" ] .', "whole number", id="count"),
    pytest.param(':s sh:datatype xsd:string , xsd:integer .', "2 times", id="twice"),
    pytest.param(':s sh:nodeKind sh:Thing .', "nodeKind", id="node_kind"),
    pytest.param(':s sh:in :list .', "list", id="no_list"),
    pytest.param(':s sh:node :elsewhere .', "described nowhere", id="unknown_shape"),
    pytest.param(':s sh:class "text" .', "no term", id="class_literal"),
    pytest.param(':s sh:sparql [ ] .', "sh:select", id="no_query"),
    pytest.param(':s sh:targetNode :a ; sh:severity "bad" .', "severity", id="severity"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), BAD)
def test_a_bad_shape_is_refused_in_one_line_with_its_file(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=problem) as error:
        shapes_of(tmp_path, text)
    assert str(tmp_path / "shapes.ttl") in str(error.value)
    assert "\n" not in str(error.value)


def test_a_syntax_error_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(TurtleError, match=r"shapes\.ttl, line 8"):
        shapes_of(tmp_path, ":s sh:minCount ; .")


def test_imports_are_never_followed(tmp_path: Path) -> None:
    assert shapes_of(tmp_path, "<> owl:imports <http://localhost:1/> . :s sh:targetNode :a .").roots


def test_several_files_are_one_shapes_graph(tmp_path: Path) -> None:
    one = write(tmp_path, "one.ttl", ":s sh:targetNode :a ; sh:node :t .")
    other = write(tmp_path, "other.ttl", ":t sh:nodeKind sh:IRI .")
    assert len(read_shapes([one, other]).by_node) == 2


def test_property_shapes_get_the_names_that_the_caller_gives(tmp_path: Path) -> None:
    path = write(tmp_path, "shapes.ttl", ":s sh:property [ sh:path :p ] , [ sh:path :q ] .")
    shapes = read_shapes([path], namer=lambda parent, place, _graph, _node: NamedNode(f"{parent.value}-{place}"))
    assert {node.value for node in shapes.by_node} == {"urn:x:s", "urn:x:s-0", "urn:x:s-1"}
