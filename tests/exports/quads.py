"""Quads of any text, without blank nodes, few enough names that sets of them have some in common."""

from __future__ import annotations

from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NODES = st.sampled_from([NamedNode(f"urn:{name}") for name in ("a", "a/b", "b", "c", "é", "a%20b")])
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text: Literal(text, language="en"), TEXTS),
    st.builds(lambda text: Literal(text, datatype=NamedNode("urn:type")), TEXTS),
)
GRAPHS = st.sampled_from([DefaultGraph(), NamedNode("urn:g"), NamedNode("urn:h")])
QUADS = st.builds(Quad, NODES, NODES, st.one_of(NODES, LITERALS), GRAPHS)
