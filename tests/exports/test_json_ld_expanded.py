from __future__ import annotations

import errno
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse
from tests.exports.graphs import TYPE, Listed

from jobgraph.exports.canonical import dataset_hash
from jobgraph.exports.json_ld_expanded import write_expanded
from jobgraph.vocabulary import RDF

THING, CLASS, OTHER = NamedNode("urn:a,b"), NamedNode("urn:C"), NamedNode("urn:D")
LINK, GRAPH = NamedNode("urn:p"), NamedNode("urn:g")
# What the writer looks for in the text, with quotation marks as they are, and with what is escaped around them.
TRAPS = [
    ']},{"@id":',
    f'"{RDF}type":[{{"@id":',
    f'","{RDF}type":[{{"@id":"urn:C"}}]',
    '}]"',
    '},{"@id":',
    "a}]},{",
    '\\"}]},{\\"@id\\":',
    "]},",
    f"{RDF}type",
]


def written(quads: Sequence[Quad], piece_bytes: int = 1 << 16) -> bytes:
    output = io.BytesIO()
    write_expanded(quads, output, piece_bytes=piece_bytes)
    return output.getvalue()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param([CLASS], {"@type": ["urn:C"]}, id="one"),
        pytest.param([CLASS, OTHER, BlankNode("b")], {"@type": ["urn:C", "urn:D", "_:b"]}, id="several"),
        pytest.param(
            [CLASS, Literal('}]"')], {RDF + "type": [{"@id": "urn:C"}, {"@value": '}]"'}]}, id="text_after_a_class"
        ),
        pytest.param([Literal("a"), CLASS], {RDF + "type": [{"@value": "a"}, {"@id": "urn:C"}]}, id="text_before_it"),
    ],
)
@pytest.mark.parametrize("more", [[], [Quad(THING, LINK, Literal("z"))]], ids=["last", "not_last"])
def test_classes_stand_under_type(values: list[Any], said: dict[str, Any], more: list[Quad]) -> None:
    (node,) = json.loads(written([*(Quad(THING, TYPE, value) for value in values), *more]))
    assert node == {"@id": THING.value, **said, **({LINK.value: [{"@value": "z"}]} if more else {})}


@pytest.mark.parametrize("text", TRAPS)
def test_text_that_looks_like_what_is_changed_stays_as_it_is(text: str) -> None:
    values = [Literal(text), Literal(text, language="en"), Literal(text, datatype=LINK)]
    quads = [Quad(THING, property_, value) for property_ in (LINK, TYPE) for value in values]
    quads += [Quad(THING, TYPE, CLASS), Quad(THING, TYPE, CLASS, GRAPH), Quad(CLASS, LINK, Literal(text), GRAPH)]
    document = written(quads)
    assert dataset_hash(parse(document, RdfFormat.JSON_LD)) == dataset_hash(quads)
    assert json.loads(document)[0][LINK.value][0] == {"@value": text}


@pytest.mark.parametrize("piece_bytes", [1, 5_000, 20_000, 1 << 30])
def test_bytes_do_not_hang_on_the_size_of_a_piece(piece_bytes: int) -> None:
    things = [NamedNode(f"urn:thing:{number}") for number in range(300)]
    quads = [Quad(thing, TYPE, CLASS, graph) for thing in things for graph in (GRAPH, LINK)]
    quads += [Quad(thing, LINK, Literal(text), GRAPH) for thing in things for text in TRAPS]
    quads += [Quad(CLASS, LINK, Literal(f"{number:0100}"), GRAPH) for number in range(1_000)]  # larger than a piece
    listed = list(Listed(quads).quads())
    document = written(listed, piece_bytes)
    assert document == written(listed)
    assert document.count(b"\n") == len({(quad.subject, quad.graph_name) for quad in quads})
    assert dataset_hash(parse(document, RdfFormat.JSON_LD)) == dataset_hash(quads)


def test_nothing_is_an_empty_document() -> None:
    assert written([]) == b"[]\n"


def test_full_disk_is_said() -> None:
    class Full(io.BytesIO):
        def write(self, _: object, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_expanded((Quad(THING, LINK, Literal(f"{number}")) for number in range(10_000)), Full(), piece_bytes=1)
