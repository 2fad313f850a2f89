"""Small data sets with what is hard to write: odd names, odd texts, blank nodes, several graphs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from jobgraph.exports.json_ld_context import Context, read_context
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, XSD, Vocabulary

TYPE = NamedNode(RDF + "type")
PLAIN_NODES = [NamedNode(f"https://example.com/id/{name}") for name in ("job/1", "job/2", "outcome/a%20b", "é", "x.y.")]
ODD_NODES = [
    *map(NamedNode, ("urn:uuid:1", "http://e", "http://e/#", "http://e/?q=a&b='c'", "mailto:a@b.c", "http://e/1-2")),
    *map(NamedNode, (JG + "Job", JG + "job/1", SKOS + "", RDF + "nil", JG + "//a", XSD + "a:b", RDFS + "label")),
]
PROPERTIES = [
    TYPE,
    *(
        NamedNode(JG + name)
        for name in ("importanceScore", "hasOutcome", "label", "isActive", "dependsOn", "yearsTotalMax")
    ),
    *map(NamedNode, (RDFS + "label", RDFS + "comment", RDF + "first", RDF + "rest", "http://e/a.b", "urn:x:é_-1")),
]
# What one of the formats cannot say.
NOT_IN_XML = [NamedNode(RDF + name) for name in ("li", "Description", "ID")]
NOT_IN_XML += map(NamedNode, ("http://e/1", "http://e/", "http://e/a²"))
PREFIX_LIKE = [NamedNode("jg:a"), NamedNode("skos:b")]
BLANK_NODES = [BlankNode(label) for label in ("a", "b", "1", "c14n0", "a.b")]
DATATYPES = [NamedNode(XSD + name) for name in ("integer", "decimal", "double", "boolean", "date", "dateTime")]
OTHER_TYPES = [NamedNode(RDF + "JSON"), NamedNode(RDF + "XMLLiteral"), NamedNode("urn:type"), NamedNode(JG + "Job")]
VALUES = [
    "0",
    "1",
    "-7",
    "07",
    "+1",
    "1.50",
    "1.",
    ".5",
    "1e3",
    "true",
    "false",
    "NaN",
    "2024-02-30",
    '{"a":1.0}',
    "<b/>",
]

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
# A text with what XML has no place for is rare among any, so that most graphs can be said whole.
_MOST_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=10),
    st.sampled_from(
        ["", " a\tb\n", '"\\"', "@en", "a\u2028b", "\u200f\u202e", "\U0001f600", "]]>", "&amp;<", "\x7f\x85"]
    ),
)
TEXTS = st.one_of(*[_MOST_TEXTS] * 9, ANY_TEXT)
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text, language: Literal(text, language=language), TEXTS, st.sampled_from(["en", "de-at", "x-a"])),
    st.builds(
        lambda text, datatype: Literal(text, datatype=datatype),
        st.one_of(st.sampled_from(VALUES), TEXTS),
        st.sampled_from([*DATATYPES, *OTHER_TYPES, *PREFIX_LIKE[:1]]),
    ),
)
NODES = st.sampled_from([*PLAIN_NODES * 8, *ODD_NODES * 4, *BLANK_NODES * 4, *PREFIX_LIKE])
PREDICATES = st.sampled_from([*PROPERTIES * 8, *NOT_IN_XML, *PREFIX_LIKE])
GRAPHS = st.sampled_from([DefaultGraph(), DefaultGraph(), NamedNode("urn:g"), NamedNode(JG + "g"), BlankNode("g")])
QUADS = st.builds(Quad, NODES, PREDICATES, st.one_of(NODES, LITERALS), GRAPHS)
DATA = st.lists(QUADS, max_size=12)
# For a parser of the time before RDF 1.1: no blank node as a graph, and only letters in their labels.
OLD_DATA = st.lists(
    st.builds(
        Quad,
        st.sampled_from([*PLAIN_NODES, *ODD_NODES, *BLANK_NODES[:2]]),
        PREDICATES,
        st.one_of(st.sampled_from([*PLAIN_NODES, *ODD_NODES, *BLANK_NODES[:2]]), LITERALS),
        st.sampled_from([DefaultGraph(), NamedNode("urn:g"), NamedNode(JG + "g")]),
    ),
    max_size=12,
)

# Graphs that a law is tried on; 2,000 before a release.
MOST_GRAPHS = int(os.environ.get("JOBGRAPH_TEST_GRAPHS", "25"))

# The part of our context that the properties are in.
_NAMED = {node.value for node in (*PROPERTIES, *ODD_NODES)}
_OURS = read_context(Vocabulary())
CONTEXT = Context({name: term for name, term in _OURS.terms.items() if term["@id"] in _NAMED}, _OURS.prefixes)


@dataclass(frozen=True)
class Listed:
    """Quads as a selection has them: each once, grouped by graph, then by subject."""

    listed: Sequence[Quad]

    def quads(self) -> Iterable[Quad]:
        return sorted(set(self.listed), key=lambda quad: (str(quad.graph_name), str(quad.subject), str(quad)))

    def triples(self) -> Iterable[Triple]:
        return sorted({quad.triple for quad in self.listed}, key=lambda triple: (str(triple.subject), str(triple)))


def unordered(value: Any) -> Any:
    """JSON in which order, and whether a number or truth value is written as text, make no difference."""
    if isinstance(value, dict):
        return {key: unordered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=lambda inner: json.dumps(inner, sort_keys=True))
    return json.dumps(value) if isinstance(value, bool | int) else value
