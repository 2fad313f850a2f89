from __future__ import annotations

import json
from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.exports.profiles import BASE, NAMES, generation, profile_text, store_of, written

from jobgraph.exports import Profile, read_profile
from jobgraph.exports.profile_report import report_on, to_json
from jobgraph.exports.profile_words import class_words, condition_words, form_lines, policy_lines
from jobgraph.exports.terms import Terms
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary

TYPE, LABEL, JOB, PERSONA = RDF + "type", RDFS + "label", JG + "Job", JG + "Persona"
SHAPES = """ex:jobs a sh:NodeShape ; sh:targetClass jg:Job ; sh:node ex:named ; jg:isPseudonymised true ;
    sh:property [ sh:path rdfs:label ; jg:textLength 3 ] , [ sh:path jg:dependsOn ] , [ sh:path jg:rollsUpJob ] .
ex:named a sh:NodeShape ; rdfs:label "named things" ; sh:property [ sh:path rdfs:label ; sh:minCount 1 ] ."""
POLICY = """a odrl:Agreement ; odrl:assigner <urn:us> ; odrl:assignee <urn:them> ;
    odrl:permission [
        odrl:action odrl:use ;
        odrl:constraint [ odrl:leftOperand odrl:purpose ; odrl:rightOperand "planning" ] ,
            [ odrl:leftOperand odrl:spatial ; odrl:operator odrl:eq ; odrl:rightOperand "Europe" ] ,
            [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:lteq ; odrl:rightOperand "2027-12-31"^^xsd:date ] ;
        odrl:duty [ odrl:action odrl:attribute ]
    ] ;
    odrl:prohibition [ odrl:action odrl:distribute ] .
<urn:them> rdfs:label "Them Ltd" ."""


@pytest.fixture(scope="module")
def profile(shipped_vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    text = profile_text(SHAPES, policy=POLICY)
    return read_profile(written(tmp_path_factory.mktemp("profile"), text), vocabulary=shipped_vocabulary)


def test_policy_is_told_in_words(profile: Profile) -> None:
    assert list(policy_lines(profile.policy)) == [
        "From: urn:us",
        "To: Them Ltd (urn:them)",
        "What for: planning",
        "When: until 2027-12-31",
        "May: use",
        "Must not: distribute",
        "Must: attribute",
        "Where: spatial is Europe",
    ]


def test_classes_are_told_in_words(profile: Profile, shipped_vocabulary: Vocabulary) -> None:
    rule, terms = profile.classes[JOB], Terms(shipped_vocabulary)
    assert class_words(rule, terms).endswith(
        "only depends on, label, rolls up job; masked: label (its first 3 characters)"
    )
    assert condition_words(profile, rule, terms) == ["node named things"]
    assert "Graphs: asserted" in list(form_lines(profile))


def test_what_leaves_and_what_stays_adds_up(profile: Profile, shipped_vocabulary: Vocabulary) -> None:
    first, second, persona = (NamedNode(f"{BASE}{name}") for name in ("job/1", "job/2", "persona/1"))
    graph = NamedNode(NAMES.asserted)
    quads = [
        Quad(first, NamedNode(TYPE), NamedNode(JOB), graph),
        Quad(first, NamedNode(LABEL), Literal("Plan the launch"), graph),
        Quad(first, NamedNode(JG + "dependsOn"), second, graph),
        Quad(first, NamedNode(JG + "situation"), Literal("Often"), graph),
        Quad(second, NamedNode(TYPE), NamedNode(JOB), graph),
        Quad(persona, NamedNode(TYPE), NamedNode(PERSONA), graph),
        Quad(persona, NamedNode(LABEL), Literal("Ann"), graph),
    ]
    options = {"vocabulary": shipped_vocabulary, "now": date(2026, 11, 22)}
    report = report_on(store_of(quads), generation(), profile, **options)  # type: ignore[arg-type]
    assert report.counts.things == {JOB: 1}
    assert report.counts.properties == {TYPE: 1, LABEL: 1}
    assert report.counts.masked == {LABEL: 1}
    assert report.counts.links_left_out == {JG + "dependsOn": 1}
    assert report.staying_classes == {JOB: 1, PERSONA: 1}
    assert report.staying_properties == {TYPE: 2, LABEL: 1, JG + "dependsOn": 1, JG + "situation": 1}
    assert report.counts.triples + sum(report.staying_properties.values()) == len(quads)
    told = json.loads(json.dumps(to_json(profile, Terms(shipped_vocabulary), report)))
    assert told["tenant"]["leaving"]["triples"] == 2
    assert told["policy"]["valid_until"] == "2027-12-31"
    assert told["classes"][0]["properties"][LABEL] == "its first 3 characters"
