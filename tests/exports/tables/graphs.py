"""Selections as the tests write them, and as Hypothesis makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from tests.exports.tables.reading import TYPE

from jobgraph.vocabulary import JG, RDF, RDFS, XSD


@dataclass(frozen=True)
class Held:
    """A selection of triples that are in memory."""

    held: list[Triple]

    def triples(self) -> Iterable[Triple]:
        return self._sorted

    @cached_property
    def _sorted(self) -> list[Triple]:
        return sorted(set(self.held), key=str)


# Texts that are no value of the datatype that they claim.
MISFITS = [
    ("12.5", XSD + "integer"),
    ("", XSD + "decimal"),
    ("1,5", XSD + "decimal"),
    ("300", XSD + "byte"),
    ("yes", XSD + "boolean"),
    ("2025-02-30", XSD + "date"),
    ("2025-02-03T24:61:00Z", XSD + "dateTime"),
    (" https://x", XSD + "anyURI"),
    ("noon", XSD + "time"),
]
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(
        [
            "",
            "=1+1",
            "-3",
            "@me",
            "line\r\nline\rline\n",
            "two\nlines",
            "two\rlines",
            'a "b", c',
            "a;b|c\td",
            " x ",
            "#",
            "\x00",
            "\x1f",
            "\ufffe",
        ]
    ),
    st.sampled_from(["أَهْلًا وَسَهْلًا", "\u202eevil\u202c", "👩‍👩‍👧 and 🏳️‍🌈", "NULL", "\\N", "l" * 500, "long " * 100]),
)
_NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20).map(lambda n: (str(n), "integer")),
    st.sampled_from([("+7", "integer"), ("007", "integer"), ("-0", "integer"), ("255", "unsignedByte")]),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda n: (f"{n:f}", "decimal")),
    st.decimals(min_value=0, max_value=20, places=2).map(lambda n: (f"{n:f}", "decimal")),
    st.sampled_from([(".5", "decimal"), ("5.", "decimal"), ("+1.10", "decimal"), ("0.0000001", "decimal")]),
    st.floats(allow_nan=False).map(lambda n: (str(n).replace("inf", "INF"), "double")),
    st.sampled_from([("NaN", "double"), ("1E3", "float"), ("true", "boolean"), ("0", "boolean"), ("1", "boolean")]),
)
_TIMES = st.one_of(
    st.dates().map(lambda day: (day.isoformat(), "date")),
    st.sampled_from([("2024-02-29", "date"), ("2024-02-29Z", "date"), ("13:45:00", "time"), ("2024", "gYear")]),
    st.datetimes().map(lambda moment: (moment.isoformat(), "dateTime")),
    st.datetimes().map(lambda moment: (f"{moment.isoformat()}Z", "dateTime")),
    st.sampled_from([("2025-01-31T10:00:00+02:00", "dateTime"), ("2025-01-31T10:00:00.1Z", "dateTime")]),
)
LITERALS = st.one_of(
    _TEXTS.map(Literal),
    st.builds(lambda text, language: Literal(text, language=language), _TEXTS, st.sampled_from(["en", "pt-BR", "ar"])),
    st.one_of(_NUMBERS, _TIMES).map(lambda pair: Literal(pair[0], datatype=NamedNode(XSD + pair[1]))),
    st.sampled_from(MISFITS).map(lambda pair: Literal(pair[0], datatype=NamedNode(pair[1]))),
    _TEXTS.map(lambda text: Literal(text, datatype=NamedNode(RDF + "JSON"))),
    _TEXTS.map(lambda text: Literal(text, datatype=NamedNode("https://example.org/type"))),
)
_THINGS = [NamedNode(f"https://example.org/id/team/{name}") for name in ("a", "b", "c%20d", "e?x=1&y=2")]
_NODES = st.sampled_from([*_THINGS, BlankNode("b0"), BlankNode("b1")])
_OUTSIDE = [NamedNode(iri) for iri in ("https://example.org/page#top", "urn:x:y", "mailto:a@example.org")]
_CLASSES = [
    NamedNode(iri)
    for iri in (JG + "Team", JG + "Country", RDFS + "Class", "https://example.org/team", "https://example.org/b/team")
]
_PROPERTIES = [
    NamedNode(iri)
    for iri in (
        RDFS + "label",
        JG + "label",
        JG + "importanceScore",
        JG + "importance_Score",
        "https://schema.org/label",
        "https://example.org/%C3%A4/",
        "urn:id",
        "https://example.org/classes",
        JG + "type",
    )
]
_TRIPLES = st.one_of(
    st.builds(Triple, _NODES, st.just(NamedNode(TYPE)), st.sampled_from(_CLASSES)),
    st.builds(Triple, _NODES, st.sampled_from(_PROPERTIES), st.one_of(_NODES, st.sampled_from(_OUTSIDE))),
    st.builds(Triple, _NODES, st.sampled_from(_PROPERTIES), LITERALS),
    st.builds(Triple, _NODES, st.just(_PROPERTIES[0]), LITERALS),
)
GRAPHS = st.lists(_TRIPLES, max_size=25).map(Held)
