from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from tests.exports.packages import VOCABULARY, small_profile

from jobgraph.exports.contract_shapes import contract_shapes
from jobgraph.exports.profile import ClassRule, Mask, Profile
from jobgraph.exports.terms import Terms
from jobgraph.shacl import read_shapes
from jobgraph.vocabulary import JG, RDF, SH

TERMS = Terms(VOCABULARY)
CLASSES = sorted(VOCABULARY.table_of_class)
MASKS = st.sampled_from([None, None, None, Mask("pseudonym"), Mask("coarse", precision="year")])


@cache
def any_profile() -> Profile:
    with TemporaryDirectory() as folder:
        return small_profile(Path(folder))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    rules = {}
    for class_iri in draw(st.sets(st.sampled_from(CLASSES), min_size=1, max_size=4)):
        paths = draw(st.sets(st.sampled_from(sorted(TERMS.properties_of(class_iri))), max_size=8))
        properties = {path: draw(MASKS) for path in sorted(paths)}
        rules[class_iri] = ClassRule(class_iri, {RDF + "type": None} | properties)
    return replace(any_profile(), classes=dict(sorted(rules.items())))


@settings(max_examples=15)
@given(profile=profiles())
def test_shapes_are_well_formed_and_speak_of_what_leaves_only(profile: Profile) -> None:
    text = contract_shapes(profile, VOCABULARY)
    triples = [quad.triple for quad in parse(text, RdfFormat.TURTLE)]
    assert read_shapes(triples).by_node
    paths = {t.object.value for t in triples if t.predicate.value in {SH + "path", SH + "inversePath"}}
    properties = {path for rule in profile.classes.values() for path in rule.properties}
    named = {path for path in paths if path.startswith("http")}
    assert named <= properties | {"http://www.w3.org/2004/02/skos/core#inScheme"}
    targets = {t.object.value for t in triples if t.predicate.value in {SH + "targetClass", SH + "class"}}
    assert targets <= profile.classes.keys()
    assert not re.search(rf"<?{re.escape(JG)}(column|table|tenancy)>?", text)


def test_same_profile_gives_the_same_text() -> None:
    assert contract_shapes(any_profile(), VOCABULARY) == contract_shapes(any_profile(), VOCABULARY)
