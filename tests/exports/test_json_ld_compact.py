from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from pyld import jsonld
from pyoxigraph import Literal, NamedNode, Quad
from tests.exports.graphs import CONTEXT, DATA, MOST_GRAPHS, Listed, unordered

from jobgraph.exports.formats import write_format
from jobgraph.exports.json_ld_compact import Compaction
from jobgraph.exports.json_ld_context import LINK, Context, read_context
from jobgraph.exports.profile import Format
from jobgraph.vocabulary import JG, RDFS, SKOS, XSD, Vocabulary

THING = NamedNode("urn:a:thing")
NAMES = Compaction(CONTEXT)


def document(quads: Sequence[Quad], format_: Format, context: Context = CONTEXT) -> Any:
    output = io.BytesIO()
    write_format(Listed(quads), format_, output, context=context)
    return json.loads(output.getvalue())


# The reference writes an IRI that goes on with // behind a prefix as one with another scheme.
@settings(max_examples=MOST_GRAPHS)
@given(DATA.map(lambda quads: [quad for quad in quads if f"<{JG}//" not in str(quad)]))
def test_document_is_what_the_reference_makes_of_it(quads: list[Quad]) -> None:
    compact = document(quads, "jsonld-compact")
    expanded = jsonld.expand(compact)
    again = jsonld.compact(expanded, compact["@context"], {"graph": True, "base": ""})
    assert unordered(again.get("@graph", [])) == unordered(compact["@graph"])


@settings(max_examples=MOST_GRAPHS)
@given(DATA)
def test_reference_expands_expanded_to_itself(quads: list[Quad]) -> None:
    expanded = document(quads, "jsonld")
    assert unordered(jsonld.expand(expanded)) == unordered(expanded)


def test_context_is_named_or_inside() -> None:
    quads = [Quad(THING, NamedNode(RDFS + "label"), Literal("a"))]
    ours = read_context(Vocabulary(), address="../context.jsonld")
    assert document(quads, "jsonld-compact", ours)["@context"] == "../context.jsonld"
    assert document(quads, "jsonld-compact")["@context"]["label"] == {"@id": RDFS + "label"}


@pytest.mark.parametrize(
    ("quad", "said"),
    [
        (("importanceScore", Literal("7.50", datatype=NamedNode(XSD + "decimal"))), {"importanceScore": "7.50"}),
        (("importanceScore", Literal("high")), {"jg:importanceScore": "high"}),
        (("yearsTotalMax", Literal("7", datatype=NamedNode(XSD + "integer"))), {"yearsTotalMax": 7}),
        (("yearsTotalMax", Literal("07", datatype=NamedNode(XSD + "integer"))), {"yearsTotalMax": "07"}),
        (("isActive", Literal("true", datatype=NamedNode(XSD + "boolean"))), {"isActive": True}),
        (("isActive", Literal("1", datatype=NamedNode(XSD + "boolean"))), {"isActive": "1"}),
        (("hasOutcome", NamedNode("urn:o")), {"hasOutcome": "urn:o"}),
        (("hasOutcome", Literal("x", language="en")), {"jg:hasOutcome": {"@language": "en", "@value": "x"}}),
        (("label", Literal("1", datatype=NamedNode(XSD + "date"))), {"jg:label": {"@type": "xsd:date", "@value": "1"}}),
    ],
)
def test_value_stands_under_the_name_that_says_its_type(quad: tuple[str, Any], said: dict[str, Any]) -> None:
    name, value = quad
    (node,) = document([Quad(THING, NamedNode(JG + name), value)], "jsonld-compact")["@graph"]
    assert node == {"@id": THING.value, **said}


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        (JG + "Job", "jg:Job"),
        (JG + "//a", JG + "//a"),
        (SKOS, SKOS),
        ("urn:a", "urn:a"),
    ],
)
def test_thing_has_a_prefix_where_one_fits(iri: str, name: str) -> None:
    assert NAMES.node(iri) == name


def test_key_is_never_a_term_that_means_something_else() -> None:
    context = Context({"ex:a": {"@id": "urn:other", "@type": LINK}}, {"ex": "urn:ex:", "longer": "urn:ex:"})
    assert Compaction(context).key("urn:ex:a", "") == ("longer:a", False)
