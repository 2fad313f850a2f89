from __future__ import annotations

import cProfile
import io
import json
import pstats
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from tests.exports.graphs import CONTEXT, DATA, MOST_GRAPHS, TYPE, Listed, unordered

from jobgraph.errors import UsageError
from jobgraph.exports.canonical import canonical_lines
from jobgraph.exports.formats import write_format
from jobgraph.exports.json_ld_compact import PREFIXED
from jobgraph.exports.json_ld_framed import UNFRAMED
from jobgraph.exports.losses import Loss
from jobgraph.vocabulary import JG, RDFS, XSD

DOUBLE = NamedNode(XSD + "double")
THINGS = [NamedNode(f"urn:t:{name}") for name in "abcde"]
LINKS = [NamedNode(JG + name) for name in ("hasOutcome", "dependsOn")]
CLASSES = [NamedNode(JG + "Job"), NamedNode("urn:C")]
LABEL, SCORE = NamedNode(RDFS + "label"), NamedNode(JG + "importanceScore")
NUMBER = Literal("7.0", datatype=NamedNode(XSD + "decimal"))
TEXTS_OF_THINGS = [Literal("a"), Literal("a", language="en")]
QUADS = st.one_of(
    st.builds(Quad, st.sampled_from(THINGS), st.sampled_from(LINKS), st.sampled_from(THINGS)),
    st.builds(Quad, st.sampled_from(THINGS), st.just(TYPE), st.sampled_from(CLASSES)),
    st.builds(Quad, st.sampled_from(THINGS), st.just(LABEL), st.sampled_from(TEXTS_OF_THINGS)),
    st.builds(Quad, st.sampled_from(THINGS), st.just(SCORE), st.sampled_from([NUMBER, Literal("high")])),
)
# A link of a thing to itself is left to a test of its own: the reference goes once more around than it should.
SMALL = st.lists(QUADS, max_size=10).map(lambda quads: [quad for quad in quads if quad.subject != quad.object])

FLAGS = {
    "@embed": st.sampled_from(["@once", "@always", "@never"]),
    "@explicit": st.booleans(),
    "@omitDefault": st.booleans(),
    "@requireAll": st.booleans(),
}
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "@type": st.sampled_from(["Job", ["Job", "urn:C"], {}, []]),
    "@id": st.sampled_from(["urn:t:a", ["urn:t:a", "urn:t:b"], {}]),
}
TEXTS = st.sampled_from([{}, {"@value": "a"}, {"@value": {}}, {"@value": {}, "@language": "en"}, {"@default": "none"}])


def frames(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    properties = {"hasOutcome": inner, "dependsOn": inner, "label": TEXTS, "importanceScore": st.just({})}
    return st.fixed_dictionaries({}, optional={**FLAGS, **NAMES, **properties})


FRAMES = frames(frames(frames(st.just({}))))


def framed(quads: Sequence[Quad], frame: dict[str, Any] | None) -> tuple[Any, list[Loss]]:
    output = io.BytesIO()
    losses = write_format(Listed(quads), "jsonld-framed", output, context=CONTEXT, frame=frame)
    return json.loads(output.getvalue()), losses


def by_reference(quads: Sequence[Quad], frame: dict[str, Any]) -> Any:
    output = io.BytesIO()
    write_format(Listed([Quad(*quad.triple) for quad in quads]), "jsonld", output, context=CONTEXT)
    words = {"@context": CONTEXT.definitions(), **frame}
    options = {"omitGraph": False, "pruneBlankNodeIdentifiers": False, "base": ""}
    return jsonld.frame(json.loads(output.getvalue()), words, options)


@settings(max_examples=4 * MOST_GRAPHS)
@given(SMALL, FRAMES)
def test_trees_are_those_of_the_reference(quads: list[Quad], frame: dict[str, Any]) -> None:
    document, _ = framed(quads, frame)
    assert unordered(document["@graph"]) == unordered(by_reference(quads, frame)["@graph"])


def test_circle_is_closed_by_a_name() -> None:
    quads = [Quad(THINGS[0], LINKS[0], THINGS[0]), Quad(THINGS[0], TYPE, CLASSES[0])]
    document, losses = framed(quads, {"@type": "Job", "@embed": "@always"})
    assert document["@graph"] == [{"@id": "urn:t:a", "@type": "Job", "hasOutcome": "urn:t:a"}]
    assert losses == []


def test_thing_is_framed_whole_whatever_graph_says_it() -> None:
    quads = [Quad(THINGS[0], TYPE, CLASSES[0], THINGS[1]), Quad(THINGS[0], LABEL, Literal("a"), THINGS[2])]
    document, _ = framed(quads, {"@type": "Job"})
    assert document["@graph"] == [{"@id": "urn:t:a", "@type": "Job", "label": "a"}]


def test_profile_without_a_frame_gives_each_thing_with_what_it_links_to_by_name() -> None:
    quads = [
        *(Quad(thing, TYPE, CLASSES[0]) for thing in THINGS[:2]),
        Quad(THINGS[0], LINKS[0], THINGS[1]),
        Quad(THINGS[0], LINKS[0], THINGS[2]),
        Quad(THINGS[1], LABEL, Literal("b")),
        Quad(THINGS[1], LINKS[1], THINGS[0]),
    ]
    document, losses = framed(quads, None)
    named = {"@id": "urn:t:b", "@type": "Job", "label": "b"}
    nameless = {"@id": "urn:t:a", "@type": "Job"}
    assert document["@graph"] == [{**nameless, "hasOutcome": [named, "urn:t:c"]}, {**named, "dependsOn": nameless}]
    assert losses == []


@settings(max_examples=MOST_GRAPHS)
@given(DATA)
def test_profile_without_a_frame_says_all(quads: list[Quad]) -> None:
    quads = [quad for quad in quads if getattr(quad.object, "datatype", None) != DOUBLE]  # which pyld writes anew
    document, losses = framed(quads, None)
    text = jsonld.to_rdf(document, {"format": "application/n-quads", "base": ""})
    said = set(canonical_lines(parse(text, RdfFormat.N_QUADS)))
    stated = set(canonical_lines(Quad(*quad.triple) for quad in quads))
    lost = {loss.what for loss in losses}
    assert PREFIXED in lost or (said == stated and UNFRAMED not in lost)


@pytest.mark.parametrize("link", [LINKS[0], NamedNode(RDFS + "subClassOf")], ids=["in_the_context", "not_in_it"])
def test_work_grows_with_the_data_and_no_faster(link: NamedNode) -> None:
    def calls_and_bytes(size: int) -> tuple[int, int]:
        things = [NamedNode(f"urn:t:{number:04}") for number in range(size)]
        chain = [Quad(one, link, other) for one, other in pairwise(things)]
        star = [Quad(thing, link, things[0]) for thing in things[2:]] + [Quad(things[0], link, each) for each in things]
        quads = sorted([*chain, *star, *(Quad(thing, TYPE, CLASSES[0]) for thing in things)], key=str)
        output, profile = io.BytesIO(), cProfile.Profile()
        profile.runcall(write_format, Listed(quads), "jsonld-framed", output, context=CONTEXT)
        return pstats.Stats(profile).total_calls, len(output.getvalue())  # type: ignore[attr-defined]

    for small, large in zip(calls_and_bytes(200), calls_and_bytes(400), strict=True):
        assert large < 2.2 * small


@pytest.mark.parametrize(
    ("frame", "missing"),
    [
        pytest.param({"@type": "Job"}, 1, id="thing_of_another_class"),
        pytest.param({"@type": "Job", "@explicit": True}, 2, id="property_that_is_not_asked_for"),
        pytest.param({"@type": "Job", "label": {"@value": "b"}}, 2, id="value_that_is_not_asked_for"),
        pytest.param({"@id": "urn:t:x"}, 3, id="nothing_fits"),
    ],
)
def test_statement_that_is_in_no_tree_is_counted(frame: dict[str, Any], missing: int) -> None:
    quads = [
        Quad(THINGS[0], TYPE, CLASSES[0]),
        Quad(THINGS[0], LABEL, Literal("a")),
        Quad(THINGS[1], TYPE, CLASSES[1]),
    ]
    _, losses = framed(quads, frame)
    assert [(loss.what, loss.count) for loss in losses] == [(UNFRAMED, missing)]


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        pytest.param({"@reverse": {"hasOutcome": {}}}, "The frame has @reverse", id="reverse"),
        pytest.param({"@included": {"@type": "Job"}}, "The frame has @included", id="included"),
        pytest.param({"hasOutcome": [{"@id": "urn:a"}, {"@id": "urn:b"}]}, "2 patterns for", id="two_patterns"),
        pytest.param({"@embed": "@last"}, "as its @embed; choose one of", id="embed"),
        pytest.param({"@graph": [{"@type": "Job"}, {"@type": "urn:C"}]}, "one object", id="two_frames"),
        pytest.param({"@type": 7}, "is no JSON-LD frame", id="type"),
        pytest.param({"@context": "https://e.com/o"}, "its context https://e.com/o is not read", id="away"),
        pytest.param({"@context": ["https://e.com/o"]}, "its context https://e.com/o is not read", id="in_a_list"),
        pytest.param({"hasOutcom": {}}, "has hasOutcom, which no context explains", id="unknown_property"),
        pytest.param({"@type": "Jobb"}, "has Jobb as its @type, which no context explains", id="unknown_class"),
        pytest.param({"label": {1, 2}}, "is no JSON-LD frame", id="no_json"),
    ],
)
def test_frame_that_cannot_be_used_is_refused_in_one_line(frame: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        framed([], frame)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tree_that_grows_too_deep_is_refused() -> None:
    chain = [NamedNode(f"urn:t:{number:04}") for number in range(200)]
    quads = [Quad(one, LINKS[0], other) for one, other in pairwise(chain)]
    with pytest.raises(UsageError, match="deeper than 100 things"):
        framed(quads, {"@id": chain[0].value})


def test_frame_may_name_our_context() -> None:
    document, _ = framed([Quad(THINGS[0], TYPE, CLASSES[0])], {"@context": "context.jsonld", "@type": "Job"})
    assert len(document["@graph"]) == 1
