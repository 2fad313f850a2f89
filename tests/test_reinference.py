"""Inference after a change: the same triples and counts as an inference from the start."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple, parse

from jobgraph.inference import infer
from jobgraph.reinference import FollowedRule, infer_changes
from jobgraph.store.following import Delta
from jobgraph.vocabulary import JG, RDF, XSD, Vocabulary

RULES = Vocabulary().rule_files()
FOLLOWED = [FollowedRule.read(path) for path in RULES]
ASSERTED, SHARED, ONTOLOGY, INFERRED = (NamedNode(f"urn:graph:{n}") for n in ("asserted", "shared", "ontology", "new"))
READS = (ASSERTED, SHARED, ONTOLOGY)
THINGS = [NamedNode(f"https://example.org/id/{kind}/{n}") for kind in ("persona", "job", "role") for n in range(4)]
CLASSES = [NamedNode(JG + name) for name in ("Persona", "Job", "Role")]
LEVELS = [NamedNode(f"{JG}maturity-level/{name}") for name in ("advanced", "expert")]
NUMBERS = [Literal(text, datatype=NamedNode(XSD + "decimal")) for text in ("0.5", "1", "8.2", "11")]
FLAGS = [Literal(value) for value in (True, False)]


def in_graph(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


@cache
def ontology() -> list[Quad]:
    """What rules read of the ontology."""
    properties = {p for rule in FOLLOWED for pattern in rule.patterns for p in pattern.properties}
    files = Vocabulary().ontology_files()
    quads = (quad for path in files for quad in parse(path=str(path)))
    return [in_graph(quad.triple, ONTOLOGY) for quad in quads if quad.predicate in properties]


@cache
def properties() -> list[NamedNode]:
    """What rules read of data, in a fixed order."""
    found = {p for rule in FOLLOWED for pattern in rule.patterns for p in pattern.properties}
    return sorted(found - {quad.predicate for quad in ontology() if quad.predicate.value != RDF + "type"}, key=str)


def some_quads(chance: random.Random, count: int) -> set[Quad]:
    found = set()
    for _ in range(count):
        property_ = chance.choice(properties())
        objects: Sequence[NamedNode | Literal] = CLASSES
        if property_.value != RDF + "type":
            objects = chance.choices((THINGS, LEVELS, NUMBERS, FLAGS), (8, 1, 2, 1))[0]
        obj = chance.choice(objects)
        found.add(Quad(chance.choice(THINGS), property_, obj, chance.choice([ASSERTED, ASSERTED, SHARED])))
    return found


@pytest.mark.parametrize("rule", FOLLOWED, ids=lambda rule: rule.rule.name)
def test_patterns_of_every_rule_are_understood(rule: FollowedRule) -> None:
    assert rule.patterns


@given(seed=st.integers(0, 2**32), much=st.sampled_from([0, 100]))
def test_change_infers_what_a_new_inference_does(seed: int, much: int) -> None:
    chance = random.Random(seed)
    store = Store()
    store.extend(ontology())
    store.extend(some_quads(chance, 120))
    before = infer(store, rules=RULES, reads=READS, writes=INFERRED)
    stated = [quad for quad in store if quad.graph_name in (ASSERTED, SHARED)]
    stated_anew = chance.sample(list(store.quads_for_pattern(None, None, None, INFERRED)), 1)
    removed = set(chance.sample(stated, chance.randrange(6)))
    added = {q for q in some_quads(chance, 5) if q not in store} | {in_graph(q.triple, ASSERTED) for q in stated_anew}
    for quad in removed:
        store.remove(quad)
    store.extend(added)
    delta = Delta(added=added, removed=removed)
    with patch("jobgraph.reinference._MUCH", much):  # beyond it, the ends of what stands are told, too
        counts = infer_changes(store, rules=FOLLOWED, reads=READS, writes=INFERRED, delta=delta, before=before)
    found = set(store.quads_for_pattern(None, None, None, INFERRED))
    store.clear_graph(INFERRED)
    assert counts == infer(store, rules=RULES, reads=READS, writes=INFERRED)
    assert found == set(store.quads_for_pattern(None, None, None, INFERRED))
